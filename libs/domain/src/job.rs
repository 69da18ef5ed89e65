//! Work to be done later, noted in the transaction of the change that needs it.

use std::time::Duration;

use entity::sql;
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::{Domain, Result};

/// How long a job waits for the program that noted it to do the work itself.
pub(crate) const HEAD_START: Duration = Duration::from_mins(1);

/// Something to be done by a worker.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// Schema of the tenant it is about; empty for work of the installation.
    pub tenant: &'a str,
    /// Which work.
    pub kind: &'static str,
    /// What it needs to know.
    pub payload: serde_json::Value,
    /// While a job with the same tenant, kind and key waits, no second one is noted.
    pub key: Option<&'a str>,
    /// Earliest start, from now.
    pub delay: Duration,
}

impl<'a> Job<'a> {
    /// Work for a tenant, due at once.
    pub fn new(tenant: &'a str, kind: &'static str, payload: serde_json::Value) -> Self {
        Self {
            tenant,
            kind,
            payload,
            key: None,
            delay: Duration::ZERO,
        }
    }

    /// No second job while one with this key waits.
    #[must_use]
    pub fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// Not before this time has passed.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

/// Notes a job in an open transaction, of a tenant or of the platform; it counts from the commit
/// on. `None` if a job with its key waits already.
pub async fn enqueue(conn: &mut PgConnection, job: Job<'_>) -> Result<Option<i64>> {
    let id = sql::query_scalar(
        "INSERT INTO platform.job (tenant, kind, payload, dedup_key, run_at)
         VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
         ON CONFLICT (tenant, kind, dedup_key) WHERE failed_at IS NULL DO NOTHING
         RETURNING id",
    )
    .bind(job.tenant)
    .bind(job.kind)
    .bind(Json(job.payload))
    .bind(job.key)
    .bind(job.delay.as_secs_f64())
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// Deletes a job whose work the program that noted it has done itself; nothing without a job.
pub(crate) async fn forget(domain: &Domain, id: Option<i64>) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query("DELETE FROM platform.job WHERE id = $1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    Ok(tx.commit().await?)
}

/// Notes several jobs of one kind in an open transaction, due at once.
pub async fn enqueue_many(
    conn: &mut PgConnection,
    tenant: &str,
    kind: &'static str,
    payloads: Vec<serde_json::Value>,
) -> Result<()> {
    let payloads: Vec<_> = payloads.into_iter().map(Json).collect();
    sql::query(
        "INSERT INTO platform.job (tenant, kind, payload)
         SELECT $1, $2, payload
         FROM unnest($3::jsonb[]) AS payload",
    )
    .bind(tenant)
    .bind(kind)
    .bind(payloads)
    .execute(conn)
    .await?;
    Ok(())
}

/// The kind of the job that sends a mail; its payload is a [`crate::mail::Mail`].
pub const SEND_MAIL: &str = "send_mail";
/// The kind of the job that removes files whose rows are gone; see [`crate::files::remove`].
pub const REMOVE_FILES: &str = "remove_files";

/// The kind of the job that writes to whoever forgot a password; see
/// [`crate::accounts::send_resets`].
pub const RESET_PASSWORD: &str = "reset_password";

/// The kind of the job that completes the deletion of an account; see
/// [`crate::accounts::run_deletion`].
pub const DELETE_ACCOUNT: &str = "delete_account";

/// The kind of the job that carries an account into the tenants; see
/// [`crate::accounts::run_projection`].
pub const PROJECT_MEMBER: &str = "project_member";
