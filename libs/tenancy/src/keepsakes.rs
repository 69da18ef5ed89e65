//! What an installation remembers about itself beside its tables' content: few values by name.

use entity::sql;
use sqlx::types::Json;

use crate::{PlatformTx, Result, Tenancy};

/// Name of the cache that forgets a value when somebody has replaced it.
pub const KEEPSAKES: &str = "tenancy.keepsakes";

impl Tenancy {
    /// The value that was kept under this name.
    pub async fn kept(&self, name: &str) -> Result<Option<serde_json::Value>> {
        let mut tx = self.begin_platform().await?;
        let found: Option<Json<serde_json::Value>> = sql::query_scalar(
            "SELECT value FROM platform.setting
             WHERE key = $1",
        )
        .bind(name)
        .fetch_optional(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(found.map(|Json(value)| value))
    }

    /// All values whose names begin with this, with their names, in the order of the names.
    pub async fn kept_below(&self, prefix: &str) -> Result<Vec<(String, serde_json::Value)>> {
        let mut tx = self.begin_platform().await?;
        let rows: Vec<(String, Json<serde_json::Value>)> = sql::query_as(
            "SELECT key, value FROM platform.setting
             WHERE starts_with(key, $1)
             ORDER BY key",
        )
        .bind(prefix)
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        let pairs = rows.into_iter().map(|(key, Json(value))| (key, value));
        Ok(pairs.collect())
    }

    /// Forgets the value of this name, if there is one; every program on this database hears of it.
    pub async fn forget(&self, name: &str) -> Result<()> {
        let mut tx = self.begin_platform().await?;
        sql::query(
            "DELETE FROM platform.setting
             WHERE key = $1",
        )
        .bind(name)
        .execute(tx.conn())
        .await?;
        tx.invalidate(KEEPSAKES, name);
        tx.commit().await
    }

    /// Keeps a value unless there is one already; whoever comes first decides. Returns the one that
    /// is kept.
    pub async fn keep_first(
        &self,
        name: &str,
        value: serde_json::Value,
    ) -> Result<serde_json::Value> {
        let mut tx = self.begin_platform().await?;
        let Json(kept) = sql::query_scalar(
            "INSERT INTO platform.setting AS kept (key, value)
             VALUES ($1, $2)
             ON CONFLICT (key) DO UPDATE
             SET value = kept.value
             RETURNING value",
        )
        .bind(name)
        .bind(Json(value))
        .fetch_one(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(kept)
    }

    /// Keeps a value instead of the one before; every program on this database hears of it.
    pub async fn keep(&self, name: &str, value: serde_json::Value) -> Result<()> {
        let mut tx = self.begin_platform().await?;
        keep_in(&mut tx, name, value).await?;
        tx.commit().await
    }
}

/// Keeps a value with whatever else the transaction does.
pub async fn keep_in(tx: &mut PlatformTx, name: &str, value: serde_json::Value) -> Result<()> {
    sql::query(
        "INSERT INTO platform.setting (key, value)
         VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE
         SET value = excluded.value,
             updated_at = now()",
    )
    .bind(name)
    .bind(Json(value))
    .execute(tx.conn())
    .await?;
    tx.invalidate(KEEPSAKES, name);
    Ok(())
}
