//! The kit itself: what other tests rely on; and what holds for the product as a whole.

mod examples;
mod isolation;
mod mail;
mod policy;
mod schedule;
mod security;
mod statements;

use serde_json::json;
use testkit::{ALPHA, App, BETA, DOMAIN, Fault, ROOT, STRANGER, TESTER};

#[tokio::test]
async fn a_visitor_logs_in_and_both_protocols_answer_the_same() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let query = json!({"id__in": work.cases});
    let over_json = tester
        .call("TestCase.filter", json!([query]))
        .await
        .expect("rows");
    let over_xml = tester
        .call_xml("TestCase.filter", &[query])
        .await
        .expect("rows");
    let summaries = |rows: &serde_json::Value| -> Vec<String> {
        let rows = rows.as_array().expect("a list");
        rows.iter()
            .map(|row| row["summary"].as_str().expect("a text").to_owned())
            .collect()
    };
    assert_eq!(
        summaries(&over_json),
        ["First case", "Second case", "Third case"]
    );
    assert_eq!(summaries(&over_xml), summaries(&over_json));
}

#[tokio::test]
async fn tenants_hold_their_own_rows_and_people_their_own_rights() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut other = app.client(BETA).log_in(ROOT).await;
    let found = other
        .call("TestCase.filter", json!([{"id__in": work.cases}]))
        .await;
    assert_eq!(found, Ok(json!([])));

    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    let refused = stranger
        .call("Product.create", json!([{"name": "x"}]))
        .await;
    let message = "Authentication failed when calling \"Product.create\"".to_owned();
    assert_eq!(
        refused,
        Err(Fault {
            code: -32098,
            message
        })
    );
}

#[tokio::test]
async fn a_tenant_with_older_tables_is_not_served_at_all() {
    let app = App::start().await;
    app.on_platform("UPDATE platform.tenant SET schema_version = 0 WHERE schema_name = 'alpha'")
        .await;
    let alpha = app.tenant(ALPHA).await;
    let changes = tenancy::Changes::default();
    let told = app.domain().tenancy().change(&alpha, &changes).await;
    told.expect("the caches forget");
    for page in ["/", "/accounts/login/"] {
        let answer = app.client(ALPHA).get(page).await;
        assert!(
            answer.expect_status(503).text().contains("migrate"),
            "{page}"
        );
        app.client(BETA)
            .get("/accounts/login/")
            .await
            .expect_status(200);
    }
}

#[tokio::test]
async fn pages_are_served_below_known_hosts_only() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let answer = visitor.log_in_by_form(TESTER, testkit::PASSWORD).await;
    answer.expect_status(302);
    visitor.get("/").await.expect_status(200);
    app.visitor(&format!("nobody.{DOMAIN}"))
        .get("/")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn a_single_installation_answers_every_host() {
    let app = App::start_single().await;
    app.visitor("anything.example")
        .get("/accounts/login/")
        .await
        .expect_status(200);
}

#[tokio::test]
async fn the_database_can_go_and_come_back() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    app.cut_database().await;
    tester.get("/").await.expect_status(503);
    app.restore_database().await;
    tester.get("/").await.expect_status(200);
}
