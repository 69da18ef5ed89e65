//! Many rows in one call: the rules of single calls, all or nothing.

use std::time::Instant;

use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, ROOT, STRANGER, TESTER, Work};

const CHOICE: &str = "Select a valid choice. That choice is not one of the available choices.";

async fn status(client: &mut Client, name: &str) -> Value {
    let rows = client
        .call("TestExecutionStatus.filter", json!([{"name": name}]))
        .await;
    rows.expect("statuses")[0]["id"].clone()
}

async fn rows(client: &mut Client, method: &str, ids: &[i64]) -> Vec<Value> {
    let rows = client
        .call(method, json!([{"id__in": ids}]))
        .await
        .expect("rows");
    rows.as_array().expect("a list").clone()
}

fn case(work: &Work, summary: &str) -> Value {
    json!({
        "summary": summary, "category": work.category, "priority": work.priority,
        "case_status": work.confirmed,
    })
}

#[tokio::test]
async fn executions_change_together_by_the_rules_of_single_changes() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let passed = status(&mut tester, "PASSED").await;
    let build = json!([{"version": work.version, "name": "b2"}]);
    let build = tester.call("Build.create", build).await.expect("a build")["id"].clone();
    let run = json!([work.run, {"build": build}]);
    tester.call("TestRun.update", run).await.expect("a run");
    let changed = json!([work.cases[1], {"text": "newer"}]);
    tester
        .call("TestCase.update", changed)
        .await
        .expect("a case");
    let [first, second, third] = work.executions[..] else {
        panic!("three executions")
    };
    let values = json!([
        {"id": third, "status": passed, "stop_date": "2026-01-05 10:00:00"},
        {"id": first, "assignee": STRANGER},
        {"id": second.to_string(), "status": passed, "tested_by": STRANGER, "build": work.build,
         "case_text_version": "latest"},
    ]);
    let answer = tester
        .call("TestExecution.update_many", json!([values]))
        .await;
    assert_eq!(answer, Ok(json!([third, first, second])));

    let now = rows(&mut tester, "TestExecution.filter", &work.executions).await;
    let shown = |row: &Value| {
        json!([
            row["status__name"],
            row["tested_by__username"],
            row["assignee__username"],
            row["build__name"],
            row["stop_date"]
        ])
    };
    assert_eq!(shown(&now[0]), json!(["IDLE", null, STRANGER, "b1", null]));
    assert_eq!(
        shown(&now[1]),
        json!(["PASSED", STRANGER, ROOT, "b1", null])
    );
    assert_eq!(
        shown(&now[2]),
        json!(["PASSED", TESTER, ROOT, "b2", "2026-01-05T10:00:00"])
    );
    let versions = tester
        .call("TestCase.history", json!([work.cases[1]]))
        .await
        .expect("history");
    assert_eq!(now[1]["case_text_version"], versions[0]["history_id"]);
    let history = tester
        .call("TestExecution.history", json!([first]))
        .await
        .expect("history");
    assert_eq!(history.as_array().map(Vec::len), Some(2));
    assert_eq!(history[0]["history_user__username"], TESTER);
    let reason = history[0]["history_change_reason"]
        .as_str()
        .expect("a reason");
    assert!(
        reason.starts_with("--- assignee_id\n+++ assignee_id\n@@ -1 +1 @@\n-"),
        "{reason}"
    );
}

#[tokio::test]
async fn one_bad_row_keeps_all_from_being_written_and_every_bad_row_is_named() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let passed = status(&mut tester, "PASSED").await;
    let before = rows(&mut tester, "TestExecution.filter", &work.executions).await;
    let [first, second, _] = work.executions[..] else {
        panic!("three executions")
    };
    let values = json!([
        {"id": first, "status": passed},
        {"id": 99_999_999, "status": passed},
        {"id": second, "status": 99_999_999, "assignee": "nobody"},
        {"id": first, "status": passed},
    ]);
    let refused = tester
        .call("TestExecution.update_many", json!([values]))
        .await;
    assert_eq!(
        refused.expect_err("refused").message,
        format!(
            "Internal error: [(1, [('id', ['TestExecution matching query does not exist.'])]), \
             (2, [('assignee', ['Unknown user: \"nobody\"']), ('status', ['{CHOICE}'])]), \
             (3, [('id', ['This row is changed twice.'])])]"
        )
    );
    assert_eq!(
        rows(&mut tester, "TestExecution.filter", &work.executions).await,
        before
    );
    for (values, text) in [
        (
            json!({}),
            "Invalid parameters: values must be a list, not dict",
        ),
        (
            json!([{"id": first}, 5]),
            "Internal error: [(1, [('__all__', ['values must be a mapping, not int'])])]",
        ),
        (
            json!([{"status": passed}, {"id": "x"}]),
            "Internal error: [(0, [('id', ['This field is required.'])]), \
             (1, [('id', [\"Field 'id' expected a number but got 'x'.\"])])]",
        ),
    ] {
        let refused = tester
            .call("TestExecution.update_many", json!([values]))
            .await;
        assert_eq!(refused.expect_err("refused").message, text);
    }
    let many: Vec<Value> = vec![json!({"id": 1}); 10_001];
    let refused = tester
        .call("TestExecution.update_many", json!([many]))
        .await;
    assert_eq!(
        refused.expect_err("refused").message,
        "Internal error: 10001 rows in one call, more than 10000"
    );
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    for method in [
        "TestExecution.update_many",
        "TestCase.update_many",
        "TestCase.create_many",
    ] {
        let refused = stranger.call(method, json!([[]])).await;
        assert_eq!(refused.expect_err("no right").code, -32098, "{method}");
        assert_eq!(tester.call(method, json!([[]])).await, Ok(json!([])));
    }
}

#[tokio::test]
async fn cases_are_made_changed_and_put_into_a_run_in_numbers() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let values: Vec<Value> = (0..1000)
        .map(|n| case(&work, &format!("Case {n}")))
        .collect();
    let start = Instant::now();
    let made = tester
        .call("TestCase.create_many", json!([values]))
        .await
        .expect("cases");
    let ids: Vec<i64> = made
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    assert_eq!(ids.len(), 1000);
    let shown = rows(&mut tester, "TestCase.filter", &[ids[0], ids[999]]).await;
    assert_eq!(shown[1]["summary"], "Case 999");
    assert_eq!(shown[1]["author__username"], TESTER);
    let history = tester
        .call("TestCase.history", json!([ids[999]]))
        .await
        .expect("history");
    assert_eq!(history[0]["history_type"], "+");

    let changes: Vec<Value> = ids
        .iter()
        .map(|id| json!({"id": id, "reviewer": STRANGER}))
        .collect();
    let answer = tester.call("TestCase.update_many", json!([changes])).await;
    assert_eq!(answer, Ok(made.clone()));
    let query = json!([{"id__in": ids, "reviewer__username": STRANGER}]);
    let reviewed = tester.call("TestCase.filter", query).await.expect("cases");
    assert_eq!(reviewed.as_array().map(Vec::len), Some(1000));

    let added = tester
        .call("TestRun.add_cases", json!([work.run, ids]))
        .await
        .expect("executions");
    let added = added.as_array().expect("a list");
    let places: Vec<i64> = added
        .iter()
        .filter_map(|row| row["sortkey"].as_i64())
        .collect();
    assert_eq!(places, (4..1004).map(|n| n * 10).collect::<Vec<_>>());
    let passed = status(&mut tester, "PASSED").await;
    let changes: Vec<Value> = added
        .iter()
        .map(|row| json!({"id": row["id"], "status": passed}))
        .collect();
    tester
        .call("TestExecution.update_many", json!([changes]))
        .await
        .expect("changed");
    let query = json!([{"run": work.run, "status": passed}]);
    let done = tester
        .call("TestExecution.filter", query)
        .await
        .expect("executions");
    assert_eq!(done.as_array().map(Vec::len), Some(1000));
    // far more than it takes, far less than a statement per row would
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[tokio::test]
async fn cases_join_a_run_together_with_the_rules_of_one() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let values = json!([
        case(&work, "plain"),
        case(&work, "with values"),
        case(&work, "unready")
    ]);
    let made = tester
        .call("TestCase.create_many", json!([values]))
        .await
        .expect("cases");
    for value in ["ff", "chrome"] {
        let property = json!([made[1], "browser", value]);
        tester
            .call("TestCase.add_property", property)
            .await
            .expect("a property");
    }
    let proposed = tester
        .call("TestCaseStatus.filter", json!([{"is_confirmed": false}]))
        .await;
    let proposed = proposed.expect("statuses")[0]["id"].clone();
    let changes = json!([{"id": made[2], "case_status": proposed}]);
    tester
        .call("TestCase.update_many", json!([changes]))
        .await
        .expect("changed");

    let cases = json!([made[0], made[2], 99_999_999, work.cases[0]]);
    let refused = tester
        .call("TestRun.add_cases", json!([work.run, cases]))
        .await;
    assert_eq!(
        refused.expect_err("refused").message,
        format!(
            "Internal error: [(1, [('case', ['TC-{} status is not confirmed'])]), \
             (2, [('case', ['TestCase matching query does not exist.'])])]",
            made[2]
        )
    );
    let query = json!([{"run": work.run}]);
    let before = tester
        .call("TestExecution.filter", query.clone())
        .await
        .expect("executions");
    assert_eq!(before.as_array().map(Vec::len), Some(3));

    let cases = json!([made[1], work.cases[0], made[0], made[1]]);
    let added = tester
        .call("TestRun.add_cases", json!([work.run, cases]))
        .await
        .expect("added");
    let shown: Vec<Value> = added
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| json!([row["case"], row["sortkey"], row["properties"]]))
        .collect();
    assert_eq!(
        shown,
        [
            json!([made[1], 40, [{"name": "browser", "value": "chrome"}]]),
            json!([made[1], 40, [{"name": "browser", "value": "ff"}]]),
            json!([work.cases[0], 10, []]),
            json!([made[0], 50, []]),
        ]
    );
    let again = tester
        .call("TestRun.add_cases", json!([work.run, cases]))
        .await;
    assert_eq!(again, Ok(added));
    let unknown = tester.call("TestRun.add_cases", json!([0, []])).await;
    assert_eq!(
        unknown.expect_err("no run").message,
        "Internal error: TestRun matching query does not exist."
    );
}

#[tokio::test]
async fn a_case_is_not_executed_in_countless_combinations() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let made = tester
        .call("TestCase.create_many", json!([[case(&work, "wide")]]))
        .await;
    let made = made.expect("a case")[0].clone();
    for name in 0..10 {
        for value in 0..2 {
            let property = json!([made, format!("name {name}"), format!("value {value}")]);
            tester
                .call("TestCase.add_property", property)
                .await
                .expect("a property");
        }
    }
    let refused = tester
        .call("TestRun.add_case", json!([work.run, made]))
        .await;
    assert_eq!(
        refused.expect_err("too many").message,
        format!("Internal error: TC-{made} has 1024 combinations of properties, more than 1000")
    );
}
