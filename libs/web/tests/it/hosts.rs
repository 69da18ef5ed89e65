//! Which host leads where.

use axum::body::Body;
use http::{Request, header};
use testkit::{ALPHA, App};

async fn status(app: &App, host: &str) -> u16 {
    let request = Request::get("/accounts/login/").header(header::HOST, host);
    let mut visitor = app.visitor(host);
    visitor
        .send(request.body(Body::empty()).expect("a request"))
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn gap_014_host_names_are_folded_and_others_are_unknown() {
    let app = App::start().await;
    for host in [
        "alpha.kiwi.test",
        "ALPHA.kiwi.test:8443",
        "www.alpha.kiwi.test",
        "alpha.kiwi.test.",
    ] {
        assert_eq!(status(&app, host).await, 200, "{host}");
    }
    for host in [
        "gamma.kiwi.test",
        "localhost",
        "127.0.0.1",
        "[::1]:8443",
        "_.kiwi.test",
        "a b",
        "",
    ] {
        assert_eq!(status(&app, host).await, 404, "{host}");
    }
    let mut nobody = app.visitor("gamma.kiwi.test");
    assert!(nobody.get("/").await.text().contains("</html>"));
    assert_eq!(
        nobody.post_json("{}").await.expect_status(404).text(),
        r#"{"id":null,"jsonrpc":"2.0","error":{"code":-32600,"message":"Unknown host"}}"#
    );
    for path in ["/robots.txt", "/livez", "/readyz"] {
        nobody.get(path).await.expect_status(200);
    }
    let request = Request::get("/")
        .header(header::HOST, "alpha.kiwi.test")
        .header(header::HOST, "beta.kiwi.test")
        .body(Body::empty());
    nobody
        .send(request.expect("a request"))
        .await
        .expect_status(400);
}

#[tokio::test]
async fn gap_014_a_forwarded_host_is_not_believed() {
    let app = App::start().await;
    let request = Request::get("/accounts/login/").header("x-forwarded-host", "alpha.kiwi.test");
    let mut visitor = app.visitor("gamma.kiwi.test");
    visitor
        .send(request.body(Body::empty()).expect("a request"))
        .await
        .expect_status(404);
}

#[tokio::test]
async fn a_suspended_tenant_is_not_served() {
    let app = App::start().await;
    let tenant = app.tenant(ALPHA).await;
    app.domain()
        .tenancy()
        .suspend(&tenant, "unpaid")
        .await
        .expect("suspended");
    let mut visitor = app.client(ALPHA);
    visitor.get("/accounts/login/").await.expect_status(403);
    visitor.post_json("{}").await.expect_status(403);
    let tenant = app.tenant(ALPHA).await;
    app.domain()
        .tenancy()
        .resume(&tenant)
        .await
        .expect("resumed");
    visitor.get("/accounts/login/").await.expect_status(200);
}

#[tokio::test]
async fn a_database_that_is_away_is_told() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    visitor.get("/accounts/login/").await.expect_status(200);
    app.cut_database().await;
    let mut fresh = app.client("beta");
    let answer = fresh.get("/plan/1/").await.expect_status(503);
    assert_eq!(answer.header("retry-after"), "1");
    let answer = fresh.post_json("{}").await.expect_status(503);
    assert!(
        answer.text().contains("the database is not available"),
        "{}",
        answer.text()
    );
    fresh.get("/readyz").await.expect_status(503);
    fresh.get("/livez").await.expect_status(200);
    app.restore_database().await;
    fresh.get("/plan/1/").await.expect_status(404);
    fresh.get("/readyz").await.expect_status(200);
}
