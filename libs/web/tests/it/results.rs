//! What the run page sends.

use serde_json::json;
use testkit::{ALPHA, App, STRANGER, TESTER};

#[tokio::test]
async fn results_are_recorded_and_answered_with_rows_and_progress() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let path = format!("/ui/runs/{}/results/", work.run);
    let statuses = tester
        .call("TestExecutionStatus.filter", json!([{"name": "FAILED"}]))
        .await;
    let failed = statuses.expect("statuses")[0]["id"].clone();
    let body = json!([
        {"execution": work.executions[0], "status": failed, "comment": "<b>broken</b>"},
        {"execution": work.executions[1], "comment": "looked at"},
    ]);
    let answer = tester
        .post_script(&path, &body.to_string())
        .await
        .expect_status(200)
        .json();
    assert_eq!(answer["rows"].as_array().map(Vec::len), Some(2));
    assert_eq!(answer["rows"][0]["id"], work.executions[0]);
    assert!(
        answer["rows"][0]["html"]
            .as_str()
            .expect("HTML")
            .contains("Failed")
    );
    assert!(
        answer["progress"]
            .as_str()
            .expect("HTML")
            .contains("id=\"run-progress\"")
    );
    let panel = tester
        .get(&format!("/ui/executions/{}/panel/", work.executions[0]))
        .await
        .text();
    assert!(
        panel.contains("broken") && !panel.contains("<script"),
        "{panel}"
    );

    let rows = tester
        .call("TestExecution.filter", json!([{"id": work.executions[0]}]))
        .await;
    assert_eq!(rows.expect("rows")[0]["status"], failed);
}

#[tokio::test]
async fn bad_results_leave_no_trace() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let path = format!("/ui/runs/{}/results/", work.run);
    let first = work.executions[0];
    let before = tester
        .call("TestExecution.filter", json!([{"id": first}]))
        .await
        .expect("rows");
    for (body, status) in [
        ("not json".to_owned(), 400),
        ("[]".to_owned(), 400),
        (json!([{"execution": "x"}]).to_string(), 400),
        (json!([{"execution": first, "unknown": 1}]).to_string(), 400),
        (
            json!([{"execution": first, "status": 4}, {"execution": 999_999, "status": 4}])
                .to_string(),
            404,
        ),
        (
            json!([{"execution": first, "status": 999}]).to_string(),
            400,
        ),
    ] {
        let answer = tester.post_script(&path, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.text());
        let told = answer.json();
        assert!(
            told["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{told}"
        );
        assert_eq!(told["request_id"], answer.header("x-request-id"));
    }
    let after = tester
        .call("TestExecution.filter", json!([{"id": first}]))
        .await
        .expect("rows");
    assert_eq!(before, after);
}

#[tokio::test]
async fn only_who_may_records_results() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let path = format!("/ui/runs/{}/results/", work.run);
    let body = json!([{"execution": work.executions[0], "status": 4}]).to_string();
    app.client(ALPHA)
        .post_script(&path, &body)
        .await
        .expect_status(401);
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    stranger.post_script(&path, &body).await.expect_status(403);
    let answer = stranger
        .post_without_token(&path, &body)
        .await
        .expect_status(403);
    assert!(
        answer.json()["detail"]
            .as_str()
            .expect("text")
            .contains("form")
    );
}

#[tokio::test]
async fn without_scripts_a_form_records_a_result() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let execution = work.executions[0];
    let path = format!("/ui/executions/{execution}/result/");
    let back = format!("/runs/{}/", work.run);
    let fields = [
        ("status", "4"),
        ("comment", ""),
        ("next", back.as_str()),
        ("status_id", "1"),
    ];
    let answer = tester.post(&path, &fields).await.expect_status(303);
    assert_eq!(
        answer.header("location"),
        format!("{back}?focus={execution}&status_id=1")
    );
    let rows = tester
        .call("TestExecution.filter", json!([{"id": execution}]))
        .await;
    assert_eq!(rows.expect("rows")[0]["status"], 4);
    let fields = [("comment", "fine"), ("next", "https://evil.example/")];
    let answer = tester.post(&path, &fields).await.expect_status(303);
    assert_eq!(
        answer.header("location"),
        format!("{back}?focus={execution}")
    );
    app.client(ALPHA)
        .post(&path, &fields)
        .await
        .expect_status(401);
}
