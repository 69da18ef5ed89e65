//! The ids of what was filled, for programs that measure with them.

use entity::Id;
use serde::Serialize;
use sqlx::PgConnection;

use super::Size;

/// At most 1,000 ids of each kind, ascending.
#[derive(Serialize)]
pub(super) struct Manifest {
    products: Vec<Id>,
    plans: Vec<Id>,
    runs: Vec<Id>,
    cases: Vec<Id>,
    executions: Vec<Id>,
    users: Vec<Id>,
}

/// True if the tenant holds this size already.
pub(super) async fn is_filled(conn: &mut PgConnection, size: &Size) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM product WHERE name = $1 || ' product 1')")
        .bind(size.word)
        .fetch_one(conn)
        .await
}

/// Reads the ids back by the names that the rows were given.
pub(super) async fn read(conn: &mut PgConnection, size: &Size) -> sqlx::Result<Manifest> {
    let word = size.word;
    Ok(Manifest {
        products: ids(
            conn,
            word,
            "SELECT id FROM product WHERE name LIKE $1 || ' product %' ORDER BY id LIMIT 1000",
        )
        .await?,
        plans: ids(
            conn,
            word,
            "SELECT id FROM test_plan WHERE name LIKE $1 || ' plan %' ORDER BY id LIMIT 1000",
        )
        .await?,
        runs: ids(
            conn,
            word,
            "SELECT id FROM test_run WHERE summary LIKE $1 || ' run %' ORDER BY id LIMIT 1000",
        )
        .await?,
        cases: ids(
            conn,
            word,
            "SELECT id FROM test_case WHERE summary LIKE '%(' || $1 || '-%' ORDER BY id LIMIT 1000",
        )
        .await?,
        executions: ids(
            conn,
            word,
            "SELECT e.id
             FROM test_execution e
             JOIN test_run r ON r.id = e.run_id
             WHERE r.summary LIKE $1 || ' run %'
             ORDER BY e.id
             LIMIT 1000",
        )
        .await?,
        users: ids(
            conn,
            word,
            "SELECT id FROM member WHERE username LIKE $1 || '-user-%' ORDER BY id LIMIT 1000",
        )
        .await?,
    })
}

async fn ids(conn: &mut PgConnection, word: &str, sql: &'static str) -> sqlx::Result<Vec<Id>> {
    sqlx::query_scalar(sql).bind(word).fetch_all(conn).await
}
