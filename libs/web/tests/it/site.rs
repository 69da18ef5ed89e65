//! The site record: under which domain links lead here.

use serde_json::json;
use testkit::{ALPHA, App, PUBLIC, ROOT, STRANGER, TESTER};

const PAGE: &str = "/admin/sites/site/1/";

#[tokio::test]
async fn seed_028_a_superuser_sees_the_site_of_the_tenant() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let page = root.get(PAGE).await.expect_status(200).text();
    assert!(
        page.contains("name=\"domain\" type=\"text\" value=\"alpha.kiwi.test\""),
        "{page}"
    );
    assert!(page.contains("Domain name"));
    root.get("/admin/sites/site/1/change/")
        .await
        .expect_status(200);
    let list = root
        .get("/admin/sites/site/")
        .await
        .expect_status(200)
        .text();
    assert!(list.contains("alpha.kiwi.test") && list.contains(PAGE));
    for path in ["/admin/sites/site/add/", "/admin/sites/site/1/delete/"] {
        let answer = root.get(path).await.expect_status(302);
        assert_eq!(answer.header("location"), PAGE);
    }
    for path in ["/admin/sites/site/2/", "/admin/sites/site/x/change/"] {
        root.get(path).await.expect_status(404);
    }

    let mut visitor = app.client(ALPHA);
    let answer = visitor.get(PAGE).await.expect_status(302);
    assert_eq!(
        answer.header("location"),
        format!("/accounts/login/?next={PAGE}")
    );
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    for answer in [
        stranger.get(PAGE).await,
        stranger.get("/admin/sites/site/").await,
        stranger
            .post(PAGE, &[("domain", "evil.example"), ("name", "x")])
            .await,
    ] {
        let page = answer.expect_status(403).text();
        assert!(
            page.contains("sites."),
            "the page names the permission: {page}"
        );
    }
    let page = root.get(PAGE).await.text();
    assert!(page.contains("alpha.kiwi.test") && !page.contains("evil.example"));
}

#[tokio::test]
async fn seed_029_the_field_takes_a_host_or_an_address() {
    let app = App::start_single().await;
    let mut root = app.client(PUBLIC).log_in(ROOT).await;
    for domain in ["tcms.example.com", "10.0.0.7:8443", "[::1]:8443"] {
        let fields = [("domain", domain), ("name", "Tests"), ("_save", "")];
        let answer = root.post(PAGE, &fields).await.expect_status(302);
        assert_eq!(answer.header("location"), format!("{PAGE}?saved"));
        let page = root.get(answer.header("location")).await.text();
        assert!(
            page.contains(&format!("value=\"{domain}\"")) && page.contains("The site was saved")
        );
    }
    for domain in ["https://x", "a b", "x/y", "", "<i>"] {
        let fields = [("domain", domain), ("name", "Tests")];
        let page = root.post(PAGE, &fields).await.expect_status(400).text();
        assert!(page.contains("aria-invalid=\"true\"") && page.contains("id=\"domain-errors\""));
        assert!(!page.contains("value=\"<i>"));
    }
    let page = root.post(PAGE, &[("domain", "x.org"), ("name", " ")]).await;
    assert!(
        page.expect_status(400)
            .text()
            .contains("id=\"name-errors\"")
    );
    assert!(
        root.get(PAGE).await.text().contains("[::1]:8443"),
        "nothing else was saved"
    );
    root.post_without_token(PAGE, "domain=x.org&name=x")
        .await
        .expect_status(403);
}

#[tokio::test]
async fn seed_026_seed_027_opa_069_links_follow_the_site_and_the_dashboard_asks_for_it() {
    let app = App::start_single().await;
    let work = app.work(PUBLIC).await;
    let mut root = app.client(PUBLIC).log_in(ROOT).await;
    let message = "Base URL is not configured!";
    let fresh = [("domain", "127.0.0.1:8000"), ("name", "localhost")];
    root.post(PAGE, &fresh).await.expect_status(302);
    let page = root.get("/").await.text();
    assert!(page.contains(message) && page.contains(PAGE), "{page}");
    let mut tester = app.client(PUBLIC).log_in(TESTER).await;
    let page = tester.get("/").await.text();
    assert!(!page.contains(message), "who cannot act is not told");

    let fields = [("domain", "tests.example.org:8444"), ("name", "Tests")];
    root.post(PAGE, &fields).await.expect_status(302);
    assert!(!root.get("/").await.text().contains(message));
    let tree = root
        .call("TestPlan.tree", json!([work.plan]))
        .await
        .expect("a plan");
    assert_eq!(
        tree[0]["url"],
        format!("https://tests.example.org:8444/plan/{}", work.plan)
    );
    let request = app.request(PUBLIC, ROOT).await;
    let stored = domain::site::domain_of(&request.domain, &request.tenant).await;
    assert_eq!(stored.expect("a domain"), "tests.example.org:8444");
}

#[tokio::test]
async fn who_administers_the_public_tenant_alone_does_not_take_host_names() {
    let app = App::start().await;
    let tenant = app.tenant(PUBLIC).await;
    let tenancy = app.domain().tenancy();
    tenancy
        .add_domain(&tenant, "public.kiwi.test", true)
        .await
        .expect("a host name");
    let request = app.request(PUBLIC, TESTER).await;
    let id = request.caller.id().expect("an account");
    let permissions = [domain::site::CHANGE.to_owned()];
    domain::accounts::grant(app.domain(), id, &permissions)
        .await
        .expect("the permission");
    let mut administrator = app.client(PUBLIC).log_in(TESTER).await;
    let fields = [("domain", "gamma.kiwi.test"), ("name", "Tests")];
    let page = administrator
        .post(PAGE, &fields)
        .await
        .expect_status(400)
        .text();
    assert!(
        page.contains("gamma.kiwi.test does not lead here yet."),
        "{page}"
    );

    let mut root = app.client(PUBLIC).log_in(ROOT).await;
    let fields = [("domain", "alpha.kiwi.test"), ("name", "Tests")];
    let page = root.post(PAGE, &fields).await.expect_status(400).text();
    assert!(page.contains("already in use"), "{page}");
    let fields = [("domain", "tests.example.org"), ("name", "Tests")];
    root.post(PAGE, &fields).await.expect_status(302);
    app.visitor("tests.example.org")
        .get("/accounts/login/")
        .await
        .expect_status(200);
    administrator.post(PAGE, &fields).await.expect_status(302);
}
