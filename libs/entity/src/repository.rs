//! Statements that follow from a [`Meta`]: read, write and record rows of any entity.
//!
//! Column lists are always explicit, and the texts are made once per entity, so that every
//! connection prepares each of them once. The recorded variants also write the table `history`,
//! in the same statement.

mod arguments;
mod texts;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _};

use crate::{Entity, Error, Id, Meta, Result, Value, sql};
pub(crate) use arguments::add;
use arguments::{add_columns, add_field, add_fields};
use texts::texts;

/// Who changed something, when, and what: the frame of a history record.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Time of the change.
    pub at: DateTime<Utc>,
    /// The member who made it.
    pub by: Option<Id>,
    /// What changed, see [`crate::diff`].
    pub reason: Option<&'a str>,
}

/// The kind under which records of an entity are kept in the table `history`.
pub fn history_kind(meta: &'static Meta) -> &'static str {
    &texts(meta).kind
}

/// The row with this id.
pub async fn get<E: Entity>(conn: &mut PgConnection, id: Id) -> Result<Option<E>> {
    let row = sql::query(texts(E::META).get.as_str())
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(E::from_row).transpose()
}

/// The row with this id, locked against changes until the end of the transaction.
pub async fn get_for_update<E: Entity>(conn: &mut PgConnection, id: Id) -> Result<Option<E>> {
    let row = sql::query(texts(E::META).lock.as_str())
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(E::from_row).transpose()
}

/// The row with this id as it was at a moment, from its history records; `None` if it did not exist
/// then.
pub async fn as_of<E: Entity>(
    conn: &mut PgConnection,
    id: Id,
    at: DateTime<Utc>,
) -> Result<Option<E>> {
    let row = sql::query(texts(E::META).as_of.as_str())
        .bind(id)
        .bind(at)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(E::from_row).transpose()
}

/// The rows with these ids, ordered by id.
pub async fn get_many<E: Entity>(conn: &mut PgConnection, ids: &[Id]) -> Result<Vec<E>> {
    let rows = sql::query(texts(E::META).get_many.as_str())
        .bind(ids)
        .fetch_all(conn)
        .await?;
    rows.iter().map(E::from_row).collect()
}

/// The rows with these ids, locked against changes until the end of the transaction. They are locked
/// and returned in the order of their ids.
pub async fn get_many_for_update<E: Entity>(conn: &mut PgConnection, ids: &[Id]) -> Result<Vec<E>> {
    let rows = sql::query(texts(E::META).lock_many.as_str())
        .bind(ids)
        .fetch_all(conn)
        .await?;
    rows.iter().map(E::from_row).collect()
}

/// The rows that are equal in these fields, ordered by id.
///
/// A field is named as in the API or by its column; null finds NULL, a list finds any of its
/// elements.
pub async fn find<E: Entity>(
    conn: &mut PgConnection,
    conditions: &[(&str, Value)],
) -> Result<Vec<E>> {
    let (mut sql, mut arguments) = (texts(E::META).select.clone(), PgArguments::default());
    texts::conditions::<E>(&mut sql, &mut arguments, conditions)?;
    let rows = sql::query_with(AssertSqlSafe(sql), arguments)
        .fetch_all(conn)
        .await?;
    rows.iter().map(E::from_row).collect()
}

/// Inserts a row and fills its id; an id that is not 0 is kept.
pub async fn insert<E: Entity>(conn: &mut PgConnection, row: &mut E) -> Result<()> {
    let (texts, mut arguments) = (texts(E::META), PgArguments::default());
    let sql = insert_text(&texts.insert, row, &mut arguments)?;
    let inserted = sql::query_with(sql, arguments).fetch_one(conn).await?;
    row.set(0, Value::from(inserted.try_get::<Id, _>(0)?))
}

/// Inserts a row like [`insert`] together with its first history record, whose id is returned.
pub async fn insert_recorded<E: Entity>(
    conn: &mut PgConnection,
    row: &mut E,
    stamp: &Stamp<'_>,
) -> Result<Id> {
    let (texts, mut arguments) = (texts(E::META), PgArguments::default());
    let sql = insert_text(&texts.insert_recorded, row, &mut arguments)?;
    add_stamp(&mut arguments, stamp)?;
    let inserted = sql::query_with(sql, arguments).fetch_one(conn).await?;
    row.set(0, Value::from(inserted.try_get::<Id, _>(0)?))?;
    Ok(inserted.try_get(1)?)
}

/// Inserts rows in one statement and fills their ids; either all or none have an id already.
pub async fn insert_many<E: Entity>(conn: &mut PgConnection, rows: &mut [E]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let (texts, mut arguments) = (texts(E::META), PgArguments::default());
    let sql = insert_many_text(&texts.insert_many, rows, &mut arguments)?;
    let inserted = sql::query_with(sql, arguments).fetch_all(conn).await?;
    fill_ids(rows, &inserted)
}

/// Inserts rows like [`insert_many`] with one history record each; returns the ids of the records.
pub async fn insert_many_recorded<E: Entity>(
    conn: &mut PgConnection,
    rows: &mut [E],
    stamp: &Stamp<'_>,
) -> Result<Vec<Id>> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let (texts, mut arguments) = (texts(E::META), PgArguments::default());
    let sql = insert_many_text(&texts.insert_many_recorded, rows, &mut arguments)?;
    add_stamp(&mut arguments, stamp)?;
    let inserted = sql::query_with(sql, arguments).fetch_all(conn).await?;
    fill_ids(rows, &inserted)?;
    inserted.iter().map(|row| Ok(row.try_get(1)?)).collect()
}

/// Writes all columns of a row; fails with `RowNotFound` if it is gone.
pub async fn update<E: Entity>(conn: &mut PgConnection, row: &E) -> Result<()> {
    let mut arguments = PgArguments::default();
    add_field(&mut arguments, row, 0)?;
    add_fields(&mut arguments, row)?;
    let done = sql::query_with(texts(E::META).update.as_str(), arguments)
        .execute(conn)
        .await?;
    if done.rows_affected() == 0 {
        Err(sqlx::Error::RowNotFound.into())
    } else {
        Ok(())
    }
}

/// Writes all columns of a row like [`update`] together with a history record, whose id is
/// returned.
pub async fn update_recorded<E: Entity>(
    conn: &mut PgConnection,
    row: &E,
    stamp: &Stamp<'_>,
) -> Result<Id> {
    let mut arguments = PgArguments::default();
    add_field(&mut arguments, row, 0)?;
    add_fields(&mut arguments, row)?;
    add_stamp(&mut arguments, stamp)?;
    let sql = texts(E::META).update_recorded.as_str();
    Ok(sql::query_with(sql, arguments)
        .fetch_one(conn)
        .await?
        .try_get(0)?)
}

/// Writes all columns of rows in one statement, with one history record each. The reasons are those
/// of the rows, in their order; that of the stamp is not used.
pub async fn update_many_recorded<E: Entity>(
    conn: &mut PgConnection,
    rows: &[E],
    reasons: &[String],
    stamp: &Stamp<'_>,
) -> Result<()> {
    let mut arguments = PgArguments::default();
    add_columns(&mut arguments, rows, true)?;
    add(&mut arguments, reasons)?;
    add(&mut arguments, stamp.at)?;
    add(&mut arguments, stamp.by)?;
    let sql = texts(E::META).update_many_recorded.as_str();
    let done = sql::query_with(sql, arguments).execute(conn).await?;
    if done.rows_affected() == rows.len() as u64 {
        Ok(())
    } else {
        Err(sqlx::Error::RowNotFound.into())
    }
}

/// Deletes rows by their ids and returns how many there were.
pub async fn delete(conn: &mut PgConnection, meta: &'static Meta, ids: &[Id]) -> Result<u64> {
    let done = sql::query(texts(meta).delete.as_str())
        .bind(ids)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

/// Deletes rows like [`delete`] and leaves a history record with the last state of each.
pub async fn delete_recorded(
    conn: &mut PgConnection,
    meta: &'static Meta,
    ids: &[Id],
    stamp: &Stamp<'_>,
) -> Result<u64> {
    let mut arguments = PgArguments::default();
    add(&mut arguments, ids)?;
    add_stamp(&mut arguments, stamp)?;
    let sql = texts(meta).delete_recorded.as_str();
    Ok(sql::query_with(sql, arguments)
        .execute(conn)
        .await?
        .rows_affected())
}

/// A statement that a look-up has built, from constants and placeholders only.
pub(crate) fn built(sql: String, arguments: PgArguments) -> Query<'static, Postgres, PgArguments> {
    sql::query_with(AssertSqlSafe(sql), arguments)
}

fn add_stamp(arguments: &mut PgArguments, stamp: &Stamp<'_>) -> Result<()> {
    add(arguments, stamp.at)?;
    add(arguments, stamp.by)?;
    add(arguments, stamp.reason)
}

/// Chooses the text with or without the id, and adds the arguments of the row.
fn insert_text<E: Entity>(
    texts: &'static [String; 2],
    row: &E,
    arguments: &mut PgArguments,
) -> Result<&'static str> {
    let keyed = row.id() != 0;
    if keyed {
        add_field(arguments, row, 0)?;
    }
    add_fields(arguments, row)?;
    Ok(&texts[usize::from(keyed)])
}

fn insert_many_text<E: Entity>(
    texts: &'static [String; 2],
    rows: &[E],
    arguments: &mut PgArguments,
) -> Result<&'static str> {
    let keyed = rows.iter().filter(|row| row.id() != 0).count();
    if keyed != 0 && keyed != rows.len() {
        return Err(Error::type_error(
            "some of the rows have an id, others do not",
        ));
    }
    add_columns(arguments, rows, keyed != 0)?;
    Ok(&texts[usize::from(keyed != 0)])
}

/// The statement returns ids in the order of the rows.
fn fill_ids<E: Entity>(rows: &mut [E], inserted: &[PgRow]) -> Result<()> {
    for (row, inserted) in rows.iter_mut().zip(inserted) {
        row.set(0, Value::from(inserted.try_get::<Id, _>(0)?))?;
    }
    Ok(())
}
