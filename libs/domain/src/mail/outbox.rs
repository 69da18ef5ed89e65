//! What an operator sees of the outbox, and may do with it.

use chrono::{DateTime, Utc};
use entity::sql;
use sqlx::types::Json;

use super::Mail;
use crate::job::SEND_MAIL;
use crate::{Domain, Error, Result};

/// What becomes of a mail next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is sent when it is due.
    Waiting,
    /// It could not be sent and is not tried again.
    Dead,
}

impl State {
    /// As it is shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Dead => "dead",
        }
    }
}

/// Which mails are meant; everything without a condition.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only those with these numbers.
    pub ids: Option<Vec<i64>>,
    /// Only those of the tenant with this schema.
    pub tenant: Option<String>,
    /// Only those in this state.
    pub state: Option<State>,
}

/// A mail in the outbox.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Number of the job that sends it.
    pub id: i64,
    /// Schema of the tenant it is about; empty for mail of the installation.
    pub tenant: String,
    /// What becomes of it.
    pub state: State,
    /// When it was noted.
    pub created_at: DateTime<Utc>,
    /// When it is due; of a dead one, when it was given up.
    pub next_at: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: i32,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// The mail itself.
    pub mail: Mail,
}

type Row = (
    i64,
    String,
    DateTime<Utc>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    i32,
    Option<String>,
    Json<Mail>,
);

fn from_row(row: Row) -> Entry {
    let (id, tenant, created_at, run_at, failed_at, attempts, last_error, Json(mail)) = row;
    Entry {
        id,
        tenant,
        state: failed_at.map_or(State::Waiting, |_| State::Dead),
        created_at,
        next_at: failed_at.unwrap_or(run_at),
        attempts,
        last_error,
        mail,
    }
}

/// The oldest mails in the outbox, at most `limit` of them.
pub async fn list(domain: &Domain, filter: &Filter, limit: i64) -> Result<Vec<Entry>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let rows: Vec<Row> = sql::query_as(
        "SELECT id, tenant, created_at, run_at, failed_at, attempts, last_error, payload
         FROM platform.job
         WHERE kind = $1
           AND ($2::bigint[] IS NULL OR id = ANY($2))
           AND ($3::text IS NULL OR tenant = $3)
           AND ($4::boolean IS NULL OR (failed_at IS NOT NULL) = $4)
         ORDER BY id
         LIMIT $5",
    )
    .bind(SEND_MAIL)
    .bind(&filter.ids)
    .bind(&filter.tenant)
    .bind(filter.state.map(|state| state == State::Dead))
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// The mail with this number.
pub async fn entry(domain: &Domain, id: i64) -> Result<Entry> {
    let filter = Filter {
        ids: Some(vec![id]),
        ..Filter::default()
    };
    let found = list(domain, &filter, 1).await?.pop();
    found.ok_or(Error::NotFound { entity: "Mail" })
}

/// Makes mails due at once, with all their tries before them; one that is being sent right now is
/// left alone. Returns how many there are.
pub async fn retry(domain: &Domain, filter: &Filter) -> Result<u64> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let done = sql::query(
        "UPDATE platform.job
         SET failed_at = NULL,
             attempts = 0,
             run_at = now()
         WHERE kind = $1
           AND NOT (is_claimed AND run_at > now())
           AND ($2::bigint[] IS NULL OR id = ANY($2))
           AND ($3::text IS NULL OR tenant = $3)
           AND ($4::boolean IS NULL OR (failed_at IS NOT NULL) = $4)",
    )
    .bind(SEND_MAIL)
    .bind(&filter.ids)
    .bind(&filter.tenant)
    .bind(filter.state.map(|state| state == State::Dead))
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}

/// Removes mails from the outbox; they are never sent. Returns how many there were.
pub async fn delete(domain: &Domain, filter: &Filter) -> Result<u64> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let done = sql::query(
        "DELETE FROM platform.job
         WHERE kind = $1
           AND ($2::bigint[] IS NULL OR id = ANY($2))
           AND ($3::text IS NULL OR tenant = $3)
           AND ($4::boolean IS NULL OR (failed_at IS NOT NULL) = $4)",
    )
    .bind(SEND_MAIL)
    .bind(&filter.ids)
    .bind(&filter.tenant)
    .bind(filter.state.map(|state| state == State::Dead))
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}

/// How many mails there are, by what becomes of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Those that are sent when they are due.
    pub waiting: i64,
    /// Those that are not tried again.
    pub dead: i64,
}

/// Counts the mails in the outbox.
pub async fn counts(domain: &Domain) -> Result<Counts> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let (waiting, dead) = sql::query_as(
        "SELECT count(*) FILTER (WHERE failed_at IS NULL), count(failed_at)
         FROM platform.job
         WHERE kind = $1",
    )
    .bind(SEND_MAIL)
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(Counts { waiting, dead })
}
