//! A compiled query, and how its rows are read.

use std::sync::Arc;

use sqlx::PgConnection;
use sqlx::postgres::PgArguments;

use super::{Bind, Reached, decode};
use crate::{Error, Id, Key, Kind, Result, Table, Value, repository};

/// A compiled query.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its text; the same for all queries of the same shape.
    pub sql: String,
    /// The parameters `$1`, `$2` …
    pub binds: Vec<Bind>,
    /// Names of the columns; the text may select more behind them, for the order.
    pub columns: Arc<[Key]>,
    /// What the columns hold.
    pub kinds: Vec<Kind>,
    /// Foreign entities that the conditions of the client look into.
    pub reached: Vec<Reached>,
}

impl Statement {
    /// The rows.
    pub async fn fetch(self, conn: &mut PgConnection) -> Result<Table> {
        let Self {
            sql,
            binds,
            columns,
            kinds,
            ..
        } = self;
        let rows = rows(conn, sql, binds).await?;
        let mut cells = Vec::with_capacity(rows.len() * kinds.len());
        for row in &rows {
            for (index, kind) in kinds.iter().enumerate() {
                cells.push(decode::cell(row, index, *kind)?);
            }
        }
        Ok(Table { columns, cells })
    }

    /// The first column of all rows, for [`super::ids`].
    pub async fn fetch_ids(self, conn: &mut PgConnection) -> Result<Vec<Id>> {
        let rows = rows(conn, self.sql, self.binds).await?;
        rows.iter()
            .map(|row| Ok(sqlx::Row::try_get(row, 0)?))
            .collect()
    }

    /// The number in the only row, for [`super::count`].
    pub async fn fetch_count(self, conn: &mut PgConnection) -> Result<i64> {
        let table = self.fetch(conn).await?;
        Ok(table
            .cells
            .first()
            .and_then(Value::as_int)
            .unwrap_or_default())
    }
}

async fn rows(
    conn: &mut PgConnection,
    sql: String,
    binds: Vec<Bind>,
) -> Result<Vec<sqlx::postgres::PgRow>> {
    let mut arguments = PgArguments::default();
    for bind in binds {
        bind.add_to(&mut arguments)?;
    }
    repository::built(sql, arguments)
        .fetch_all(conn)
        .await
        .map_err(translate)
}

/// What the database says about a value is the client's fault: a bad pattern, a bad interval.
fn translate(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(database)
            if database.code().is_some_and(|code| code.starts_with("22")) =>
        {
            Error::invalid(database.message())
        }
        _ => error.into(),
    }
}
