//! Bringing tenants forward: those that are behind, some at a time, each step in a transaction.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use entity::sql;
use sqlx::{PgConnection, Row as _};
use tokio::task::JoinSet;

use super::{Failure, MigrateOptions, Progress, Report, state};
use crate::pool::Pool;
use crate::steps::{Step, Stream};
use crate::{Result, Tenancy, cells, error};

/// Pauses before a step that met a lock is tried again.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// A tenant that is behind.
#[derive(Debug, Clone)]
struct Behind {
    id: i32,
    schema: String,
    cell: String,
    version: i32,
}

/// What the workers of a run share.
struct Run {
    id: String,
    newest: i32,
    max_failures: usize,
    options: MigrateOptions,
    waiting: Mutex<VecDeque<Behind>>,
    outcome: Mutex<Outcome>,
}

#[derive(Default)]
struct Outcome {
    migrated: Vec<String>,
    failures: Vec<Failure>,
}

/// One query, and nothing else if no tenant is behind.
pub(super) async fn tenants(
    tenancy: &Tenancy,
    options: &MigrateOptions,
    report: &mut Report,
) -> Result<()> {
    let behind = behind(tenancy, &options.only).await?;
    if behind.is_empty() {
        return Ok(());
    }
    let run = Arc::new(Run {
        id: format!("{:016x}", RandomState::new().build_hasher().finish()),
        newest: Stream::Tenant.newest(),
        max_failures: options.max_failures.unwrap_or((behind.len() / 100).max(5)),
        options: options.clone(),
        waiting: Mutex::new(behind.into()),
        outcome: Mutex::default(),
    });
    let mut workers = JoinSet::new();
    for _ in 0..options.jobs.max(1) {
        workers.spawn(work(tenancy.clone(), run.clone()));
    }
    let mut result = Ok(());
    while let Some(worker) = workers.join_next().await {
        match worker {
            Ok(Ok(())) => {}
            Ok(Err(error)) => result = Err(error),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    {
        let mut outcome = run.outcome();
        report.migrated.append(&mut outcome.migrated);
        report.failures.append(&mut outcome.failures);
    }
    report.not_tried = run.waiting().len();
    if !report.migrated.is_empty() {
        let mut tx = tenancy.begin_platform().await?;
        tx.forget_tenants();
        tx.commit().await?;
    }
    result
}

async fn behind(tenancy: &Tenancy, only: &[String]) -> Result<Vec<Behind>> {
    let mut tx = tenancy.begin_platform().await?;
    let rows = sql::query(
        "SELECT id, schema_name, cell, schema_version FROM platform.tenant \
         WHERE schema_version < $1 AND state IN ('active', 'suspended') \
         AND (cardinality($2::text[]) = 0 OR schema_name = ANY($2)) \
         ORDER BY schema_name <> 'public', id",
    )
    .bind(Stream::Tenant.newest())
    .bind(only)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let tenant = |row: sqlx::postgres::PgRow| {
        Ok(Behind {
            id: row.try_get("id")?,
            schema: row.try_get("schema_name")?,
            cell: row.try_get("cell")?,
            version: row.try_get("schema_version")?,
        })
    };
    rows.into_iter().map(tenant).collect()
}

/// Takes tenants until there are none left or too many have failed.
async fn work(tenancy: Tenancy, run: Arc<Run>) -> Result<()> {
    let mut connections: Vec<(String, PgConnection)> = Vec::new();
    while let Some(tenant) = run.next() {
        let mut position = connections
            .iter()
            .position(|(cell, _)| *cell == tenant.cell);
        if position.is_none() {
            let pool: &Pool = tenancy.cells().get(&tenant.cell)?;
            connections.push((tenant.cell.clone(), pool.direct().await?));
            position = Some(connections.len() - 1);
        }
        let position = position.unwrap_or_default();
        let begun = Instant::now();
        note(&tenancy, &run, &tenant, &Mirror::running(&tenant)).await?;
        let connection = &mut connections[position].1;
        let (reached, failure) = forward(connection, &run, &tenant).await;
        let mirror = Mirror {
            state: if failure.is_some() { "failed" } else { "done" },
            reached,
            took: Some(begun.elapsed()),
            failure: failure.as_ref(),
        };
        note(&tenancy, &run, &tenant, &mirror).await?;
        match failure {
            None => {
                run.options.tell(Progress::Migrated(tenant.schema.clone()));
                run.outcome().migrated.push(tenant.schema);
            }
            Some(failure) => {
                tracing::error!(tenant = %failure.tenant, step = %failure.step, error = %failure.error,
                    "migration failed, the tenant stays at its version");
                run.options.tell(Progress::Failed(failure.clone()));
                run.outcome().failures.push(failure);
                // whatever state it is in, the next tenant gets a new one
                connections.swap_remove(position);
            }
        }
    }
    Ok(())
}

impl Run {
    fn next(&self) -> Option<Behind> {
        if self.outcome().failures.len() >= self.max_failures {
            return None;
        }
        self.waiting().pop_front()
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, VecDeque<Behind>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outcome(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Applies the missing steps of one tenant: the version it has reached, and what went wrong.
async fn forward(
    connection: &mut PgConnection,
    run: &Run,
    tenant: &Behind,
) -> (i32, Option<Failure>) {
    let mut reached = tenant.version;
    for step in Stream::Tenant
        .steps()
        .iter()
        .filter(|step| step.version <= run.newest)
    {
        let mut pauses = PAUSES.iter();
        loop {
            let error = match apply(connection, tenant, step).await {
                Ok(version) => {
                    reached = version;
                    break;
                }
                Err(error) => error,
            };
            let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
            let code = error::code(&error);
            // a lock that somebody holds, or a deadlock
            let may_pass = matches!(code.as_str(), "55P03" | "40P01");
            match pauses.next() {
                Some(pause) if may_pass => tokio::time::sleep(*pause).await,
                _ => {
                    let failure = Failure {
                        tenant: tenant.schema.clone(),
                        step: step.name.to_owned(),
                        code,
                        error: error.to_string(),
                    };
                    return (reached, Some(failure));
                }
            }
        }
    }
    (reached, None)
}

/// One step in one transaction; the version of the schema afterwards.
async fn apply(connection: &mut PgConnection, tenant: &Behind, step: &Step) -> sqlx::Result<i32> {
    sqlx::raw_sql(state::opening(&tenant.schema))
        .execute(&mut *connection)
        .await?;
    let mut version: i32 = 0;
    let has_state = "SELECT to_regclass('schema_state') IS NOT NULL";
    if sql::query_scalar(has_state)
        .persistent(false)
        .fetch_one(&mut *connection)
        .await?
    {
        let found: Option<i32> = sql::query_scalar("SELECT max(version) FROM schema_state")
            .persistent(false)
            .fetch_one(&mut *connection)
            .await?;
        version = found.unwrap_or(0);
    }
    if version < step.version {
        sqlx::raw_sql(step.sql).execute(&mut *connection).await?;
        sqlx::raw_sql("DELETE FROM schema_state")
            .execute(&mut *connection)
            .await?;
        sql::query("INSERT INTO schema_state (version, checksum) VALUES ($1, $2)")
            .bind(step.version)
            .bind(&step.checksum)
            .persistent(false)
            .execute(&mut *connection)
            .await?;
        version = step.version;
    }
    if tenant.cell == cells::MAIN {
        sql::query("UPDATE platform.tenant SET schema_version = $2 WHERE id = $1")
            .bind(tenant.id)
            .bind(version)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut *connection).await?;
    Ok(version)
}

/// What `platform.tenant_migration` says about a tenant.
struct Mirror<'a> {
    state: &'static str,
    reached: i32,
    took: Option<Duration>,
    failure: Option<&'a Failure>,
}

impl Mirror<'_> {
    fn running(tenant: &Behind) -> Self {
        Self {
            state: "running",
            reached: tenant.version,
            took: None,
            failure: None,
        }
    }
}

async fn note(tenancy: &Tenancy, run: &Run, tenant: &Behind, mirror: &Mirror<'_>) -> Result<()> {
    let mut tx = tenancy.begin_platform().await?;
    sql::query(
        "INSERT INTO platform.tenant_migration AS m (tenant_id, run_id, state, target_version, \
         from_version, reached_version, finished_at, duration_ms, error_code, error_text) \
         VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $7::int IS NULL THEN NULL ELSE now() END, \
         $7, $8, $9) \
         ON CONFLICT (tenant_id) DO UPDATE SET \
         run_id = excluded.run_id, state = excluded.state, \
         target_version = excluded.target_version, from_version = excluded.from_version, \
         reached_version = excluded.reached_version, finished_at = excluded.finished_at, \
         duration_ms = excluded.duration_ms, error_code = excluded.error_code, \
         error_text = excluded.error_text, \
         started_at = CASE WHEN m.run_id = excluded.run_id THEN m.started_at ELSE now() END, \
         attempt = CASE WHEN m.run_id = excluded.run_id THEN m.attempt ELSE m.attempt + 1 END",
    )
    .bind(tenant.id)
    .bind(&run.id)
    .bind(mirror.state)
    .bind(run.newest)
    .bind(tenant.version)
    .bind(mirror.reached)
    .bind(mirror.took.map(|took| took.as_millis() as i32))
    .bind(mirror.failure.map_or("", |failure| failure.code.as_str()))
    .bind(mirror.failure.map_or("", |failure| failure.error.as_str()))
    .execute(tx.conn())
    .await?;
    if tenant.cell != cells::MAIN {
        sql::query("UPDATE platform.tenant SET schema_version = $2 WHERE id = $1")
            .bind(tenant.id)
            .bind(mirror.reached)
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await
}
