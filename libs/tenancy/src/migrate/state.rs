//! Which steps a database has seen, and applying those of the platform and of a cell.

use std::collections::BTreeMap;

use entity::sql;
use sqlx::{PgConnection, Row as _};

use super::{Status, StepStatus, TenantStatus, window};
use crate::pool::trusted;
use crate::steps::{Step, Stream};
use crate::{Error, Result, Tenancy, error};

/// Serialises runs on one database; released at the end of the transaction.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtextextended('kiwi platform', 0))";

const BOOKKEEPING: &str = "
CREATE SCHEMA IF NOT EXISTS platform;
CREATE TABLE IF NOT EXISTS platform.schema_step (
    stream     text        NOT NULL,
    version    integer     NOT NULL,
    name       text        NOT NULL,
    checksum   text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT schema_step_pkey PRIMARY KEY (stream, version)
);";

/// Applies the missing steps, each in its own transaction; their names.
pub(super) async fn apply(
    connection: &mut PgConnection,
    stream: Stream,
    tell: impl Fn(&str),
) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let seen = applied(connection, stream).await?;
    for step in stream
        .steps()
        .iter()
        .filter(|step| !seen.contains_key(&step.version))
    {
        if apply_one(connection, stream, step).await? {
            let name = format!("{}/{}", stream.name(), step.name);
            tell(&name);
            names.push(name);
        }
    }
    Ok(names)
}

async fn apply_one(connection: &mut PgConnection, stream: Stream, step: &Step) -> Result<bool> {
    tracing::info!(
        stream = stream.name(),
        step = step.name,
        "applying migration"
    );
    let result = attempt(connection, stream, step).await;
    if result.is_err() {
        let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
    }
    result
}

async fn attempt(connection: &mut PgConnection, stream: Stream, step: &Step) -> Result<bool> {
    sqlx::raw_sql("BEGIN; SET LOCAL statement_timeout = 0")
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql(LOCK).execute(&mut *connection).await?;
    sqlx::raw_sql(BOOKKEEPING)
        .execute(&mut *connection)
        .await
        .map_err(|source| failed(step, source))?;
    let inserted = record(connection, stream, step).await?;
    if inserted {
        sqlx::raw_sql(step.sql)
            .execute(&mut *connection)
            .await
            .map_err(|source| failed(step, source))?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(inserted)
}

fn failed(step: &Step, source: sqlx::Error) -> Error {
    if crate::is_unavailable(&source) {
        return source.into();
    }
    Error::Migration {
        tenant: "the platform".to_owned(),
        step: step.name.to_owned(),
        source,
    }
}

/// Notes a step; false if it was noted before.
async fn record(connection: &mut PgConnection, stream: Stream, step: &Step) -> Result<bool> {
    let done = sql::query(
        "INSERT INTO platform.schema_step (stream, version, name, checksum) \
         VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(stream.name())
    .bind(step.version)
    .bind(step.name)
    .bind(&step.checksum)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Checks that the steps are those that were seen before, and notes the new ones.
pub(super) async fn check(connection: &mut PgConnection, stream: Stream) -> Result<()> {
    let seen = applied(connection, stream).await?;
    for step in stream
        .steps()
        .iter()
        .filter(|step| !seen.contains_key(&step.version))
    {
        record(connection, stream, step).await?;
    }
    Ok(())
}

/// Versions that this database has seen; an error if one of them was another text.
async fn applied(connection: &mut PgConnection, stream: Stream) -> Result<BTreeMap<i32, String>> {
    let query = "SELECT version, checksum FROM platform.schema_step WHERE stream = $1";
    let rows = match sql::query(query)
        .bind(stream.name())
        .fetch_all(connection)
        .await
    {
        Ok(rows) => rows,
        Err(error) if error::is_missing(&error) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.into()),
    };
    let mut seen = BTreeMap::new();
    for row in rows {
        seen.insert(
            row.try_get("version")?,
            row.try_get::<String, _>("checksum")?,
        );
    }
    for step in stream.steps() {
        if seen
            .get(&step.version)
            .is_some_and(|checksum| *checksum != step.checksum)
        {
            return Err(Error::Checksum(format!(
                "migration {}/{} was changed after this database had seen it; \
                 changes belong into a new step",
                stream.name(),
                step.name
            )));
        }
    }
    Ok(seen)
}

pub(super) async fn status(tenancy: &Tenancy) -> Result<Status> {
    let mut connection = tenancy.cells().main().direct().await?;
    let mut steps = Vec::new();
    for stream in [Stream::Platform, Stream::Cell] {
        let seen = applied(&mut connection, stream).await?;
        steps.extend(stream.steps().iter().map(|step| StepStatus {
            stream: stream.name(),
            name: step.name,
            is_applied: seen.contains_key(&step.version),
        }));
    }
    let newest = Stream::Tenant.newest();
    let newer = window::newer(&mut connection).await?;
    let served = window::newest_served(&mut connection).await?;
    let found = match tenants(&mut connection, newest, served).await {
        Ok(found) => found,
        Err(error) if error::is_missing(&error) => Found::default(),
        Err(error) => return Err(error.into()),
    };
    let Found {
        versions,
        behind,
        beyond,
    } = found;
    let oldest = versions.first().map_or(0, |(version, _)| *version);
    steps.extend(Stream::Tenant.steps().iter().map(|step| StepStatus {
        stream: Stream::Tenant.name(),
        name: step.name,
        is_applied: step.version <= oldest,
    }));
    Ok(Status {
        steps,
        behind,
        versions,
        newest,
        newer: newer.iter().map(window::Newer::full_name).collect(),
        beyond,
    })
}

#[derive(Default)]
struct Found {
    versions: Vec<(i32, i64)>,
    behind: Vec<TenantStatus>,
    beyond: Vec<TenantStatus>,
}

/// Looks for tenants that are not at a version between these two.
async fn tenants(connection: &mut PgConnection, newest: i32, served: i32) -> sqlx::Result<Found> {
    let versions = sql::query_as(
        "SELECT schema_version, count(*) FROM platform.tenant \
         WHERE state IN ('active', 'suspended') \
         GROUP BY schema_version \
         ORDER BY schema_version",
    )
    .fetch_all(&mut *connection)
    .await?;
    let rows = sql::query(
        "SELECT t.schema_name, t.schema_version, \
         CASE WHEN t.schema_version > $2 THEN 'too new' \
              ELSE coalesce(m.state, 'pending') END AS state, \
         coalesce(m.error_text, '') AS error_text \
         FROM platform.tenant t \
         LEFT JOIN platform.tenant_migration m ON m.tenant_id = t.id AND m.state <> 'done' \
         WHERE t.state IN ('active', 'suspended') \
         AND t.schema_version NOT BETWEEN $1 AND $2 \
         ORDER BY t.schema_name",
    )
    .bind(newest)
    .bind(served)
    .fetch_all(connection)
    .await?;
    let mut found = Found {
        versions,
        ..Found::default()
    };
    for row in rows {
        let tenant = TenantStatus {
            tenant: row.try_get("schema_name")?,
            version: row.try_get("schema_version")?,
            state: row.try_get("state")?,
            error: row.try_get("error_text")?,
        };
        if tenant.version > served {
            found.beyond.push(tenant);
        } else {
            found.behind.push(tenant);
        }
    }
    Ok(found)
}

/// The message that opens a step of a tenant. Runs of several programs meet at the lock; it
/// belongs to the tenant, so that different tenants do not wait for each other.
pub(super) fn opening(schema: &str) -> sqlx::AssertSqlSafe<String> {
    trusted(format!(
        "BEGIN; SET LOCAL search_path TO {}; SET LOCAL lock_timeout = '2s'; \
         SET LOCAL statement_timeout = '15min'; \
         SELECT pg_advisory_xact_lock(hashtextextended({}, 0))",
        crate::pool::quoted(schema),
        crate::seed::quote(&format!("kiwi tenant {schema}")),
    ))
}
