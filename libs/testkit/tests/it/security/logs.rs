//! What the log tells, and what it does not.

use std::cell::RefCell;
use std::io;
use std::sync::Once;

use axum::body::Body;
use http::{Request, header};
use serde_json::json;
use testkit::{ALPHA, App, PASSWORD, TESTER};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

thread_local! {
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Everything that is logged on this thread, to the last detail.
struct Log;

impl Log {
    fn start() -> Self {
        static SUBSCRIBER: Once = Once::new();
        // one for the process: with one for a thread, what another thread logs first stays
        // switched off for this one
        SUBSCRIBER.call_once(|| {
            let lines = fmt::layer().with_ansi(false).with_writer(|| ThisThread);
            let wanted =
                dynamic_filter_fn(|_, _| LINES.with_borrow(|lines: &Option<_>| lines.is_some()));
            let subscriber = tracing_subscriber::registry().with(lines.with_filter(wanted));
            subscriber.init();
        });
        LINES.set(Some(Vec::new()));
        Self
    }

    /// What was logged since the start.
    fn text() -> String {
        let lines = LINES.with_borrow(Clone::clone);
        String::from_utf8(lines.expect("the log")).expect("text")
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        LINES.set(None);
    }
}

struct ThisThread;

impl io::Write for ThisThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.as_mut().map(|lines| lines.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn sec_048_passwords_and_session_keys_are_not_logged() {
    const NEW: &str = "Planted-staple-26";
    const WRONG: &str = "planted-wrong-26";
    const API: &str = "planted-tracker-26";
    let app = App::start().await;
    let _log = Log::start();
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let old_key = tester.cookies["sessionid"].clone();
    let mut visitor = app.client(ALPHA);
    for name in [TESTER, "nobody"] {
        let refused = visitor.call("Auth.login", json!([name, WRONG])).await;
        refused.expect_err("wrong");
        let refused = visitor
            .call_xml("Auth.login", &[json!(name), json!(WRONG)])
            .await;
        refused.expect_err("wrong");
    }
    visitor.log_in_by_form(TESTER, WRONG).await;
    let values = json!({"password": NEW, "old_password": PASSWORD});
    let changed = tester.call("User.update", json!([0, values])).await;
    changed.expect("a new password");
    let refused = tester
        .call(
            "User.update",
            json!([0, {"password": WRONG, "old_password": "x"}]),
        )
        .await;
    refused.expect_err("a wrong one");
    let tracker = json!([{"name": "T", "tracker_type": "tcms.issuetracker.types.GitHub",
        "base_url": "https://t.example", "api_password": API}]);
    let _ = tester.call("BugTracker.create", tracker).await;
    let again = app
        .client(ALPHA)
        .call("Auth.login", json!([TESTER, NEW]))
        .await;
    let key = again.expect("a session");
    let keys = [key.as_str().expect("a key"), &old_key];
    let text = Log::text();
    assert!(text.contains("rpc call"), "the log is read");
    for secret in [PASSWORD, NEW, WRONG, API].iter().chain(&keys) {
        let at = text.lines().find(|line| line.contains(secret));
        assert_eq!(at, None);
    }
}

#[tokio::test]
async fn sec_049_calls_can_be_traced() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let _log = Log::start();
    tester.call("Tag.filter", json!([{}])).await.expect("tags");
    let refused = app.client(ALPHA).call("Tag.filter", json!([{}])).await;
    refused.expect_err("no log-in");
    let unknown = app.client(ALPHA).call_xml("No.such", &[]).await;
    unknown.expect_err("no such method");
    let text = Log::text();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("rpc call"))
        .collect();
    let expected = [
        ["\"Tag.filter\"", "rpc.code=0", "user=\"tester-user\""],
        ["\"Tag.filter\"", "rpc.code=-32098", "user=\"anonymous\""],
        ["\"unknown\"", "rpc.code=-32601", "user=\"anonymous\""],
    ];
    assert_eq!(lines.len(), expected.len(), "{text}");
    for (line, facts) in lines.iter().zip(expected) {
        for fact in facts.iter().chain(&["client=192.0.2.1"]) {
            assert!(line.contains(fact), "{fact} is not in {line}");
        }
    }
}

#[tokio::test]
async fn lib_008_requests_cannot_forge_lines_of_the_log() {
    const FORGED: &str = "forged-entry";
    let app = App::start().await;
    let _log = Log::start();
    let mut visitor = app.client(ALPHA);
    for path in [
        "/%0a2026-01-01 INFO forged-entry",
        "/%0d%0aforged-entry/%1b%5b31m",
        "/plan/%0aforged-entry/",
        "/accounts/login/?next=%0aforged-entry",
    ] {
        let path = path.replace(' ', "%20");
        visitor.get(&path).await;
    }
    let name = format!("x\n2026-01-01 INFO {FORGED} \u{1b}[31m\u{9b}31m");
    let refused = visitor.call("Auth.login", json!([name, "x"])).await;
    refused.expect_err("nobody");
    visitor.log_in_by_form(&name, "x").await;
    let unknown = visitor.call(&format!("No\n{FORGED}"), json!([])).await;
    unknown.expect_err("no such method");
    let request = Request::get("/")
        .header(header::USER_AGENT, format!("x\t{FORGED}\u{9b}31m"))
        .header(header::REFERER, format!("https://x/\t{FORGED}"))
        .body(Body::empty())
        .expect("a request");
    visitor.send(request).await;
    let text = Log::text();
    assert!(text.contains("request"), "the log is read");
    let is_forged = |line: &&str| line.starts_with("2026-01-01") || line.starts_with(FORGED);
    assert_eq!(text.lines().find(is_forged), None);
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!text.contains(control), "{text:?}");
}
