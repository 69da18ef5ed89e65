//! A compiled query, and how its rows are read.

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{FromRow, PgConnection, Postgres, Row as _};
use tracing::dispatcher::{self, Dispatch};
use tracing::instrument::WithSubscriber as _;

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
        // row by row, so that a long answer is not held as rows and as cells
        let mut table = Table::new(columns);
        each_row(query, conn, |row| {
            cells
                .iter()
                .try_for_each(|cell| decode::push(&mut table, row, cell.index, cell.kind))
        })
        .await?;
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
        let mut found = vec![];
        each_row(query, conn, |row| {
            found.push(R::from_row(row)?);
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// The first column of all rows, for [`super::ids`].
    pub async fn fetch_ids(self, conn: &mut PgConnection) -> Result<Vec<Id>> {
        let query = repository::built(self.sql, arguments(self.binds)?);
        let mut ids = vec![];
        each_row(query, conn, |row| {
            ids.push(row.try_get(0)?);
            Ok(())
        })
        .await?;
        Ok(ids)
    }

    /// The number in the only row, for [`super::count`].
    pub async fn fetch_count(self, conn: &mut PgConnection) -> Result<i64> {
        let table = self.fetch(conn).await?;
        let number = table.cells().next().and_then(Cell::as_int);
        Ok(number.unwrap_or_default())
    }
}

/// Reads the rows of a query one after the other.
///
/// sqlx keeps the span it is started in and enters it anew for each row, which costs as much as
/// reading the row. So it is started in none; what it says in the end belongs to the span again.
pub(super) async fn each_row(
    query: Query<'static, Postgres, PgArguments>,
    conn: &mut PgConnection,
    mut read: impl FnMut(&PgRow) -> Result<()>,
) -> Result<()> {
    let mut rows = dispatcher::with_default(&Dispatch::none(), || query.fetch(conn));
    let first = rows.try_next().with_subscriber(Dispatch::none());
    let mut next = first.await.map_err(translate)?;
    while let Some(row) = next {
        read(&row)?;
        next = rows.try_next().await.map_err(translate)?;
    }
    Ok(())
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
