//! Conditions: what they cannot reach, and what they cannot become.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, Fault, ROOT, TESTER};

/// The same call over both protocols, and inside a batch.
async fn refusals(client: &mut Client, method: &str, query: &Value) -> [Fault; 3] {
    let params = json!([query]);
    let over_json = client.call(method, params.clone()).await;
    let over_xml = client.call_xml(method, std::slice::from_ref(query)).await;
    let batch = json!([
        {"jsonrpc": "2.0", "id": 1, "method": "Tag.filter", "params": [{}]},
        {"jsonrpc": "2.0", "id": 2, "method": method, "params": params},
    ]);
    let batch = client.post_json(&batch.to_string()).await.json();
    assert!(batch[0].get("result").is_some(), "{batch}");
    let inside = Fault {
        code: batch[1]["error"]["code"].as_i64().unwrap_or_default(),
        message: batch[1]["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
    };
    let refused = |answer: Result<Value, Fault>| answer.expect_err(method);
    [refused(over_json), refused(over_xml), inside]
}

#[tokio::test]
async fn sec_001_secrets_cannot_be_guessed_by_conditions() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for (method, query) in [
        ("User.filter", json!({"password__startswith": "p"})),
        (
            "TestPlan.filter",
            json!({"author__password__startswith": "p"}),
        ),
        (
            "TestPlan.filter",
            json!({"author__useractivationkey__activation_key__startswith": "a"}),
        ),
        (
            "BugTracker.filter",
            json!({"api_password__startswith": "x"}),
        ),
        ("TestCase.filter", json!({"author__SECRET": 1})),
        (
            "TestCase.filter",
            json!({"author__session__TOKEN__in": [1]}),
        ),
        ("Tag.filter", json!({"apikey": 1})),
    ] {
        for fault in refusals(&mut root, method, &query).await {
            assert_eq!(fault.code, -32600, "{method} {query}: {fault:?}");
            assert!(fault.message.contains("Unsupported field"), "{fault:?}");
        }
    }
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let work = app.work(ALPHA).await;
    let text = json!([work.cases[0], {"text": "The password is a secret token"}]);
    tester
        .call("TestCase.update", text)
        .await
        .expect("words in a text are no conditions");
}

#[tokio::test]
async fn lib_002_lib_003_lib_004_lib_025_lib_030_keys_never_become_sql() {
    let app = App::start().await;
    app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for key in [
        "_connector",
        "_negated",
        "id\" = 1 OR 1=1 --",
        "name'; DROP TABLE tag; --",
        "id) OR (1=1",
        "id__exact; SELECT 1",
        "name__contains--",
        "id__in\u{0}",
        "id__nosuchlookup",
        "id__dwithin",
        "name__distance_lte",
        "name__\"; --",
        "",
        "__",
        "id__",
        "\u{ff0d}",
    ] {
        for method in ["TestPlan.filter", "TestCase.remove", "Tag.filter"] {
            let query = json!({ key: "OR 1=1 --" });
            let fault = root.call(method, json!([query])).await;
            let fault = fault.expect_err(key);
            assert!(!fault.message.contains("syntax"), "{key}: {fault:?}");
        }
    }
    let plans = root.call("TestPlan.filter", json!([{}])).await;
    assert_eq!(plans.expect("plans").as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn gap_021_errors_name_no_secret_column_and_no_sql() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for method in ["User.filter", "TestPlan.filter", "BugTracker.filter"] {
        let fault = root.call(method, json!([{"nowhere": 1}])).await;
        let message = fault.expect_err(method).message;
        assert!(
            message.contains("Cannot resolve keyword 'nowhere'"),
            "{message}"
        );
        for secret in ["password", "session", "platform", "SELECT"] {
            assert!(!message.contains(secret), "{method}: {message}");
        }
    }
}

#[tokio::test]
async fn gap_011_conditions_on_accounts_need_the_right_to_see_them() {
    let app = App::start().await;
    app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for (method, key) in [
        ("TestPlan.filter", "author__email__startswith"),
        ("TestCase.filter", "author__is_superuser"),
        ("TestRun.filter", "manager__email__contains"),
        ("TestRun.filter", "plan__author__last_login__isnull"),
    ] {
        let answer = tester.call(method, json!([{ key: "r" }])).await;
        answer.expect_err(key);
    }
    let named = json!([{"author__username": ROOT}]);
    let plans = tester.call("TestPlan.filter", named).await;
    assert_eq!(plans.expect("plans").as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn lib_034_lib_038_huge_values_are_refused_quickly() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let long = "9".repeat(1_000_000);
    let begin = Instant::now();
    for query in [
        json!({"id": long}),
        json!({"id": "1e1000000"}),
        json!({"start_date__gte": long}),
        json!({"start_date__year": "9".repeat(1000)}),
    ] {
        let answer = root.call("TestRun.filter", json!([query])).await;
        if let Ok(rows) = answer {
            assert_eq!(rows, json!([]));
        }
    }
    let number =
        r#"{"jsonrpc":"2.0","id":1,"method":"TestRun.filter","params":[{"id":1e1000000}]}"#;
    root.post_json(number).await;
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
}
