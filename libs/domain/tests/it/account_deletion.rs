//! Accounts that go, with all their work.

use domain::accounts::{self, Changes};
use domain::{Ctx, Error, tenants};
use entity::Id;
use serde_json::json;
use testkit::{ALPHA, App, BETA, PASSWORD, ROOT, TESTER};

use crate::texts;

async fn account(app: &App, name: &str) -> Id {
    let found = accounts::find(app.domain(), name).await.unwrap();
    found.unwrap().id
}

async fn begin(app: &App, tenant: &str) -> Ctx {
    app.request(tenant, ROOT).await.begin().await.unwrap()
}

async fn refusal(app: &App, name: &str) -> String {
    let who = account(app, name).await;
    let told = accounts::impact(app.domain(), who).await.unwrap_err();
    let refused = accounts::delete(app.domain(), who).await.unwrap_err();
    assert_eq!(told.to_string(), refused.to_string());
    assert!(
        accounts::by_id(app.domain(), who).await.unwrap().is_active,
        "{name} is as before"
    );
    refused.to_string()
}

/// What is left of the work in a tenant.
async fn left(app: &App, tenant: &str) -> Vec<String> {
    let mut ctx = begin(app, tenant).await;
    texts(
        &mut ctx,
        "SELECT concat('case ', summary) FROM test_case
         UNION ALL SELECT concat('run ', count(*)) FROM test_run
         UNION ALL SELECT concat('executions ', count(*)) FROM test_execution
         UNION ALL SELECT concat('files ', count(*)) FROM attachment
         UNION ALL SELECT concat('comment of ', COALESCE(user_id, 0)) FROM comment
         UNION ALL SELECT concat('member ', username) FROM member
         ORDER BY 1",
    )
    .await
}

#[tokio::test]
async fn an_account_goes_from_every_tenant_with_its_work_and_nobody_elses() {
    let app = App::start().await;
    let who = account(&app, TESTER).await;
    for tenant in [ALPHA, BETA] {
        let work = app.work(tenant).await;
        let mut tester = app.client(tenant).log_in(TESTER).await;
        let mut root = app.client(tenant).log_in(ROOT).await;
        let case = json!([{"summary": "Own case", "text": "", "category": work.category,
            "priority": work.priority, "case_status": work.confirmed}]);
        tester.call("TestCase.create", case).await.unwrap();
        let comment = json!([work.cases[0], "a word"]);
        tester.call("TestCase.add_comment", comment).await.unwrap();
        let file = json!([work.plan, "a.txt", "eA=="]);
        tester.call("TestPlan.add_attachment", file).await.unwrap();
        let cc = json!([work.run, TESTER]);
        root.call("TestRun.add_cc", cc).await.unwrap();
        if tenant == ALPHA {
            let assigned = json!([work.executions[0], {"assignee": who}]);
            root.call("TestExecution.update", assigned).await.unwrap();
        }
    }
    assert_eq!(app.files(ALPHA).await.len(), 1);
    let told = accounts::impact(app.domain(), who).await.unwrap();
    let places: Vec<&str> = told.iter().map(|place| place.tenant.as_str()).collect();
    assert_eq!(places, ["public", ALPHA, BETA]);
    assert_eq!(told[0].counts, [("auth.User", 1)]);
    assert_eq!(
        told[1].counts,
        [
            ("auth.User", 1),
            ("testcases.TestCase", 1),
            ("testcases.TestCaseEmailSettings", 1),
            ("testruns.TestExecution", 1),
            ("testruns.TestRunCC", 1),
            ("attachments.Attachment", 1),
        ]
    );

    let gone = accounts::delete(app.domain(), who).await.unwrap();
    assert_eq!(gone.username, TESTER);

    let work = [
        "case First case",
        "case Second case",
        "case Third case",
        "comment of 0",
    ];
    let members = [
        "member AnonymousUser",
        "member root-user",
        "member stranger-user",
    ];
    let rest = |executions: &'static str| -> Vec<&str> {
        let numbers = [executions, "files 0"];
        [&work[..], &numbers, &members, &["run 1"]].concat()
    };
    assert_eq!(left(&app, ALPHA).await, rest("executions 2"));
    assert_eq!(left(&app, BETA).await, rest("executions 3"));
    app.work_off().await;
    assert_eq!(app.files(ALPHA).await, [0; 0]);
    let mut ctx = begin(&app, ALPHA).await;
    let last = texts(
        &mut ctx,
        "SELECT concat(kind, ' ', row ->> 'summary') FROM history
         WHERE type = '-' AND kind = 'testcase'",
    )
    .await;
    assert_eq!(last, ["testcase Own case"]);
    let mut visitor = app.client(ALPHA);
    let refused = visitor.call("Auth.login", json!([TESTER, PASSWORD])).await;
    refused.expect_err("there is no such account");
    let none = accounts::by_id(app.domain(), who).await.unwrap_err();
    assert!(matches!(none, Error::NotFound { .. }), "{none}");
    assert_eq!(
        app.on_platform("DELETE FROM platform.job WHERE kind = 'delete_account'")
            .await,
        0
    );
}

#[tokio::test]
async fn who_is_needed_cannot_be_deleted() {
    let app = App::start().await;
    let last = "This is the last superuser, it cannot be deleted!";
    assert_eq!(refusal(&app, ROOT).await, last);
    let who = account(&app, TESTER).await;
    let changes = Changes {
        is_superuser: Some(true),
        ..Changes::default()
    };
    accounts::update(app.domain(), who, changes).await.unwrap();
    assert_eq!(
        refusal(&app, ROOT).await,
        "root-user owns alpha, beta; give them another owner or delete them first"
    );
    let visitor = accounts::by_id(app.domain(), tenants::ANONYMOUS).await;
    let name = visitor.unwrap().username;
    assert_eq!(
        refusal(&app, &name).await,
        "AnonymousUser stands for visitors, it cannot be deleted"
    );
    accounts::delete(app.domain(), who).await.unwrap();
}

#[tokio::test]
async fn a_deletion_that_was_interrupted_is_completed() {
    let app = App::start().await;
    let who = account(&app, TESTER).await;
    let stop = "CREATE FUNCTION beta.stop() RETURNS trigger LANGUAGE plpgsql
                AS $$ BEGIN RAISE 'not now'; END $$";
    app.on_platform(stop).await;
    app.on_platform(
        "CREATE TRIGGER stop BEFORE DELETE ON beta.member
         FOR EACH ROW EXECUTE FUNCTION beta.stop()",
    )
    .await;
    accounts::delete(app.domain(), who).await.unwrap_err();
    // nothing can be done with it any more, and the rest is noted
    let half = accounts::by_id(app.domain(), who).await.unwrap();
    assert!(!half.is_active);
    let mut visitor = app.client(BETA);
    let refused = visitor.call("Auth.login", json!([TESTER, PASSWORD])).await;
    refused.expect_err("it is gone for everybody");
    app.on_platform("DROP TRIGGER stop ON beta.member").await;
    app.on_platform("UPDATE platform.job SET run_at = now()")
        .await;
    app.work_off().await;
    accounts::by_id(app.domain(), who).await.unwrap_err();
    let members = [
        "member AnonymousUser",
        "member root-user",
        "member stranger-user",
    ];
    let mut found = left(&app, BETA).await;
    found.retain(|line| line.starts_with("member"));
    assert_eq!(found, members);
    // a second run of the same job finds nothing to do
    let again = json!({ "account": who });
    accounts::run_deletion(app.domain(), again).await.unwrap();
}
