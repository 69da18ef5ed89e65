//! The page of a person.

use domain::accounts::{self, NewAccount};
use domain::tenants;
use serde_json::json;
use testkit::{ALPHA, App, BETA, PASSWORD, ROOT, STRANGER, TESTER};

async fn id(app: &App, username: &str) -> i32 {
    let account = accounts::find(app.domain(), username).await;
    account.expect("accounts").expect("an account").id
}

#[tokio::test]
async fn people_see_what_somebody_works_on_and_only_some_see_addresses() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let root_id = id(&app, ROOT).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for (execution, status) in [(work.executions[0], 4), (work.executions[1], 1)] {
        let values = json!([execution, {"status": status, "assignee": root_id,
            "tested_by": root_id}]);
        root.call("TestExecution.update", values)
            .await
            .expect("updated");
    }
    let path = format!("/accounts/{root_id}/profile/");
    let mut visitor = app.client(ALPHA);
    let answer = visitor.get(&path).await.expect_status(302);
    assert_eq!(
        answer.header("location"),
        format!("/accounts/login/?next={path}")
    );

    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let page = tester.get(&path).await.expect_status(200).text();
    for shown in [
        ROOT,
        "Administrator",
        &format!("href=\"/runs/{}/\"", work.run),
        &format!("href=\"/plan/{}/\"", work.plan),
        &format!("href=\"/runs/{}/?focus={}\"", work.run, work.executions[0]),
        &format!("href=\"/runs/{}/?focus={}\"", work.run, work.executions[1]),
        "First case",
    ] {
        assert!(page.contains(shown), "{shown} is missing in {page}");
    }
    assert!(!page.contains("root@example.com"), "{page}");
    // one's own, and that of others with the right to see people
    let own = format!("/accounts/{}/profile/", id(&app, TESTER).await);
    let page = tester.get(&own).await.text();
    assert!(page.contains("tester-user@example.com") && page.contains("/admin/password_change/"));
    let page = root.get(&own).await.text();
    assert!(page.contains("tester-user@example.com"));
    // without rights there is a name, and nothing of the work
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    let page = stranger.get(&path).await.expect_status(200).text();
    assert!(page.contains(ROOT) && !page.contains("First case") && !page.contains("/runs/"));
    for missing in ["0", "999999", "x", "-1"] {
        let path = format!("/accounts/{missing}/profile/");
        tester.get(&path).await.expect_status(404);
    }
}

#[tokio::test]
async fn sec_005_ten_003_profiles_are_those_of_the_tenant() {
    let app = App::start().await;
    let new = NewAccount::user(app.domain(), "foreigner", "f@example.com", Some(PASSWORD));
    let foreigner = accounts::create(app.domain(), new)
        .await
        .expect("an account");
    let beta = app.tenant(BETA).await;
    tenants::add_member(app.domain(), &beta, foreigner.id)
        .await
        .expect("a member");
    let path = format!("/accounts/{}/profile/", foreigner.id);
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    root.get(&path).await.expect_status(404);
    let work = app.work(BETA).await;
    let mut there = app.client(BETA).log_in(ROOT).await;
    there.get(&path).await.expect_status(200);

    // what somebody does elsewhere does not show
    let mine = format!("/accounts/{}/profile/", id(&app, ROOT).await);
    let run = format!("/runs/{}/", work.run);
    assert!(there.get(&mine).await.text().contains(&run));
    assert!(!root.get(&mine).await.text().contains(&run));

    // who may read a tenant that is open to everybody does not see its people
    app.publish(ALPHA).await;
    let mut outsider = app.client(ALPHA).log_in("foreigner").await;
    outsider.get("/plan/1/").await.expect_status(404);
    let page = outsider.get(&mine).await.expect_status(403).text();
    assert!(page.contains("auth.view_user"), "{page}");

    // who has left keeps a name
    tenants::remove_member(app.domain(), &beta, foreigner.id)
        .await
        .expect("removed");
    let page = there.get(&path).await.expect_status(200).text();
    assert!(page.contains("No longer in this tenant") && !page.contains("f@example.com"));
}
