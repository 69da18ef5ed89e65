//! Claiming jobs and saying what became of them.

use std::time::Duration;

use domain::{Domain, Result};
use sqlx::types::Json;

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
}

/// How long a claimed job stays ours; when the worker dies the job becomes due again.
const LEASE: Duration = Duration::from_mins(5);
/// After so many tries a job is left for the operator.
pub(crate) const MOST_ATTEMPTS: i32 = 10;

type Row = (i64, String, String, Json<serde_json::Value>, i32);

/// Takes up to `limit` due jobs.
pub(crate) async fn claim(domain: &Domain, limit: i64) -> Result<Vec<Claimed>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let rows: Vec<Row> = sqlx::query_as(
        "UPDATE platform.job
         SET attempts = attempts + 1, run_at = now() + make_interval(secs => $2)
         WHERE id IN (
             SELECT id FROM platform.job
             WHERE failed_at IS NULL AND run_at <= now()
             ORDER BY run_at, id
             LIMIT $1
             FOR UPDATE SKIP LOCKED
         )
         RETURNING id, tenant, kind, payload, attempts",
    )
    .bind(limit)
    .bind(LEASE.as_secs_f64())
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let claimed = |(id, tenant, kind, Json(payload), attempt): Row| Claimed {
        id,
        tenant,
        kind,
        payload,
        attempt,
    };
    Ok(rows.into_iter().map(claimed).collect())
}

/// The job is done.
pub(crate) async fn done(domain: &Domain, job: &Claimed) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sqlx::query("DELETE FROM platform.job WHERE id = $1")
        .bind(job.id)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(())
}

/// The job failed: it is tried again later, or left for the operator after the last try.
pub(crate) async fn failed(domain: &Domain, job: &Claimed, error: &str) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sqlx::query(
        "UPDATE platform.job
         SET last_error = $2,
             run_at = now() + make_interval(secs => $3),
             failed_at = CASE WHEN attempts >= $4 THEN now() END
         WHERE id = $1",
    )
    .bind(job.id)
    .bind(error)
    .bind(back_off(job.attempt).as_secs_f64())
    .bind(MOST_ATTEMPTS)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Waiting time after a failed try: 5 s, 10 s, 20 s … at most an hour.
fn back_off(attempt: i32) -> Duration {
    let doublings = attempt.clamp(1, 11) - 1;
    Duration::from_secs((5_u64 << doublings).min(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_each_time() {
        assert_eq!(back_off(1), Duration::from_secs(5));
        assert_eq!(back_off(3), Duration::from_secs(20));
        assert_eq!(back_off(50), Duration::from_hours(1));
    }
}
