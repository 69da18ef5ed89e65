//! Many clients at once, many calls at once, and much text.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, ROOT, TESTER, Work};

use crate::transactions::request;

const CLIENTS: usize = 32;

/// How long the clients go on; `KIWI_PRESSURE_SECONDS` makes it longer.
#[expect(clippy::disallowed_methods, reason = "a variable for this test alone")]
fn duration() -> Duration {
    let seconds = std::env::var("KIWI_PRESSURE_SECONDS").ok();
    let seconds = seconds.and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.unwrap_or(3))
}

/// What one client does in a round; the number of executions that it changed.
async fn round(client: &mut Client, work: &Work, late: i64, n: usize, status: &Value) -> usize {
    // every second client asks for the rows the other way round
    let mut executions = work.executions.clone();
    if n % 2 == 1 {
        executions.reverse();
    }
    let changes: Vec<Value> = executions
        .iter()
        .map(|id| json!({"id": id, "status": status}))
        .collect();
    let one = executions[n % executions.len()];
    let calls = [
        ("TestExecution.update_many", json!([changes])),
        ("TestExecution.update", json!([one, {"status": status}])),
        ("TestRun.add_tag", json!([work.run, "the same new tag"])),
        ("TestRun.add_case", json!([work.run, late])),
        ("TestRun.add_property", json!([work.run, "name", "value"])),
        (
            "TestRun.update",
            json!([work.run, {"notes": format!("note {n}")}]),
        ),
        ("TestRun.add_tag", json!([work.run, format!("tag {n}")])),
        ("TestExecution.add_comment", json!([one, "seen"])),
    ];
    for (method, params) in calls {
        let answer = client.call(method, params).await;
        answer.unwrap_or_else(|fault| panic!("{method} of client {n}: {fault:?}"));
    }
    changes.len() + 1
}

/// The records of a row from the first to the last, each of which goes on where the one before it
/// ended; returns how many there are and the value at the end.
fn follow(records: &Value, column: &str, first: &str) -> (usize, String) {
    let mut records = records.as_array().expect("a list").clone();
    records.reverse();
    let mut value = first.to_owned();
    let mark = format!("+++ {column}\n@@ -1 +1 @@\n-");
    for record in &records[1..] {
        let reason = record["history_change_reason"].as_str().expect("a reason");
        let Some((_, diff)) = reason.split_once(&mark) else {
            continue;
        };
        let mut lines = diff.lines();
        assert_eq!(lines.next(), Some(value.as_str()), "{reason}");
        let new = lines.next().expect("a new value");
        new.trim_start_matches('+').clone_into(&mut value);
    }
    (records.len(), value)
}

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
    let late = late.as_i64().expect("an id");

    let end = Instant::now() + duration();
    let clients = (0..CLIENTS).map(|n| {
        let (mut client, work, statuses) = (tester.clone(), work.clone(), statuses.clone());
        async move {
            let (mut rounds, mut changes) = (0, 0);
            while rounds == 0 || Instant::now() < end {
                let status = &statuses[(n + rounds) % statuses.len()];
                changes += round(&mut client, &work, late, n, status).await;
                rounds += 1;
            }
            (rounds, changes)
        }
    });
    let done = join_all(clients).await;
    let rounds: usize = done.iter().map(|(rounds, _)| rounds).sum();
    let changes: usize = done.iter().map(|(_, changes)| changes).sum();

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

    let (mut records, mut comments) = (0, 0);
    for execution in &work.executions {
        let now = root
            .call("TestExecution.filter", json!([{"id": execution}]))
            .await;
        let now = now.expect("an execution")[0]["status"].clone();
        let history = root.call("TestExecution.history", json!([execution])).await;
        let (count, status) = follow(&history.expect("history"), "status_id", "1");
        assert_eq!(status, now.to_string());
        records += count - 1;
        let posted = root
            .call("TestExecution.get_comments", json!([execution]))
            .await
            .expect("comments");
        comments += posted.as_array().map_or(0, Vec::len);
    }
    assert_eq!(records, changes, "a record for each change");
    assert_eq!(comments, rounds, "every comment is there");
    let mut ctx = request(&app).await.begin().await.expect("a transaction");
    let notes: Vec<String> = sqlx::query_scalar(
        "SELECT row ->> 'notes' FROM history WHERE kind = 'testrun' AND object_id = $1 ORDER BY id",
    )
    .bind(i32::try_from(work.run).expect("an id"))
    .fetch_all(ctx.conn())
    .await
    .expect("records");
    assert_eq!(notes.len(), rounds + 1);
    let now = root.call("TestRun.filter", json!([{"id": work.run}])).await;
    assert_eq!(now.expect("a run")[0]["notes"], notes[rounds]);
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
