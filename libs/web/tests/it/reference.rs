//! The reference of the API, as page and as document.

use rpc::Registry;
use testkit::{ALPHA, App, TESTER};

#[tokio::test]
async fn everybody_reads_about_every_method() {
    let app = App::start().await;
    let page = app.client(ALPHA).get("/rpc/").await.expect_status(200);
    let page = page.text();
    for method in Registry::standard().methods() {
        let heading = format!("<article class=\"method\" id=\"{}\"", method.name);
        assert!(page.contains(&heading), "{} is missing", method.name);
    }
    assert!(page.contains("Needs testcases.view_testcase"));
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let dashboard = tester.get("/").await.text();
    assert!(dashboard.contains("href=\"/rpc/\""), "the menu leads there");
    let answer = app.client(ALPHA).get("/rpc").await.expect_status(301);
    assert_eq!(answer.header("location"), "/rpc/");
}

#[tokio::test]
async fn the_document_names_the_server_that_was_asked() {
    let app = App::start().await;
    let answer = app.client(ALPHA).get("/json-rpc/openrpc.json").await;
    let answer = answer.expect_status(200);
    assert_eq!(answer.header("content-type"), "application/json");
    let document = answer.json();
    assert_eq!(
        document["servers"][0]["url"],
        "https://alpha.kiwi.test/json-rpc/"
    );
    let methods = document["methods"].as_array().map(Vec::len);
    assert_eq!(methods, Some(Registry::standard().methods().count()));
}
