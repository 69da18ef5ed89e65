//! How statements are begun, so that each is prepared, or not, as the operator has set.

use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::{PgArguments, PgRow, Postgres};
use sqlx::query::{Query, QueryAs, QueryScalar};
use sqlx::{FromRow, SqlSafeStr};

static PREPARED: AtomicBool = AtomicBool::new(true);

/// Whether connections keep prepared statements; off behind a pooler that does not know them.
pub fn set_prepared(prepared: bool) {
    PREPARED.store(prepared, Ordering::Relaxed);
}

fn is_prepared() -> bool {
    PREPARED.load(Ordering::Relaxed)
}

/// A statement whose rows are read column by column, or that has none.
pub fn query<'q>(sql: impl SqlSafeStr) -> Query<'q, Postgres, PgArguments> {
    query_with(sql, PgArguments::default())
}

/// The same with values that were collected before.
pub fn query_with<'q>(
    sql: impl SqlSafeStr,
    arguments: PgArguments,
) -> Query<'q, Postgres, PgArguments> {
    sqlx::query_with(sql, arguments).persistent(is_prepared())
}

/// A statement each of whose rows is an `O`.
pub fn query_as<'q, O>(sql: impl SqlSafeStr) -> QueryAs<'q, Postgres, O, PgArguments>
where
    O: for<'r> FromRow<'r, PgRow>,
{
    sqlx::query_as(sql).persistent(is_prepared())
}

/// A statement each of whose rows has one column.
pub fn query_scalar<'q, O>(sql: impl SqlSafeStr) -> QueryScalar<'q, Postgres, O, PgArguments>
where
    (O,): for<'r> FromRow<'r, PgRow>,
{
    sqlx::query_scalar(sql).persistent(is_prepared())
}
