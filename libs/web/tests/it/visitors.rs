//! Who reads a tenant that is open to everybody, and what stays closed there.

use domain::accounts::{self, NewAccount};
use serde_json::json;
use testkit::{ALPHA, App, BETA, Client, PASSWORD, ROOT};

/// The pages of a tenant that show what is in it.
async fn pages(app: &App, tenant: &str) -> Vec<String> {
    let work = app.work(tenant).await;
    vec![
        format!("/plan/{}/", work.plan),
        format!("/runs/{}/", work.run),
        format!("/runs/{}/?focus={}", work.run, work.executions[0]),
        format!("/ui/executions/{}/panel/", work.executions[0]),
    ]
}

#[tokio::test]
async fn sec_041_visitors_read_the_pages_of_a_public_tenant_without_a_log_in() {
    let app = App::start().await;
    app.publish(ALPHA).await;
    let (open, closed) = (pages(&app, ALPHA).await, pages(&app, BETA).await);
    for path in open {
        let page = app.client(ALPHA).get(&path).await.expect_status(200);
        assert!(page.text().contains("First case") || path.contains("/plan/"));
        assert!(!page.text().contains("name=\"comment\""), "{path}");
    }
    let plan = app.client(ALPHA).get("/plan/1/").await.text();
    assert!(
        plan.contains("/runs/1/"),
        "a visitor sees the runs of a plan"
    );
    let login = app.client(ALPHA).get("/accounts/login/").await;
    login.expect_status(200);
    for path in closed {
        let answer = app.client(BETA).get(&path).await;
        let location = answer.header("location").to_owned();
        let is_refused = answer.status == 401 || location.starts_with("/accounts/login/?next=/");
        assert!(is_refused, "{path}: {} {location}", answer.status);
    }
}

#[tokio::test]
async fn ten_002_visitors_of_a_public_tenant_change_nothing() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    app.publish(ALPHA).await;
    app.client(ALPHA).get("/").await.expect_status(302);
    let run = format!("/ui/runs/{}/results/", work.run);
    let body = json!([{"execution": work.executions[0], "status": 4}]).to_string();
    app.client(ALPHA)
        .post_script(&run, &body)
        .await
        .expect_status(401);
    let result = format!("/ui/executions/{}/result/", work.executions[0]);
    let answer = app.client(ALPHA).post(&result, &[("status", "4")]).await;
    answer.expect_status(401);
    // the remote API always needs a log-in
    let refused = app
        .client(ALPHA)
        .call("TestPlan.filter", json!([{}]))
        .await
        .expect_err("refused");
    assert_eq!(refused.code, -32098);
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let rows = root
        .call(
            "TestExecution.filter",
            json!([{"run": work.run, "status__name": "IDLE"}]),
        )
        .await;
    assert_eq!(rows.expect("rows").as_array().map(Vec::len), Some(3));
}

/// An account that no tenant knows.
async fn outsider(app: &App, tenant: &str) -> Client {
    let new = NewAccount::superuser("outsider", "out@example.com", Some(PASSWORD));
    accounts::create(app.domain(), new)
        .await
        .expect("an account");
    app.client(tenant).log_in("outsider").await
}

#[tokio::test]
async fn sec_025_ten_002_ten_003_an_account_from_elsewhere_reads_a_public_tenant_and_no_more() {
    let app = App::start().await;
    let paths = pages(&app, ALPHA).await;
    app.publish(ALPHA).await;
    let mut outsider = outsider(&app, ALPHA).await;
    for path in &paths {
        let page = outsider.get(path).await.expect_status(200);
        assert!(!page.text().contains("name=\"comment\""), "{path}");
    }
    let plans = outsider.call("TestPlan.filter", json!([{}])).await;
    assert_eq!(plans.expect("plans").as_array().map(Vec::len), Some(1));
    for (method, params) in [
        ("User.filter", json!([{}])),
        ("TestPlan.update", json!([1, {"name": "x"}])),
        ("Tag.create", json!([{"name": "x"}])),
    ] {
        let refused = outsider.call(method, params).await.expect_err(method);
        assert_eq!(refused.code, -32098, "{method}");
    }
    let mut elsewhere = outsider.on_host("beta.kiwi.test");
    elsewhere.get("/plan/1/").await.expect_status(403);
}

#[tokio::test]
async fn somebody_who_may_not_enter_can_leave() {
    let app = App::start().await;
    let mut outsider = outsider(&app, ALPHA).await;
    outsider.get("/").await.expect_status(403);
    let page = outsider.get("/").await.text();
    let token = page.split("name=\"csrf-token\" content=\"").nth(1);
    let token = token.and_then(|rest| rest.split('"').next());
    let request = http::Request::post("/accounts/logout/")
        .header("x-csrftoken", token.expect("a token"))
        .header(http::header::ORIGIN, "https://alpha.kiwi.test")
        .body(axum::body::Body::empty())
        .expect("a request");
    outsider.send(request).await.expect_status(302);
    outsider.get("/accounts/login/").await.expect_status(200);
}
