//! Pages: what every one of them must and must not carry.

use std::time::{Duration, Instant};

use axum::body::Body;
use http::{Request, header};
use testkit::{ALPHA, App, ROOT, TESTER, Work};

fn pages(work: &Work) -> Vec<String> {
    vec![
        "/".to_owned(),
        format!("/plan/{}/", work.plan),
        format!("/runs/{}/?focus={}", work.run, work.executions[0]),
        format!("/ui/executions/{}/panel/", work.executions[0]),
        "/rpc/".to_owned(),
        "/accounts/login/".to_owned(),
        "/nowhere/".to_owned(),
        "/runs/999999/".to_owned(),
    ]
}

/// Opening tags of a document.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<')
        .skip(1)
        .map(|rest| rest.split('>').next().unwrap_or_default())
        .filter(|tag| !tag.starts_with(['/', '!']))
}

#[tokio::test]
async fn sec_017_sec_047_sec_053_gap_013_pages_hold_no_scripts_and_load_nothing_from_elsewhere() {
    const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'";
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for (method, params) in [
        (
            "TestPlan.update",
            serde_json::json!([work.plan, {"name": HOSTILE, "text": HOSTILE}]),
        ),
        (
            "TestRun.update",
            serde_json::json!([work.run, {"summary": HOSTILE, "notes": HOSTILE}]),
        ),
        (
            "TestCase.update",
            serde_json::json!([work.cases[0],
                {"summary": HOSTILE, "text": HOSTILE, "notes": HOSTILE}]),
        ),
        (
            "TestExecution.add_comment",
            serde_json::json!([work.executions[0], HOSTILE]),
        ),
        ("TestRun.add_tag", serde_json::json!([work.run, HOSTILE])),
    ] {
        root.call(method, params).await.expect(method);
    }
    for path in pages(&work) {
        let html = root.get(&path).await.text();
        assert!(!html.contains("<script>"), "{path}");
        for tag in tags(&html) {
            let name = tag.split_whitespace().next().unwrap_or_default();
            let handler = tag
                .split_whitespace()
                .skip(1)
                .any(|part| part.to_ascii_lowercase().starts_with("on") && part.contains('='));
            // inside a value of another attribute quotes are escaped
            assert!(!handler || tag.contains("&quot;"), "{path}: <{tag}>");
            assert_ne!(name, "iframe", "{path}");
            if ["script", "link", "img"].contains(&name) {
                assert!(!tag.contains("=\"http"), "{path}: <{tag}>");
            }
            if name == "script" {
                assert!(tag.contains("src=\"/static/"), "{path}: <{tag}>");
            }
        }
    }
}

#[tokio::test]
async fn sec_041_visitors_of_a_private_tenant_see_the_log_in_page() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    for path in pages(&work) {
        let answer = app.client(ALPHA).get(&path).await;
        match path.as_str() {
            "/rpc/" | "/accounts/login/" => assert_eq!(answer.status, 200, "{path}"),
            "/nowhere/" | "/runs/999999/" => assert_eq!(answer.status, 404, "{path}"),
            _ => {
                let is_refused = answer.status == 401
                    || answer.header("location").starts_with("/accounts/login/");
                assert!(is_refused, "{path}: {}", answer.status);
            }
        }
        assert!(!answer.text().contains("First case"), "{path}");
    }
}

#[tokio::test]
async fn sec_056_addresses_carry_no_names() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for path in pages(&work) {
        let html = tester.get(&path).await.text();
        for tag in tags(&html).filter(|tag| tag.starts_with("a ")) {
            let address = tag.split("href=\"").nth(1).unwrap_or_default();
            let address = address.split('"').next().unwrap_or_default();
            for name in [TESTER, ROOT, "Plan", "Run"] {
                let is_place = address.starts_with('#');
                assert!(is_place || !address.contains(name), "{path}: {address}");
            }
        }
    }
}

#[tokio::test]
async fn lib_018_lib_020_lib_028_lib_029_strange_heads_and_queries_do_no_harm() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let begin = Instant::now();
    let request = Request::get("/accounts/login/")
        .header(header::ACCEPT_LANGUAGE, "x-y;q=0.1,".repeat(800))
        .body(Body::empty());
    let answer = visitor.send(request.expect("a request")).await;
    assert_eq!(answer.expect_status(200).header("content-language"), "en");
    for language in [
        "../../etc/passwd",
        "en/../..",
        "\\..\\x",
        "a".repeat(8_000).as_str(),
    ] {
        let request = Request::get("/accounts/login/")
            .header(header::ACCEPT_LANGUAGE, language)
            .header(header::COOKIE, format!("language={language}"))
            .body(Body::empty());
        let answer = visitor.send(request.expect("a request")).await;
        assert_eq!(answer.expect_status(200).header("content-language"), "en");
    }
    // no part of a request is the key of a cache as it comes
    for key in [
        "a b",
        "*",
        "tenant:alpha:session",
        "..",
        "x\ty",
        "%0d%0adelete",
    ] {
        let request = Request::get("/")
            .header(header::COOKIE, format!("sessionid={key}"))
            .body(Body::empty());
        let answer = visitor.send(request.expect("a request")).await;
        answer.expect_status(302);
    }
    assert!(begin.elapsed() < Duration::from_secs(30));
    let page = visitor
        .get("/accounts/login/?next=/a/;next=/b/")
        .await
        .text();
    assert!(page.contains("value=\"/a/;next"), "one parameter");
}

#[tokio::test]
async fn lib_031_a_header_does_not_make_a_connection_secure() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA).without_tls();
    let plain = visitor.get("/accounts/login/").await;
    let cookies = |answer: &testkit::Answer| -> Vec<bool> {
        let cookies = answer.headers.get_all(header::SET_COOKIE).iter();
        cookies
            .map(|cookie| cookie.to_str().expect("text").contains("Secure"))
            .collect()
    };
    assert_eq!(cookies(&plain), [false]);
    for (name, value) in [
        ("x-forwarded-proto", "https"),
        ("x-forwarded-ssl", "on"),
        ("x-forwarded-scheme", "https"),
        ("front-end-https", "on"),
        ("forwarded", "proto=https;host=alpha.kiwi.test"),
    ] {
        let mut visitor = app.client(ALPHA).without_tls();
        let request = Request::get("/accounts/login/").header(name, value);
        let answer = visitor
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(cookies(&answer), [false], "{name}");
        // a page of the same host over HTTPS is another origin than this connection
        let request = Request::post("/json-rpc/")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ORIGIN, "https://alpha.kiwi.test")
            .header(name, value)
            .body(Body::from("{}"))
            .expect("a request");
        visitor.send(request).await.expect_status(403);
    }
}
