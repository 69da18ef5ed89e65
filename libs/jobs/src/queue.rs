//! Claiming jobs and saying what became of them.
//!
//! What became of a job is only noted by the worker that has it: when a lease ended meanwhile and
//! somebody else took the job, its row says a later attempt.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Domain, Result};
use entity::sql;
use sqlx::types::Json;

use crate::{KINDS, Lane};

/// A job that is ours until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Number of the job.
    pub id: i64,
    /// Schema of the tenant it is about; empty for work of the installation.
    pub tenant: String,
    /// Which work.
    pub kind: String,
    /// What it needs to know.
    pub payload: serde_json::Value,
    /// Which try this is, counted from 1.
    pub attempt: i32,
    /// When it was noted.
    pub created_at: DateTime<Utc>,
}

/// How long a claimed job stays ours; when the worker dies the job becomes due again.
pub(crate) const LEASE: Duration = Duration::from_mins(5);

type Row = (
    i64,
    String,
    String,
    Json<serde_json::Value>,
    i32,
    DateTime<Utc>,
);

/// Takes up to `limit` due jobs of a lane.
pub(crate) async fn claim(domain: &Domain, lane: Lane, limit: i64) -> Result<Vec<Claimed>> {
    let kinds: Vec<&str> = KINDS
        .iter()
        .filter(|kind| kind.lane == lane)
        .map(|kind| kind.name)
        .collect();
    let mut tx = domain.tenancy().begin_platform().await?;
    let rows: Vec<Row> = sql::query_as(
        "UPDATE platform.job
         SET attempts = attempts + 1,
             is_claimed = true,
             run_at = now() + make_interval(secs => $2)
         WHERE id IN (
             SELECT id FROM platform.job
             WHERE kind = ANY($3) AND failed_at IS NULL AND run_at <= now()
             ORDER BY run_at, id
             LIMIT $1
             FOR UPDATE SKIP LOCKED
         )
         RETURNING id, tenant, kind, payload, attempts, created_at",
    )
    .bind(limit)
    .bind(LEASE.as_secs_f64())
    .bind(kinds)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let claimed = |(id, tenant, kind, Json(payload), attempt, created_at): Row| Claimed {
        id,
        tenant,
        kind,
        payload,
        attempt,
        created_at,
    };
    Ok(rows.into_iter().map(claimed).collect())
}

/// The job is done.
pub(crate) async fn done(domain: &Domain, job: &Claimed) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query("DELETE FROM platform.job WHERE id = $1 AND attempts = $2")
        .bind(job.id)
        .bind(job.attempt)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The job failed: it is tried again after a pause, or without one left for the operator.
pub(crate) async fn failed(
    domain: &Domain,
    job: &Claimed,
    error: &str,
    pause: Option<Duration>,
) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "UPDATE platform.job
         SET last_error = $3,
             is_claimed = false,
             run_at = now() + make_interval(secs => COALESCE($4, 0)),
             failed_at = CASE WHEN $4::float8 IS NULL THEN now() END
         WHERE id = $1 AND attempts = $2",
    )
    .bind(job.id)
    .bind(job.attempt)
    .bind(error)
    .bind(pause.map(|pause| pause.as_secs_f64()))
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The job was not tried: it is due again after a pause, and the try does not count.
pub(crate) async fn postponed(domain: &Domain, job: &Claimed, pause: Duration) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "UPDATE platform.job
         SET attempts = attempts - 1,
             is_claimed = false,
             run_at = now() + make_interval(secs => $3)
         WHERE id = $1 AND attempts = $2",
    )
    .bind(job.id)
    .bind(job.attempt)
    .bind(pause.as_secs_f64())
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Deletes jobs that were given up longer ago than this; returns how many.
pub(crate) async fn delete_given_up(domain: &Domain, age: Duration) -> Result<u64> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let deleted = sql::query(
        "DELETE FROM platform.job
         WHERE failed_at <= now() - make_interval(secs => $1)",
    )
    .bind(age.as_secs_f64())
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(deleted.rows_affected())
}

/// How much a kind of job has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queued {
    /// Which work.
    pub(crate) kind: String,
    /// Jobs that are not done; those left for the operator do not count.
    pub(crate) jobs: i64,
    /// Seconds for which the job has been due that waits longest.
    pub(crate) oldest: i64,
}

/// Counts what there is to do; kinds without jobs are absent.
pub(crate) async fn queued(domain: &Domain) -> Result<Vec<Queued>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let rows: Vec<(String, i64, i64)> = sql::query_as(
        "SELECT kind, count(*),
                coalesce(max(extract(epoch FROM now() - run_at))
                         FILTER (WHERE NOT is_claimed AND run_at <= now()), 0)::bigint
         FROM platform.job
         WHERE failed_at IS NULL
         GROUP BY kind",
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let queued = |(kind, jobs, oldest)| Queued { kind, jobs, oldest };
    Ok(rows.into_iter().map(queued).collect())
}
