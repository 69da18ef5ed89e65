//! The endpoints of the API as HTTP sees them.

use axum::body::Body;
use domain::accounts::{self, NewAccount};
use http::{Method, Request, header};
use testkit::{ALPHA, App, Client, TESTER};

async fn send(
    client: &mut Client,
    method: Method,
    path: &str,
    kind: Option<&str>,
    body: impl Into<Body>,
) -> testkit::Answer {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(kind) = kind {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    client
        .send(request.body(body.into()).expect("a request"))
        .await
}

#[tokio::test]
async fn sec_035_endpoints_take_posts_of_their_kind_only() {
    let app = App::start().await;
    let client = &mut app.client(ALPHA);
    for path in ["/json-rpc/", "/xml-rpc/", "/xml-rpc/x/y"] {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::OPTIONS,
            Method::DELETE,
        ] {
            let answer = send(client, method, path, None, "")
                .await
                .expect_status(405);
            assert_eq!(answer.header("allow"), "POST");
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
            assert!(answer.body.is_empty());
        }
    }
    let answer = send(client, Method::POST, "/json-rpc/", None, "{}")
        .await
        .expect_status(400);
    assert!(
        answer
            .text()
            .starts_with("Unable to handle your request, the Content-Type header")
    );
    let answer = send(client, Method::POST, "/xml-rpc/", Some("text/plain"), "").await;
    assert_eq!(
        answer.expect_status(400).text(),
        "Unable to handle your request, unsupported Content-Type text/plain."
    );
    send(
        client,
        Method::POST,
        "/json-rpc/x/",
        Some("application/json"),
        "{}",
    )
    .await
    .expect_status(404);
    for path in ["/json-rpc", "/xml-rpc"] {
        let answer = send(client, Method::POST, path, Some("text/xml"), "x")
            .await
            .expect_status(301);
        assert_eq!(answer.header("location"), format!("{path}/"));
        assert!(answer.body.is_empty());
    }
}

#[tokio::test]
async fn answers_have_their_headers_and_set_no_cookie() {
    let app = App::start().await;
    let mut client = app.client(ALPHA).log_in(TESTER).await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"KiwiTCMS.version","params":[]}"#;
    let request = Request::post("/json-rpc/")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::REFERER, "KiwiTCMS.version@kiwi")
        .header(header::ACCEPT_ENCODING, "gzip")
        .body(Body::from(body))
        .expect("a request");
    let answer = client.send(request).await.expect_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        answer.header("content-length"),
        answer.body.len().to_string()
    );
    assert_eq!(answer.header("set-cookie"), "");
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("content-language", "en"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let nothing = r#"{"jsonrpc":"2.0","method":"KiwiTCMS.version"}"#;
    let answer = client.post_json(nothing).await.expect_status(204);
    assert!(answer.body.is_empty());
}

#[tokio::test]
async fn sec_061_bodies_are_limited() {
    const LIMIT: usize = 7_864_320;
    let app = App::start().await;
    let client = &mut app.client(ALPHA);
    let kind = Some("application/json");
    let exact = format!("{{}}{}", " ".repeat(LIMIT - 2));
    send(client, Method::POST, "/json-rpc/", kind, exact)
        .await
        .expect_status(200);
    let more = format!("{{}}{}", " ".repeat(LIMIT - 1));
    let answer = send(client, Method::POST, "/json-rpc/", kind, more.clone()).await;
    assert!(
        answer
            .expect_status(400)
            .text()
            .contains("<title>Bad Request (400)</title>")
    );
    let chunks = futures_util::stream::iter([Ok::<_, std::io::Error>(more.clone())]);
    let streamed = Body::from_stream(chunks);
    send(
        client,
        Method::POST,
        "/xml-rpc/",
        Some("text/xml"),
        streamed,
    )
    .await
    .expect_status(400);
    let form = Some("application/x-www-form-urlencoded");
    send(client, Method::POST, "/accounts/login/", form, more)
        .await
        .expect_status(413);
}

#[tokio::test]
async fn sec_061_lib_015_heads_are_limited() {
    let app = App::start().await;
    let client = &mut app.client(ALPHA);
    client
        .get(&format!("/?{}", "x".repeat(10_240)))
        .await
        .expect_status(414);
    let request = Request::get("/")
        .header("x-long", "x".repeat(20_480))
        .body(Body::empty());
    client
        .send(request.expect("a request"))
        .await
        .expect_status(431);
    client.get("/accounts/login/").await.expect_status(200);
}

#[tokio::test]
async fn who_may_not_enter_is_told_in_the_format_of_the_request() {
    let app = App::start().await;
    let new = NewAccount::superuser("outsider", "out@example.com", Some(testkit::PASSWORD));
    accounts::create(app.domain(), new)
        .await
        .expect("an account");
    let mut stranger = app.client(ALPHA).log_in("outsider").await;
    let answer = stranger.post_json("{}").await.expect_status(403);
    assert_eq!(
        answer.text(),
        r#"{"id":null,"jsonrpc":"2.0","error":{"code":-32098,"message":"Unauthorized"}}"#
    );
    let answer = send(
        &mut stranger,
        Method::POST,
        "/xml-rpc/",
        Some("text/xml"),
        "",
    )
    .await;
    assert!(
        answer
            .expect_status(403)
            .text()
            .contains("<string>Unauthorized</string>")
    );
    for path in ["/", "/accounts/login/", "/nowhere/"] {
        let page = stranger.get(path).await.expect_status(403).text();
        assert!(
            page.contains("Unauthorized") && page.contains("/accounts/logout/"),
            "{path}"
        );
    }
}
