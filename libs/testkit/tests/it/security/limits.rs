//! Input that is made to cost time or memory.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Request, header};
use serde_json::json;
use testkit::{ALPHA, Answer, App, Client, TESTER};

/// Far more than an answer takes, far less than one that is worked out in quadratic time would; a
/// build without optimisation takes many times as long.
const PATIENCE: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 5 });

/// Sends a document and expects a fault within the time.
async fn refused(client: &mut Client, what: &str, document: String) -> Answer {
    let begin = Instant::now();
    let request = Request::post("/xml-rpc/")
        .header(header::CONTENT_TYPE, "text/xml")
        .body(Body::from(document))
        .expect("a request");
    let answer = client.send(request).await;
    let took = begin.elapsed();
    assert!(took < PATIENCE, "{what}: {took:?}");
    assert!(
        answer.text().contains("<fault>"),
        "{what}: {}",
        answer.text()
    );
    answer
}

fn call(inner: &str) -> String {
    format!(
        "<methodCall><methodName>Tag.filter</methodName><params><param><value>{inner}</value>\
         </param></params></methodCall>"
    )
}

#[tokio::test]
async fn sec_060_lib_007_xml_bombs_are_refused_quickly() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let laughs = (1..10).map(|n| {
        let inner = format!("&l{};", n - 1).repeat(10);
        format!("<!ENTITY l{n} \"{inner}\">")
    });
    let laughs: Vec<String> = laughs.collect();
    let laughs = laughs.concat();
    let laughs = format!(
        "<!DOCTYPE x [<!ENTITY l0 \"lol\">{laughs}]>{}",
        call("&l9;")
    );
    let long = "a".repeat(100_000);
    let quadratic = format!(
        "<!DOCTYPE x [<!ENTITY a \"{long}\">]>{}",
        call(&"&a;".repeat(50_000))
    );
    for (what, document) in [
        ("billion laughs", laughs),
        ("quadratic blow-up", quadratic),
        (
            "external entity",
            format!(
                "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>{}",
                call("&a;")
            ),
        ),
        (
            "external document type",
            format!(
                "<!DOCTYPE x SYSTEM \"http://127.0.0.1:9/x.dtd\">{}",
                call("a")
            ),
        ),
    ] {
        let answer = refused(&mut tester, what, document).await.text();
        assert!(answer.contains("Security error: "), "{what}: {answer}");
        assert!(!answer.contains("root:"), "{what}: {answer}");
    }
    let nested = |open: &str, close: &str, times: usize| {
        call(&format!("{}{}", open.repeat(times), close.repeat(times)))
    };
    for (what, document) in [
        (
            "10,000 levels",
            nested("<array><data><value>", "</value></data></array>", 10_000),
        ),
        ("levels without an end", call(&"<a>".repeat(2_000_000))),
        ("a million elements", call(&"<a/>".repeat(1_500_000))),
        (
            "a million values",
            call(&format!(
                "<array><data>{}</data></array>",
                "<value/>".repeat(900_000)
            )),
        ),
        (
            "a million unread elements",
            format!(
                "<methodCall><x>{}</x></methodCall>",
                "<a/>".repeat(1_500_000)
            ),
        ),
        (
            "a long name",
            call(&format!("<{}/>", "a".repeat(7_000_000))),
        ),
        (
            "many attributes",
            call(&format!("<a {}/>", "b='c' ".repeat(1_000_000))),
        ),
        ("text in many pieces", call(&"a<!---->".repeat(600_000))),
        ("many references", call(&"&amp;".repeat(1_400_000))),
        (
            "a comment without an end",
            format!("<!--{}", "-".repeat(7_000_000)),
        ),
    ] {
        refused(&mut tester, what, document).await;
    }
    let rows = tester.call_xml("Tag.filter", &[json!({})]).await;
    rows.expect("the next call is answered");
}

#[tokio::test]
async fn lib_011_a_long_word_takes_no_time() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let long = "w".repeat(1_000_000);
    let begin = Instant::now();
    for text in [&long, &format!("{long}!")] {
        let changed = json!([work.cases[0], {"text": text}]);
        tester
            .call("TestCase.update", changed)
            .await
            .expect("a case");
    }
    let html = tester.call("Markdown.render", json!([long])).await;
    assert!(html.expect("HTML").to_string().len() > 1_000_000);
    let took = begin.elapsed();
    assert!(took < 3 * PATIENCE, "{took:?}");
}

#[tokio::test]
async fn lib_016_addresses_of_many_labels_are_refused_quickly() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let labels = "a.".repeat(100_000);
    let begin = Instant::now();
    for (method, params) in [
        (
            "TestCase.add_notification_cc",
            json!([work.cases[0], [format!("x@{labels}example")]]),
        ),
        (
            "TestCase.update",
            json!([work.cases[0], {"extra_link": format!("https://{labels}example/")}]),
        ),
        (
            "TestExecution.add_link",
            json!([{"execution": work.executions[0], "url": format!("https://{labels}example/")}]),
        ),
    ] {
        tester.call(method, params).await.expect_err(method);
    }
    let took = begin.elapsed();
    assert!(took < PATIENCE, "{took:?}");
}

#[tokio::test]
async fn gap_010_patterns_end_in_time() {
    let time = Duration::from_secs(1);
    let app = App::start_hurried(time).await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let text = format!("{}b", "a".repeat(2001));
    let changed = json!([work.cases[0], {"text": text}]);
    tester
        .call("TestCase.update", changed)
        .await
        .expect("a case");
    let begin = Instant::now();
    let query = json!([{"text__regex": r"^(a*)(a*)(a*)\3\2\1b$"}]);
    let fault = tester.call("TestCase.filter", query).await;
    assert_eq!(
        fault.expect_err("no end").message,
        "Internal error: request took too long"
    );
    assert!(begin.elapsed() < PATIENCE + time, "{:?}", begin.elapsed());
    for lookup in ["text__regex", "text__iregex"] {
        let long = json!([{ lookup: "(a|b)".repeat(300) }]);
        let fault = tester.call("TestCase.filter", long).await;
        let message = fault.expect_err("too long").message;
        assert!(message.contains("longer than 1000 bytes"), "{message}");
        let short = json!([{ lookup: "^a+b$" }]);
        let rows = tester.call("TestCase.filter", short).await.expect("rows");
        assert_eq!(rows.as_array().map(Vec::len), Some(1), "{lookup}");
    }
}
