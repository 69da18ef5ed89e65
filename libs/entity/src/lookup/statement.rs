//! A compiled query, and how its rows are read.

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{FromRow, PgConnection, Row as _};

use super::names::Names;
use super::{Bind, Reached, decode};
use crate::{Cell, Error, Id, Key, Kind, Result, Table, repository};

/// Where a cell comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Column of the statement.
    pub(super) index: usize,
    /// What it holds.
    pub(super) kind: Kind,
    /// It holds an id, and a name of that row is meant: which part of the names, which column.
    pub(super) name: Option<(usize, usize)>,
}

/// A compiled query.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its text; the same for all queries of the same shape.
    pub sql: String,
    /// The parameters `$1`, `$2` …
    pub binds: Vec<Bind>,
    /// Names of the columns; the text may select more behind them, for the order.
    pub columns: Arc<[Key]>,
    /// Where the cells of a row come from.
    pub(super) cells: Vec<Source>,
    /// What is read about the rows that the result refers to.
    pub(super) names: Names,
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
            cells,
            names,
            ..
        } = self;
        let query = repository::built(sql, arguments(binds)?);
        let mut rows = query.fetch(&mut *conn);
        // row by row, so that a long answer is not held as rows and as cells
        let mut table = Table::new(columns);
        while let Some(row) = rows.try_next().await.map_err(translate)? {
            for cell in &cells {
                decode::push(&mut table, &row, cell.index, cell.kind)?;
            }
        }
        drop(rows);
        names.fill(conn, &cells, &mut table).await?;
        Ok(table)
    }

    /// The text of the statement that reads names after this one, if there is one.
    pub fn names_sql(&self) -> Option<String> {
        self.names.is_needed().then(|| self.names.sql())
    }

    /// The rows of a statement that reads from this one: `before (…) after`.
    pub async fn fetch_around<R>(
        self,
        conn: &mut PgConnection,
        before: &'static str,
        after: &'static str,
    ) -> Result<Vec<R>>
    where
        R: for<'r> FromRow<'r, PgRow>,
    {
        let sql = format!("{before} ({}) {after}", self.sql);
        let query = repository::built(sql, arguments(self.binds)?);
        let rows = query.fetch_all(conn).await.map_err(translate)?;
        rows.iter().map(|row| Ok(R::from_row(row)?)).collect()
    }

    /// The first column of all rows, for [`super::ids`].
    pub async fn fetch_ids(self, conn: &mut PgConnection) -> Result<Vec<Id>> {
        let query = repository::built(self.sql, arguments(self.binds)?);
        let rows = query.fetch_all(conn).await.map_err(translate)?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The number in the only row, for [`super::count`].
    pub async fn fetch_count(self, conn: &mut PgConnection) -> Result<i64> {
        let table = self.fetch(conn).await?;
        let number = table.cells().next().and_then(Cell::as_int);
        Ok(number.unwrap_or_default())
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
