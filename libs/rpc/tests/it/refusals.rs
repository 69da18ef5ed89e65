//! Which of several faults of a call is told.

use serde_json::{Value, json};
use testkit::{ALPHA, App, TESTER};

#[tokio::test]
async fn the_first_thing_that_is_wrong_is_told() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let (case, plan, run) = (work.cases[0], work.plan, work.run);
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let no_tag = "Tag matching query does not exist.";
    let no_number = "Field 'id' expected a number but got 'x'.";
    let nobody = "A user name or user ID is required.";
    let calls: [(&str, Value, &str); 18] = [
        ("TestCase.remove_tag", json!([case, null]), no_tag),
        ("TestPlan.remove_tag", json!([plan, null]), no_tag),
        ("TestRun.remove_tag", json!([run, null]), no_tag),
        ("TestPlan.remove_tag", json!(["x", "no such tag"]), no_tag),
        ("TestRun.remove_tag", json!([[1], "no such tag"]), no_tag),
        (
            "TestCase.remove_tag",
            json!([99_999, null]),
            "TestCase matching query does not exist.",
        ),
        (
            "TestExecution.remove_tag",
            json!([99_999, null]),
            "TestExecution matching query does not exist.",
        ),
        (
            "TestRun.add_case",
            json!([99_999, "x"]),
            "TestRun matching query does not exist.",
        ),
        ("TestRun.add_case", json!([run, "x"]), no_number),
        (
            "TestPlan.add_case",
            json!([99_999, "x"]),
            "TestPlan matching query does not exist.",
        ),
        (
            "TestCase.remove_component",
            json!([99_999, "x"]),
            "TestCase matching query does not exist.",
        ),
        (
            "TestCase.add_notification_cc",
            json!(["x", ["bad"]]),
            "['Following email address(es) are invalid: bad']",
        ),
        (
            "TestCase.remove_notification_cc",
            json!(["x", ["a@example.com"]]),
            no_number,
        ),
        ("TestCase.update", json!([case, {"reviewer": "  "}]), nobody),
        ("TestRun.update", json!([run, {"manager": " "}]), nobody),
        (
            "TestRun.update",
            json!([run, {"start_date": "0000-01-01"}]),
            "Invalid date format. Expected YYYY-MM-DD [HH:MM:SS].",
        ),
        (
            "TestPlan.update",
            json!([plan, {"parent": plan, "type": null}]),
            "[('__all__', ['A node cannot be made a descendant of itself.'])]",
        ),
        (
            "TestPlan.update",
            json!([plan, {"parent": plan, "name": "z".repeat(256)}]),
            "[('name', ['Ensure this value has at most 255 characters (it has 256).']), ('__all__', ['A node cannot be made a descendant of itself.'])]",
        ),
    ];
    for (method, params, wanted) in calls {
        let shown = format!("{method} {params}");
        let fault = tester.call(method, params).await.expect_err(&shown);
        assert!(fault.message.contains(wanted), "{shown}: {}", fault.message);
    }
}

#[tokio::test]
async fn an_unknown_tag_is_no_error_for_an_execution() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let execution = work.executions[0];
    for tag in [json!(null), json!("no such tag")] {
        let left = tester
            .call("TestExecution.remove_tag", json!([execution, tag]))
            .await;
        assert_eq!(left.expect("the tags that are left"), json!([]));
    }
}

#[tokio::test]
async fn a_time_with_a_zone_is_a_time_over_xml() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let values = json!({"start_date": "2024-01-05T12:00:00+02:00"});
    let answer = tester
        .call("TestRun.update", json!([work.run, values]))
        .await
        .expect("changed");
    assert_eq!(answer["start_date"], "2024-01-05T12:00:00+02:00");

    let values = json!({"stop_date": "2024-01-05T12:00:00+02:00"});
    let answer = tester
        .call_xml("TestRun.update", &[json!(work.run), values])
        .await
        .expect("changed");
    assert_eq!(answer["stop_date"], "dateTime:20240105T12:00:00");
    let read = tester
        .call("TestRun.filter", json!([{"pk": work.run}]))
        .await
        .expect("the run");
    assert_eq!(read[0]["stop_date"], "2024-01-05T10:00:00");
}
