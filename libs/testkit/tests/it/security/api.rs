//! Methods: who may call them, and what their answers carry.

use axum::body::Body;
use http::{Request, header};
use rpc::{Access, Registry};
use serde_json::{Value, json};
use testkit::{ALPHA, App, ROOT, TESTER};

/// The code of a call without the log-in or the permission that it needs.
const REFUSED: i64 = -32098;

#[tokio::test]
async fn sec_028_only_two_methods_need_no_log_in() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let mut public = Vec::new();
    for method in Registry::standard().methods() {
        let name = method.name;
        if method.access == Access::Public {
            public.push(name);
            continue;
        }
        let fault = visitor.call(name, json!([])).await.expect_err(name);
        assert_eq!(fault.code, REFUSED, "{name}: {fault:?}");
        let fault = visitor.call_xml(name, &[]).await.expect_err(name);
        assert_eq!(fault.code, REFUSED, "{name}: {fault:?}");
    }
    assert_eq!(public, ["Auth.login", "Auth.logout"]);
}

#[tokio::test]
async fn sec_032_texts_are_escaped_at_any_depth() {
    const RAW: &str = "<script>\"'&";
    const SAFE: &str = "&lt;script&gt;&quot;&#x27;&amp;";
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let (case, execution) = (work.cases[0], work.executions[0]);
    let update = json!([case, {"summary": RAW}]);
    let answer = tester
        .call("TestCase.update", update)
        .await
        .expect("a case");
    assert_eq!(answer["summary"], SAFE);
    let tags = tester
        .call("TestExecution.add_tag", json!([execution, RAW]))
        .await;
    assert_eq!(tags.expect("tags")[0]["name"], SAFE);
    for query in [json!({"id": case}), json!({"summary": RAW})] {
        let rows = tester.call("TestCase.filter", json!([query])).await;
        assert_eq!(rows.expect("rows")[0]["summary"], SAFE, "stored as sent");
        let rows = tester.call_xml("TestCase.filter", &[query]).await;
        assert_eq!(rows.expect("rows")[0]["summary"], SAFE);
    }
    let update = json!([execution, {"status": 4}]);
    let nested = tester.call("TestExecution.update", update).await;
    let nested = nested.expect("an execution");
    assert_eq!(nested["tag"][0]["name"], SAFE);
    assert_eq!(nested["case__summary"], SAFE);
}

#[tokio::test]
async fn sec_033_gap_008_credentials_of_trackers_never_leave_the_server() {
    const PLANTED: &str = "planted-4711";
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let values = json!([{"name": "T", "tracker_type": "x", "base_url": "https://t.example",
        "api_password": PLANTED}]);
    // whether such a value is taken at all is not the question here
    let made = root.call("BugTracker.create", values).await;
    assert!(!format!("{made:?}").contains(PLANTED), "{made:?}");
    let plain = json!([{"name": "U", "tracker_type": "x", "base_url": "https://u.example"}]);
    let made = root.call("BugTracker.create", plain).await.expect("made");
    let rows = root.call("BugTracker.filter", json!([{}])).await;
    let rows = rows.expect("rows");
    assert!(!rows.to_string().contains(PLANTED), "{rows}");
    for row in rows.as_array().into_iter().flatten().chain([&made]) {
        assert!(row.get("api_password").is_none(), "{row}");
    }
}

#[tokio::test]
async fn sec_062_only_a_superuser_names_author_and_time_of_a_comment() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let me = root
        .call("User.filter", json!([{"username": ROOT}]))
        .await
        .expect("me")[0]["id"]
        .clone();
    let other = root
        .call("User.filter", json!([{"username": TESTER}]))
        .await
        .expect("the tester")[0]["id"]
        .clone();
    let params = |author: &Value| json!([work.cases[0], "text", author, "2001-02-03 04:05:06"]);
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let own = tester.call("TestCase.add_comment", params(&me)).await;
    let own = own.expect("a comment");
    assert_eq!(own["user"], other);
    assert!(!own["submit_date"].to_string().contains("2001"), "{own}");
    let theirs = root.call("TestCase.add_comment", params(&other)).await;
    let theirs = theirs.expect("a comment");
    assert_eq!(theirs["user"], other);
    assert!(
        theirs["submit_date"].to_string().contains("2001"),
        "{theirs}"
    );
}

#[tokio::test]
async fn sec_058_the_history_of_executions_needs_its_own_permission() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    app.publish(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let params = json!([work.executions[0]]);
    tester
        .call("TestExecution.history", params.clone())
        .await
        .expect("everybody may view a public tenant");
    let registry = Registry::standard();
    let method = registry.find("TestExecution.history").expect("a method");
    let needed = Access::Permission("testruns.view_historicaltestexecution");
    assert_eq!(method.access, needed);
}

#[tokio::test]
async fn sec_035_calls_from_other_sites_are_refused() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"Tag.create","params":[{"name":"planted"}]}"#;
    for (kind, origin, status) in [
        ("application/json", Some("https://evil.example"), 403),
        ("application/json", Some("null"), 403),
        ("text/xml", Some("https://beta.kiwi.test"), 403),
        ("text/plain", None, 400),
        ("application/x-www-form-urlencoded", None, 400),
        ("application/json", Some("https://alpha.kiwi.test"), 200),
    ] {
        let mut request = Request::post("/json-rpc/").header(header::CONTENT_TYPE, kind);
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let answer = tester.send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{kind} {origin:?}");
        let is_made = answer.text().contains("\"result\"");
        assert_eq!(is_made, status == 200, "{}", answer.text());
    }
    tester
        .call("Tag.create", json!([{"name": "from a program"}]))
        .await
        .expect("programs send no origin");
}

#[tokio::test]
async fn sec_007_links_that_run_scripts_are_refused() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for link in [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:msgbox(1)",
    ] {
        for (method, id) in [
            ("TestPlan.update", work.plan),
            ("TestCase.update", work.cases[0]),
        ] {
            let refused = tester.call(method, json!([id, {"extra_link": link}])).await;
            let message = refused.expect_err(link).message;
            assert!(message.contains("Enter a valid URL."), "{message}");
        }
    }
}
