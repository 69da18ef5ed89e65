//! What changes leave behind, and what they may not take away.

use chrono::Utc;
use domain::test_case::TestCase;
use domain::test_case_status::TestCaseStatus;
use domain::test_execution_status::TestExecutionStatus;
use domain::{Ctx, Error, history, status};
use entity::{Id, Map};
use futures_util::future::join;
use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, TESTER};

use crate::transactions::request;

async fn ctx(app: &App) -> Ctx {
    request(app).await.begin().await.expect("a transaction")
}

async fn count(client: &mut Client, method: &str, params: Value) -> usize {
    let rows = client.call(method, params).await.expect(method);
    rows.as_array().expect("a list").len()
}

#[tokio::test]
async fn a_row_can_be_read_as_it_was_at_any_moment() {
    let app = App::start().await;
    let before = domain::now();
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let created = domain::now();
    let changed = json!([work.cases[0], {"summary": "second", "setup_duration": "0:01:30"}]);
    tester
        .call("TestCase.update", changed)
        .await
        .expect("changed");
    let updated = domain::now();
    tester
        .call("TestCase.remove", json!([{"pk": work.cases[0]}]))
        .await
        .expect("removed");

    let id = Id::try_from(work.cases[0]).expect("an id");
    let mut ctx = ctx(&app).await;
    let mut summary = async |at: chrono::DateTime<Utc>| {
        let case = history::as_of::<TestCase>(&mut ctx, id, at)
            .await
            .expect("history");
        case.map(|case| {
            (
                case.summary,
                case.setup_duration.map(|span| span.to_string()),
            )
        })
    };
    assert_eq!(summary(before).await, None);
    assert_eq!(
        summary(created).await,
        Some(("First case".to_owned(), None))
    );
    let second = ("second".to_owned(), Some("0:01:30".to_owned()));
    assert_eq!(summary(updated).await, Some(second));
    assert_eq!(summary(domain::now()).await, None);
}

#[tokio::test]
async fn two_plans_cannot_become_parents_of_each_other() {
    let app = App::start().await;
    let tester = app.client(ALPHA).log_in(TESTER).await;
    for _ in 0..2 {
        let (one, other) = (app.work(ALPHA).await.plan, app.work(ALPHA).await.plan);
        let adopt = async |plan: i64, parent: i64| {
            let mut client = tester.clone();
            client
                .call("TestPlan.update", json!([plan, {"parent": parent}]))
                .await
        };
        let (first, second) = join(adopt(one, other), adopt(other, one)).await;
        let refused = first.and(second).expect_err("one of them is too late");
        assert_eq!(
            refused.message,
            "Internal error: [('__all__', ['A node cannot be made a descendant of itself.'])]"
        );
    }
}

#[tokio::test]
async fn a_status_of_each_kind_remains() {
    let app = App::start().await;
    app.work(ALPHA).await;
    let refusal = |outcome: Result<(), Error>| outcome.expect_err("refused").to_string();
    let ids = async |sql: &'static str| -> Vec<Id> {
        let mut ctx = ctx(&app).await;
        sqlx::query_scalar(sql)
            .fetch_all(ctx.conn())
            .await
            .expect("ids")
    };
    let kinds = "1 confirmed & 1 uncomfirmed status required!";
    let unconfirmed =
        ids("SELECT id FROM test_case_status WHERE NOT is_confirmed ORDER BY id").await;
    let outcome = status::delete::<TestCaseStatus>(&mut ctx(&app).await, &unconfirmed).await;
    assert_eq!(refusal(outcome), kinds);
    let confirmed = ids("SELECT id FROM test_case_status WHERE is_confirmed").await;
    let outcome = status::delete::<TestCaseStatus>(&mut ctx(&app).await, &confirmed).await;
    assert_eq!(
        refusal(outcome),
        "test case status CONFIRMED is in use by 3 cases"
    );
    let values = Map::from_iter([("is_confirmed".into(), false.into())]);
    let outcome =
        status::update::<TestCaseStatus>(&mut ctx(&app).await, confirmed[0], &values).await;
    assert_eq!(refusal(outcome.map(|_| ())), kinds);
    let mut fine = ctx(&app).await;
    status::delete::<TestCaseStatus>(&mut fine, &unconfirmed[1..])
        .await
        .expect("one remains");

    let kinds = "1 negative, 1 neutral & 1 positive status required!";
    for sql in [
        "SELECT id FROM test_execution_status WHERE weight > 0",
        "SELECT id FROM test_execution_status WHERE weight < 0",
    ] {
        let outcome =
            status::delete::<TestExecutionStatus>(&mut ctx(&app).await, &ids(sql).await).await;
        assert_eq!(refusal(outcome), kinds);
    }
    let idle = ids("SELECT id FROM test_execution_status WHERE name = 'IDLE'").await;
    let outcome = status::delete::<TestExecutionStatus>(&mut ctx(&app).await, &idle).await;
    assert_eq!(
        refusal(outcome),
        "test execution status IDLE is in use by 3 executions"
    );
    let mut all = ctx(&app).await;
    let neutral = ids("SELECT id FROM test_execution_status WHERE weight = 0 ORDER BY id").await;
    let values = Map::from_iter([("weight".into(), 5.into())]);
    let (last, others) = neutral.split_last().expect("some");
    for status in others {
        status::update::<TestExecutionStatus>(&mut all, *status, &values)
            .await
            .expect("others remain");
    }
    let outcome = status::update::<TestExecutionStatus>(&mut all, *last, &values).await;
    assert_eq!(refusal(outcome.map(|_| ())), kinds);
}

#[tokio::test]
async fn one_save_is_one_record_and_a_comment_is_none() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let (case, execution) = (work.cases[0], work.executions[0]);
    assert_eq!(
        count(&mut tester, "TestCase.history", json!([case])).await,
        1
    );
    for (method, id) in [
        ("TestCase.add_comment", case),
        ("TestExecution.add_comment", execution),
    ] {
        tester
            .call(method, json!([id, "looked at"]))
            .await
            .expect("a comment");
    }
    assert_eq!(
        count(&mut tester, "TestCase.history", json!([case])).await,
        1
    );
    assert_eq!(
        count(&mut tester, "TestExecution.history", json!([execution])).await,
        1
    );
    tester
        .call("TestCase.update", json!([case, {}]))
        .await
        .expect("saved");
    let records = tester
        .call("TestCase.history", json!([case]))
        .await
        .expect("records");
    assert_eq!(records[0]["history_type"], "~");
    assert_eq!(records[0]["history_change_reason"], "");
}

#[tokio::test]
async fn cases_keep_their_places_in_a_plan() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let places = async |client: &mut Client| {
        let keys = client
            .call("TestCase.sortkeys", json!([{"plan": work.plan}]))
            .await;
        let keys = keys.expect("sort keys");
        work.cases
            .iter()
            .map(|case| keys[case.to_string()].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(places(&mut tester).await, [json!(0), json!(10), json!(20)]);
    // one without a place does not count for those that come after it
    let order = json!([work.plan, work.cases[2], null]);
    tester
        .call("TestPlan.update_case_order", order)
        .await
        .expect("moved");
    let again = tester
        .call("TestPlan.add_case", json!([work.plan, work.cases[1]]))
        .await;
    assert_eq!(again.expect("kept")["sortkey"], 10);
    tester
        .call("TestPlan.remove_case", json!([work.plan, work.cases[0]]))
        .await
        .expect("removed");
    let back = tester
        .call("TestPlan.add_case", json!([work.plan, work.cases[0]]))
        .await;
    assert_eq!(back.expect("added")["sortkey"], 20);
    assert_eq!(
        places(&mut tester).await,
        [json!(20), json!(10), Value::Null]
    );
}
