//! Reading the records that every change leaves behind.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{Entity, Id, repository, sql};

use crate::{Ctx, Result};

/// One record about a row, without its snapshot.
#[derive(Debug, Clone, macros::Row)]
pub struct Record {
    /// When.
    pub at: DateTime<Utc>,
    /// Name of the account, if one acted.
    pub username: Option<String>,
    /// What changed, as unified diffs; none for creations.
    pub reason: Option<String>,
}

/// The records of a row, newest first: in the order in which they were written, because calls that
/// wait for each other may have begun in another one.
pub async fn records(ctx: &mut Ctx, kind: &str, object: Id) -> Result<Vec<Record>> {
    let rows = sql::query_as(
        "SELECT h.at, m.username, h.reason
         FROM history h
         LEFT JOIN member m ON m.id = h.by_id
         WHERE h.kind = $1 AND h.object_id = $2
         ORDER BY h.id DESC",
    )
    .bind(kind)
    .bind(object)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows)
}

/// A row of an entity with a history as it was at a moment; `None` if it did not exist then.
pub async fn as_of<E: Entity>(ctx: &mut Ctx, id: Id, at: DateTime<Utc>) -> Result<Option<E>> {
    Ok(repository::as_of(ctx.conn(), id, at).await?)
}

/// Ids of the newest records of rows, by row; one without records is absent.
pub async fn newest(ctx: &mut Ctx, kind: &str, objects: &[Id]) -> Result<HashMap<Id, Id>> {
    let rows: Vec<(Id, Id)> = sql::query_as(
        "SELECT object_id, max(id)
         FROM history
         WHERE kind = $1 AND object_id = ANY($2)
         GROUP BY object_id",
    )
    .bind(kind)
    .bind(objects)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows.into_iter().collect())
}
