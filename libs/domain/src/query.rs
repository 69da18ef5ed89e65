//! Questions of clients about rows: conditions in the query language, answers as tables.

use entity::lookup::{Query, Statement};
use entity::{Entity, Id, Map, PgRow, Table, Value, python};
use sqlx::FromRow;

pub use entity::lookup::Selection;

use crate::member::Member;
use crate::{Ctx, Error, Result};

/// What everybody may know about an account; the rest needs `auth.view_user`.
const OPEN_ACCOUNT_FIELDS: &[&str] = &["id", "username", "first_name", "last_name"];

/// The rows that meet the conditions, with the columns of the selection.
pub async fn select<E: Entity>(
    ctx: &mut Ctx,
    conditions: &Map,
    selection: &'static Selection,
) -> Result<Table> {
    fetch(ctx, Query::new(E::META, conditions).select(selection)?).await
}

/// The rows that meet the conditions and one more of our own.
pub async fn select_where<E: Entity>(
    ctx: &mut Ctx,
    conditions: &Map,
    own: (&'static str, Value),
    selection: &'static Selection,
) -> Result<Table> {
    fetch(
        ctx,
        Query::new(E::META, conditions)
            .and(own.0, own.1)
            .select(selection)?,
    )
    .await
}

/// What a statement makes of the rows that meet the conditions: `before (rows) after`.
pub(crate) async fn summarise<E: Entity, R>(
    ctx: &mut Ctx,
    conditions: &Map,
    selection: &'static Selection,
    before: &'static str,
    after: &'static str,
) -> Result<Vec<R>>
where
    R: for<'r> FromRow<'r, PgRow>,
{
    let statement = Query::new(E::META, conditions).select(selection)?;
    guard_accounts(ctx, &statement)?;
    Ok(statement.fetch_around(ctx.conn(), before, after).await?)
}

/// The ids of the rows that meet the conditions, ascending.
pub async fn ids<E: Entity>(ctx: &mut Ctx, conditions: &Map) -> Result<Vec<Id>> {
    let statement = Query::new(E::META, conditions).ids()?;
    guard_accounts(ctx, &statement)?;
    Ok(statement.fetch_ids(ctx.conn()).await?)
}

/// The ids of the rows that meet the conditions and one more of our own.
pub async fn ids_where<E: Entity>(
    ctx: &mut Ctx,
    conditions: &Map,
    own: (&'static str, Value),
) -> Result<Vec<Id>> {
    let statement = Query::new(E::META, conditions).and(own.0, own.1).ids()?;
    guard_accounts(ctx, &statement)?;
    Ok(statement.fetch_ids(ctx.conn()).await?)
}

async fn fetch(ctx: &mut Ctx, statement: Statement) -> Result<Table> {
    guard_accounts(ctx, &statement)?;
    let Some(most) = ctx.domain().settings().max_rows else {
        return Ok(statement.fetch(ctx.conn()).await?);
    };
    let table = statement.limited(most + 1).fetch(ctx.conn()).await?;
    if table.len() > most {
        return Err(Error::Refused(format!(
            "the query finds more than {most} rows; ask for fewer, for example id__gt and id__lte"
        )));
    }
    Ok(table)
}

/// The conditions of a query: an object. `None` stands for an empty one.
pub fn conditions(query: Option<Value>) -> Result<Map> {
    match query {
        None => Ok(Map::new()),
        Some(Value::Map(map)) => Ok(map),
        Some(other) => Err(Error::Type(format!(
            "django.db.models.query.QuerySet.filter() argument after ** must be a mapping, not {}",
            python::type_name(&other)
        ))),
    }
}

/// Keeps conditions from spying on accounts through relations (`author__email__startswith`).
fn guard_accounts(ctx: &Ctx, statement: &Statement) -> Result<()> {
    let private = |reached: &&entity::lookup::Reached| {
        reached.entity.table == Member::META.table && !OPEN_ACCOUNT_FIELDS.contains(&reached.field)
    };
    match statement.reached.iter().find(private) {
        Some(reached) if !ctx.may("auth.view_user") => Err(Error::Refused(format!(
            "the field {} of accounts cannot be asked for without permission auth.view_user",
            reached.field
        ))),
        _ => Ok(()),
    }
}
