//! The rules against a real database, one for each test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account_deletion;
mod bugs;
mod copies;
mod deletion;
mod entry;
mod log_in;
mod projection;
mod rights;
mod runs;
mod throttle;
mod world;

/// An id as the API tells it.
fn id(number: i64) -> entity::Id {
    entity::Id::try_from(number).unwrap()
}

/// The ids of rows as the API tells them.
fn ids(numbers: &[i64]) -> Vec<entity::Id> {
    numbers.iter().copied().map(id).collect()
}

/// The rows that a statement finds, as texts.
async fn texts(ctx: &mut domain::Ctx, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(ctx.conn()).await.unwrap()
}
