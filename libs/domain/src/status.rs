//! Statuses come in kinds, and one of each kind always stays (spec 01 §4.12).

use entity::{Entity, Id, Map, sql};

use crate::form::Form;
use crate::{Ctx, Error, Result};

/// Statuses of one entity.
pub trait Status: Entity + Clone {
    /// Lets nobody else change statuses until the end of the transaction.
    const LOCK: &'static str;
    /// The first of the statuses `$1` that something has: its name, and how many have it.
    const USED: &'static str;
    /// What has statuses, in the plural.
    const USERS: &'static str;
    /// Whether there is a status of each kind.
    const COMPLETE: &'static str;
    /// What is said when there would not be, spelt as clients know it.
    const INCOMPLETE: &'static str;
}

/// Changes the given fields of a status. Refuses to take the last one of a kind away.
pub async fn update<S: Status>(ctx: &mut Ctx, status: Id, values: &Map) -> Result<S> {
    sql::query(S::LOCK).execute(ctx.conn()).await?;
    let old: S = ctx.get(status).await?;
    let mut new = old.clone();
    Form::update(values).apply(ctx, &mut new).await?;
    ctx.update(&old, &new).await?;
    keep_each_kind::<S>(ctx).await?;
    Ok(new)
}

/// Deletes statuses. Refuses one that something has, and to take the last one of a kind away.
pub async fn delete<S: Status>(ctx: &mut Ctx, statuses: &[Id]) -> Result<()> {
    sql::query(S::LOCK).execute(ctx.conn()).await?;
    let used: Option<(String, i64)> = sql::query_as(S::USED)
        .bind(statuses)
        .fetch_optional(ctx.conn())
        .await?;
    if let Some((name, count)) = used {
        let (status, users) = (S::META.title, S::USERS);
        let text = format!("{status} {name} is in use by {count} {users}");
        return Err(Error::Conflict(text));
    }
    ctx.delete::<S>(statuses).await?;
    keep_each_kind::<S>(ctx).await
}

async fn keep_each_kind<S: Status>(ctx: &mut Ctx) -> Result<()> {
    let complete: bool = sql::query_scalar(S::COMPLETE).fetch_one(ctx.conn()).await?;
    if complete {
        Ok(())
    } else {
        Err(Error::Conflict(S::INCOMPLETE.to_owned()))
    }
}
