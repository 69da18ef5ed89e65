//! Reading the records that every change leaves behind.

use chrono::{DateTime, Utc};
use entity::Id;

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

/// The records of a row, newest first.
pub async fn records(ctx: &mut Ctx, kind: &str, object: Id) -> Result<Vec<Record>> {
    let rows = sqlx::query_as(
        "SELECT h.at, m.username, h.reason
         FROM history h
         LEFT JOIN member m ON m.id = h.by_id
         WHERE h.kind = $1 AND h.object_id = $2
         ORDER BY h.at DESC, h.id DESC",
    )
    .bind(kind)
    .bind(object)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows)
}

/// Id of the newest record of a row, 0 when there is none.
pub async fn newest(ctx: &mut Ctx, kind: &str, object: Id) -> Result<Id> {
    let (id,): (Option<Id>,) =
        sqlx::query_as("SELECT max(id) FROM history WHERE kind = $1 AND object_id = $2")
            .bind(kind)
            .bind(object)
            .fetch_one(ctx.conn())
            .await?;
    Ok(id.unwrap_or_default())
}
