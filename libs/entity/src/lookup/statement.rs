//! A compiled query, and how its rows are read.

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
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
    /// Itself, for at most this many rows.
    #[must_use]
    pub fn limited(mut self, rows: usize) -> Self {
        // writing to a String cannot fail
        let _ = write!(self.sql, "\nLIMIT {rows}");
        self
    }

    /// The rows.
    pub async fn fetch(self, conn: &mut PgConnection) -> Result<Table> {
        let Self {
            sql,
            binds,
            columns,
            kinds,
            ..
        } = self;
        let query = repository::built(sql, arguments(binds)?);
        let mut rows = query.fetch(conn);
        // row by row, so that a long answer is not held as rows and as cells
        let mut cells = vec![];
        while let Some(row) = rows.try_next().await.map_err(translate)? {
            for (index, kind) in kinds.iter().enumerate() {
                cells.push(decode::cell(&row, index, *kind)?);
            }
        }
        Ok(Table { columns, cells })
    }

    /// The first column of all rows, for [`super::ids`].
    pub async fn fetch_ids(self, conn: &mut PgConnection) -> Result<Vec<Id>> {
        let query = repository::built(self.sql, arguments(self.binds)?);
        let rows = query.fetch_all(conn).await.map_err(translate)?;
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

fn arguments(binds: Vec<Bind>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for bind in binds {
        bind.add_to(&mut arguments)?;
    }
    Ok(arguments)
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
