//! What an operator wants to know about the database when something is wrong.

use entity::sql;
use sqlx::Row as _;

use crate::{Result, Tenancy};

/// What the platform's database says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Its version, as in `18.1`.
    pub version: String,
    /// Its major version.
    pub major: i32,
    /// Encoding of its texts.
    pub encoding: String,
    /// Bytes on its disk.
    pub size: i64,
    /// Connections that it takes in all.
    pub max_connections: i32,
    /// Milliseconds since 1970 by its clock.
    pub clock_ms: i64,
}

/// Schemas and records of tenants that do not belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strays {
    /// Schemas with the tables of a tenant that no record knows.
    pub schemas: Vec<String>,
    /// Tenants that should be served and have no schema.
    pub tenants: Vec<String>,
}

/// How many rows a table has, as the database estimates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSize {
    /// Name of its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// About so many rows.
    pub rows: i64,
}

impl Tenancy {
    /// Asks the platform's database about itself.
    pub async fn facts(&self) -> Result<Facts> {
        let mut tx = self.begin_platform().await?;
        let row = sql::query(
            "SELECT current_setting('server_version') AS version,
                    current_setting('server_version_num')::int4 / 10000 AS major,
                    current_setting('server_encoding') AS encoding,
                    pg_database_size(current_database()) AS size,
                    current_setting('max_connections')::int4 AS max_connections,
                    (extract(epoch FROM clock_timestamp()) * 1000)::int8 AS clock_ms",
        )
        .persistent(false)
        .fetch_one(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(Facts {
            version: row.try_get("version")?,
            major: row.try_get("major")?,
            encoding: row.try_get("encoding")?,
            size: row.try_get("size")?,
            max_connections: row.try_get("max_connections")?,
            clock_ms: row.try_get("clock_ms")?,
        })
    }

    /// Compares schemas and records of the platform's database.
    pub async fn strays(&self) -> Result<Strays> {
        let mut tx = self.begin_platform().await?;
        let schemas = sql::query_scalar(
            "SELECT n.nspname::text
             FROM pg_catalog.pg_class c
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relname = 'schema_state'
               AND c.relkind = 'r'
               AND n.nspname <> 'platform'
               AND NOT EXISTS (SELECT FROM platform.tenant t
                               WHERE lower(t.schema_name) = n.nspname AND t.state <> 'deleted')
             ORDER BY 1",
        )
        .persistent(false)
        .fetch_all(tx.conn())
        .await?;
        let tenants = sql::query_scalar(
            "SELECT t.schema_name
             FROM platform.tenant t
             WHERE t.state IN ('active', 'suspended')
               AND t.cell = $1
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace n
                               WHERE n.nspname = t.schema_name)
             ORDER BY 1",
        )
        .bind(crate::cells::MAIN)
        .persistent(false)
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(Strays { schemas, tenants })
    }

    /// About how many rows each table of the platform's database has.
    pub async fn table_sizes(&self) -> Result<Vec<TableSize>> {
        let mut tx = self.begin_platform().await?;
        let rows: Vec<(String, String, i64)> = sql::query_as(
            "SELECT schemaname::text, relname::text, n_live_tup
             FROM pg_catalog.pg_stat_user_tables
             ORDER BY 1, 2",
        )
        .persistent(false)
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        let size = |(schema, table, rows)| TableSize {
            schema,
            table,
            rows,
        };
        Ok(rows.into_iter().map(size).collect())
    }
}
