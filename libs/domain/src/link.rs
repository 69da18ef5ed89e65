//! Rows that only connect: added once, removed without complaint.

use entity::{Entity, Value, repository};

use crate::{Ctx, Result};

/// Makes sure that a row equal in these fields exists, and fills `row` from it.
pub(crate) async fn attach<E: Entity>(
    ctx: &mut Ctx,
    row: &mut E,
    fields: &[&'static str],
) -> Result<()> {
    let value = |name: &&'static str| row.value(E::META.field(name).unwrap_or_default());
    let conditions: Vec<(&str, Value)> = fields.iter().map(|name| (*name, value(name))).collect();
    let found: Vec<E> = repository::find(ctx.conn(), &conditions).await?;
    match found.into_iter().next() {
        Some(existing) => {
            *row = existing;
            Ok(())
        }
        None => ctx.insert(row).await,
    }
}

/// Deletes the rows that are equal in these columns.
pub(crate) async fn detach<E: Entity>(ctx: &mut Ctx, conditions: &[(&str, Value)]) -> Result<()> {
    let found: Vec<E> = repository::find(ctx.conn(), conditions).await?;
    let ids: Vec<_> = found.iter().map(Entity::id).collect();
    if !ids.is_empty() {
        ctx.delete::<E>(&ids).await?;
    }
    Ok(())
}
