//! Many clients at once, many calls at once, and much text.

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{ALPHA, App, ROOT, TESTER};

const CLIENTS: usize = 16;

#[tokio::test]
async fn clients_that_change_the_same_run_lose_nothing() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let tester = app.client(ALPHA).log_in(TESTER).await;
    let statuses = root
        .call("TestExecutionStatus.filter", json!([{}]))
        .await
        .expect("statuses");
    let statuses: Vec<Value> = statuses
        .as_array()
        .expect("a list")
        .iter()
        .map(|row| row["id"].clone())
        .collect();
    let values = json!([{
        "summary": "late", "category": work.category, "priority": work.priority,
        "case_status": work.confirmed,
    }]);
    let late = root.call("TestCase.create", values).await.expect("a case")["id"].clone();

    let calls = (0..CLIENTS).map(|n| {
        let (mut client, work, late) = (tester.clone(), work.clone(), late.clone());
        let status = statuses[n % statuses.len()].clone();
        async move {
            // every second client asks for the rows the other way round
            let mut executions = work.executions.clone();
            if n % 2 == 1 {
                executions.reverse();
            }
            let changes: Vec<Value> = executions
                .iter()
                .map(|id| json!({"id": id, "status": status}))
                .collect();
            let calls = [
                ("TestExecution.update_many", json!([changes])),
                ("TestRun.add_tag", json!([work.run, "the same new tag"])),
                ("TestRun.add_case", json!([work.run, late])),
                ("TestRun.add_property", json!([work.run, "name", "value"])),
                (
                    "TestRun.update",
                    json!([work.run, {"notes": format!("note {n}")}]),
                ),
                ("TestRun.add_tag", json!([work.run, format!("tag {n}")])),
            ];
            for (method, params) in calls {
                let answer = client.call(method, params).await;
                answer.unwrap_or_else(|fault| panic!("{method} of client {n}: {fault:?}"));
            }
        }
    });
    join_all(calls).await;

    let run = json!([{"run": work.run}]);
    let tags = root.call("Tag.filter", run.clone()).await.expect("tags");
    assert_eq!(tags.as_array().map(Vec::len), Some(CLIENTS + 1), "{tags}");
    let properties = root
        .call("TestRun.properties", run.clone())
        .await
        .expect("properties");
    assert_eq!(properties.as_array().map(Vec::len), Some(1), "{properties}");
    let query = json!([{"run": work.run, "case": late}]);
    let added = root
        .call("TestExecution.filter", query)
        .await
        .expect("executions");
    assert_eq!(added.as_array().map(Vec::len), Some(1), "{added}");
    for execution in &work.executions {
        let now = root
            .call("TestExecution.filter", json!([{"id": execution}]))
            .await;
        let now = now.expect("an execution")[0]["status"].clone();
        let history = root.call("TestExecution.history", json!([execution])).await;
        let history = history.expect("history");
        let mut records = history.as_array().expect("a list").clone();
        records.reverse();
        assert_eq!(records.len(), CLIENTS + 1, "a record for each change");
        // each record goes on where the one before it ended
        let mut status = json!(1).to_string();
        for record in &records[1..] {
            let reason = record["history_change_reason"].as_str().expect("a reason");
            let Some((_, diff)) = reason.split_once("+++ status_id\n@@ -1 +1 @@\n-") else {
                continue;
            };
            let mut lines = diff.lines();
            assert_eq!(lines.next(), Some(status.as_str()), "{reason}");
            status = lines
                .next()
                .expect("a new status")
                .trim_start_matches('+')
                .to_owned();
        }
        assert_eq!(status, now.to_string());
    }
}

#[tokio::test]
async fn a_batch_holds_a_thousand_calls_and_no_more() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let calls = |count: usize| -> String {
        let call = |id| json!({"jsonrpc": "2.0", "id": id, "method": "Priority.filter", "params": [{"id": 1}]});
        Value::Array((0..count).map(call).collect()).to_string()
    };
    let answers = tester
        .post_json(&calls(1000))
        .await
        .expect_status(200)
        .json();
    let answers = answers.as_array().expect("a list");
    assert_eq!(answers.len(), 1000);
    assert_eq!(answers[999]["id"], 999);
    assert!(answers.iter().all(|answer| answer["result"][0]["id"] == 1));
    let answer = tester
        .post_json(&calls(1001))
        .await
        .expect_status(200)
        .json();
    assert_eq!(
        answer["error"]["message"],
        "Invalid request: more than 1000 calls in one request"
    );
}

#[tokio::test]
async fn a_megabyte_of_text_comes_back_as_it_was() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let text = "Zażółć gęślą jaźń ☕ ".repeat(40_000);
    let text = text.trim_end();
    assert!(text.len() > 1_000_000);
    let changed = json!([work.cases[0], {"text": text}]);
    tester
        .call("TestCase.update", changed)
        .await
        .expect("changed");
    let query = json!({"id": work.cases[0]});
    let over_json = tester
        .call("TestCase.filter", json!([query]))
        .await
        .expect("rows");
    assert!(over_json[0]["text"] == text, "JSON changes the text");
    let over_xml = tester
        .call_xml("TestCase.filter", &[query])
        .await
        .expect("rows");
    assert!(over_xml[0]["text"] == text, "XML changes the text");
}

#[tokio::test]
async fn gap_010_a_query_that_finds_more_rows_than_allowed_is_refused() {
    let settings = domain::Settings {
        max_rows: Some(20),
        ..domain::Settings::default()
    };
    let app = App::start_with(settings).await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let case = json!({
        "summary": "one of many", "category": work.category, "priority": work.priority,
        "case_status": work.confirmed,
    });
    let cases = vec![case; 18];
    tester
        .call("TestCase.create_many", json!([cases]))
        .await
        .expect("cases");
    let query = json!([{"summary": "one of many"}]);
    let rows = tester.call("TestCase.filter", query).await;
    assert_eq!(rows.expect("rows").as_array().map(Vec::len), Some(18));
    let refused = tester.call("TestCase.filter", json!([{}])).await;
    assert_eq!(
        refused.expect_err("21 rows").message,
        "Internal error: the query finds more than 20 rows; ask for fewer, for example id__gt and \
         id__lte"
    );
}
