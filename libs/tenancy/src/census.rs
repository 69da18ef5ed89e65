//! How many tenants there are, for those who watch.

use chrono::{DateTime, Utc};
use entity::sql;
use sqlx::Row as _;

use crate::steps::Stream;
use crate::{Result, Tenancy, error};

/// Tenants of one state in one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// The state, as it is stored.
    pub state: String,
    /// Name of the cell.
    pub cell: String,
    /// How many they are.
    pub tenants: i64,
    /// Those of them that are served and wait for a migration.
    pub behind: i64,
}

impl Tenancy {
    /// Counts the tenants that are not deleted; nothing before the first migration.
    pub async fn census(&self) -> Result<Vec<Census>> {
        let mut tx = self.begin_platform().await?;
        let rows = match sql::query(
            "SELECT state, cell, count(*) AS tenants, \
             count(*) FILTER (WHERE state IN ('active', 'suspended') AND schema_version < $1) \
             AS behind \
             FROM platform.tenant WHERE state <> 'deleted' \
             GROUP BY state, cell ORDER BY state, cell",
        )
        .bind(Stream::Tenant.newest())
        .fetch_all(tx.conn())
        .await
        {
            Ok(rows) => rows,
            Err(error) if error::is_missing(&error) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        tx.commit().await?;
        let census = rows.iter().map(|row| {
            Ok(Census {
                state: row.try_get("state")?,
                cell: row.try_get("cell")?,
                tenants: row.try_get("tenants")?,
                behind: row.try_get("behind")?,
            })
        });
        census.collect::<sqlx::Result<_>>().map_err(Into::into)
    }

    /// When the oldest tenant was made of those that are not deleted and were made after a moment.
    pub async fn first_made_after(&self, moment: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let mut tx = self.begin_platform().await?;
        let made = sql::query_scalar(
            "SELECT min(created_on) FROM platform.tenant
             WHERE state <> 'deleted'
               AND created_on > $1",
        )
        .bind(moment)
        .fetch_one(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(made)
    }
}
