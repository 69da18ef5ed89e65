//! Pages, their addresses and their errors.

use axum::body::Body;
use http::{Method, Request, header};
use testkit::{ALPHA, App, ROOT, STRANGER, TESTER};

#[tokio::test]
async fn pages_of_a_plan_and_a_run_open() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for path in [
        "/".to_owned(),
        format!("/plan/{}/", work.plan),
        format!("/plan/{}/any-slug_7", work.plan),
        format!("/runs/{}/", work.run),
        format!(
            "/runs/{}/?status_id=1&status_id=x&focus={}",
            work.run, work.executions[0]
        ),
        format!("/ui/executions/{}/panel/", work.executions[0]),
    ] {
        let answer = tester.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
    let page = tester.get(&format!("/runs/{}/", work.run)).await.text();
    assert!(page.contains(&format!("id=\"test-execution-{}\"", work.executions[0])));
}

#[tokio::test]
async fn addresses_without_the_last_slash_point_to_it() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let answer = visitor.get("/plan/5?a=b&c=d").await.expect_status(301);
    assert_eq!(answer.header("location"), "/plan/5/?a=b&c=d");
    let request = Request::post("/accounts/logout")
        .body(Body::empty())
        .expect("a request");
    let answer = visitor.send(request).await.expect_status(308);
    assert_eq!(answer.header("location"), "/accounts/logout/");
    for path in [
        "/plan/x/",
        "/plan/-1/",
        "/plan/99999999999/",
        "/plan/1/a.b",
        "/nowhere",
    ] {
        visitor.get(path).await.expect_status(404);
    }
    let request = Request::builder()
        .method(Method::POST)
        .uri("/plan/1/")
        .body(Body::empty());
    let answer = visitor
        .send(request.expect("a request"))
        .await
        .expect_status(405);
    assert_eq!(answer.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn lib_035_an_unknown_page_does_not_repeat_its_address() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let answer = visitor.get("/Please-call-0800").await.expect_status(404);
    let page = answer.text();
    assert!(
        page.contains("</html>") && !page.contains("<h1>Please"),
        "{page}"
    );
    assert!(page.contains(answer.header("x-request-id")));
}

#[tokio::test]
async fn sec_029_a_missing_permission_is_named() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let path = format!("/runs/{}/", work.run);
    let answer = app.client(ALPHA).get(&path).await.expect_status(302);
    assert_eq!(
        answer.header("location"),
        format!("/accounts/login/?next={path}")
    );
    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    let page = stranger.get(&path).await.expect_status(403).text();
    assert!(page.contains("testruns.view_testrun"), "{page}");
    stranger.get("/runs/999999/").await.expect_status(404);
}

#[tokio::test]
async fn sec_009_sec_018_sec_019_every_answer_is_guarded() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for path in [
        "/",
        "/accounts/login/",
        "/nowhere/",
        "/robots.txt",
        "/static/none.js",
        "/livez",
    ] {
        let answer = root.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self';") && !policy.contains("unsafe"),
            "{path}"
        );
        for name in ["content-type", "content-security-policy"] {
            let count = answer.headers.get_all(name).iter().count();
            assert_eq!(count, 1, "{path} {name}");
        }
    }
}

#[tokio::test]
async fn the_authority_is_served_when_there_is_one() {
    let app = App::start().await;
    app.client(ALPHA)
        .get("/static/ca.crt")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn ops_076_pages_are_compressed_for_who_wants_that() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    for (accepted, encoding) in [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("br;q=0.1, gzip", "gzip"),
    ] {
        let request = Request::get("/accounts/login/").header(header::ACCEPT_ENCODING, accepted);
        let answer = visitor
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        assert_eq!(answer.header("content-encoding"), encoding, "{accepted}");
        assert!(answer.body.len() < 4000, "{}", answer.body.len());
    }
}
