//! Mail: who gets what, and that it arrives once.

mod defects;
mod delivery;
mod outbox;
mod recipients;
mod wire;

use domain::accounts::{self, NewAccount};
use domain::tenants;
use entity::Id;
use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, Work};

/// Makes an account that belongs to a tenant and is in its group Tester; nobody logs in with it.
async fn person(app: &App, tenant: &str, username: &str) -> Id {
    let email = format!("{username}@example.com");
    let new = NewAccount::user(app.domain(), username, &email, None);
    let id = accounts::create(app.domain(), new)
        .await
        .expect("an account")
        .id;
    let tenant = app.tenant(tenant).await;
    tenants::add_member(app.domain(), &tenant, id)
        .await
        .expect("a member");
    id
}

/// Runs a statement in a tenant, for what the API cannot set.
async fn execute(app: &App, tenant: &str, sql: &'static str) {
    let tenant = app.tenant(tenant).await;
    let mut tx = app
        .domain()
        .tenancy()
        .begin(&tenant)
        .await
        .expect("a transaction");
    sqlx::query(sql)
        .execute(tx.conn())
        .await
        .expect("a statement");
    tx.commit().await.expect("the end");
}

/// Calls a method that must succeed.
async fn call(client: &mut Client, method: &str, params: Value) -> Value {
    let answer = client.call(method, params).await;
    answer.unwrap_or_else(|fault| panic!("{method}: {fault:?}"))
}

/// Makes a case of somebody and returns its id.
async fn case_by(client: &mut Client, work: &Work, author: Id, tester: Id) -> i64 {
    let case = call(
        client,
        "TestCase.create",
        json!([{
            "summary": "Case", "category": work.category, "priority": work.priority,
            "case_status": work.confirmed, "author": author, "default_tester": tester,
        }]),
    )
    .await;
    case["id"].as_i64().expect("an id")
}

/// Throws away what setting up has written.
async fn forget(app: &App) {
    domain::mail::delete(app.domain(), &domain::mail::Filter::default())
        .await
        .expect("an empty outbox");
}

/// A tenant where root tells Tim about a case when he changes it.
async fn small_world() -> (App, Client, i64) {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let tim = person(&app, ALPHA, "tim").await;
    let mut root = app.client(ALPHA).log_in(testkit::ROOT).await;
    let me = call(
        &mut root,
        "User.filter",
        json!([{"username": testkit::ROOT}]),
    )
    .await;
    let me = me[0]["id"]
        .as_i64()
        .and_then(|id| Id::try_from(id).ok())
        .expect("an id");
    let case = case_by(&mut root, &work, me, tim).await;
    forget(&app).await;
    (app, root, case)
}
