//! The rows of tasks: who does one, how it went, when it is due.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Domain, Result};
use entity::sql;

use super::{LEASE, Task};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what it should.
    Done,
    /// It did not; it is tried again.
    Failed,
    /// The program stopped meanwhile; it is done again.
    Interrupted,
}

impl Outcome {
    /// As it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    fn read(name: &str) -> Option<Self> {
        let all = [Self::Done, Self::Failed, Self::Interrupted];
        all.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// How it went with a task, and when it is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Of the task.
    pub name: String,
    /// How often it is done.
    pub rhythm: String,
    /// When it is done next.
    pub due_at: DateTime<Utc>,
    /// Whether somebody does it now.
    pub is_running: bool,
    /// When it was begun last.
    pub started_at: Option<DateTime<Utc>>,
    /// When the last run ended; none while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// How the last run ended.
    pub outcome: Option<Outcome>,
    /// What the last run did, or why it failed.
    pub detail: String,
    /// When it went well for the last time.
    pub succeeded_at: Option<DateTime<Utc>>,
    /// How many runs in a row have failed.
    pub failures: i32,
}

impl Record {
    /// How many seconds the last run took.
    pub fn seconds(&self) -> Option<f64> {
        let took = self.finished_at? - self.started_at?;
        Some(took.as_seconds_f64())
    }
}

/// A run of a task that is ours.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) name: String,
    run: i64,
    pub(super) failures: i32,
}

/// What is recorded at the end of a run.
pub(super) struct Finished {
    pub(super) outcome: Outcome,
    pub(super) detail: String,
    /// Until it is due again.
    pub(super) pause: Duration,
}

/// Notes when tasks are due that are new or have another rhythm than before.
pub(super) async fn plan(domain: &Domain, tasks: &[Task]) -> Result<()> {
    let now = domain::now();
    let firsts = tasks.iter().map(|task| task.first(now));
    let (earliest, latest): (Vec<_>, Vec<_>) = firsts
        .map(|(from, to)| (from.as_secs_f64(), to.as_secs_f64()))
        .unzip();
    let rhythms = tasks.iter().map(|task| task.rhythm.to_string());
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "INSERT INTO platform.scheduled_task AS task (name, rhythm, due_at)
         SELECT name, rhythm,
                now() + make_interval(secs => earliest + (latest - earliest) * random())
         FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[])
              AS planned (name, rhythm, earliest, latest)
         ON CONFLICT (name) DO UPDATE
         SET rhythm = excluded.rhythm,
             due_at = excluded.due_at
         WHERE task.rhythm <> excluded.rhythm",
    )
    .bind(names(tasks))
    .bind(rhythms.collect::<Vec<_>>())
    .bind(earliest)
    .bind(latest)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes every task that is due and that nobody has.
pub(super) async fn claim_due(domain: &Domain, tasks: &[Task]) -> Result<Vec<Claim>> {
    take(domain, names(tasks), true).await
}

/// Takes one task that nobody has, due or not.
pub(super) async fn claim(domain: &Domain, name: &'static str) -> Result<Option<Claim>> {
    Ok(take(domain, vec![name], false).await?.pop())
}

async fn take(domain: &Domain, names: Vec<&str>, only_due: bool) -> Result<Vec<Claim>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let rows: Vec<(String, i64, i32)> = sql::query_as(
        "UPDATE platform.scheduled_task
         SET run = run + 1,
             leased_until = now() + make_interval(secs => $2),
             started_at = now(),
             finished_at = NULL
         WHERE name IN (
             SELECT name FROM platform.scheduled_task
             WHERE name = ANY($1)
               AND (due_at <= now() OR NOT $3)
               AND (leased_until IS NULL OR leased_until <= now())
             FOR UPDATE SKIP LOCKED
         )
         RETURNING name, run, failures",
    )
    .bind(names)
    .bind(LEASE.as_secs_f64())
    .bind(only_due)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let claim = |(name, run, failures)| Claim {
        name,
        run,
        failures,
    };
    Ok(rows.into_iter().map(claim).collect())
}

/// Keeps a task for longer; false when somebody else has it.
pub(super) async fn prolong(domain: &Domain, claim: &Claim) -> Result<bool> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let prolonged = sql::query(
        "UPDATE platform.scheduled_task
         SET leased_until = now() + make_interval(secs => $3)
         WHERE name = $1 AND run = $2",
    )
    .bind(&claim.name)
    .bind(claim.run)
    .bind(LEASE.as_secs_f64())
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(prolonged.rows_affected() > 0)
}

/// Records how a run went, unless somebody else has taken the task meanwhile.
pub(super) async fn finish(domain: &Domain, claim: &Claim, finished: &Finished) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "UPDATE platform.scheduled_task
         SET leased_until = NULL,
             finished_at = now(),
             outcome = $3,
             detail = $4,
             due_at = now() + make_interval(secs => $5),
             succeeded_at = CASE WHEN $3 = 'done' THEN now() ELSE succeeded_at END,
             failures = CASE $3
                 WHEN 'done' THEN 0
                 WHEN 'failed' THEN failures + 1
                 ELSE failures
             END
         WHERE name = $1 AND run = $2",
    )
    .bind(&claim.name)
    .bind(claim.run)
    .bind(finished.outcome.name())
    .bind(&finished.detail)
    .bind(finished.pause.as_secs_f64())
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

type Row = (
    String,
    String,
    DateTime<Utc>,
    bool,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
    Option<String>,
    String,
    Option<DateTime<Utc>>,
    i32,
);

/// All tasks that were ever planned, by name.
pub(super) async fn all(domain: &Domain) -> Result<Vec<Record>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let rows: Vec<Row> = sql::query_as(
        "SELECT name, rhythm, due_at, coalesce(leased_until > now(), false),
                started_at, finished_at, outcome, detail, succeeded_at, failures
         FROM platform.scheduled_task
         ORDER BY name",
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let record = |row: Row| Record {
        name: row.0,
        rhythm: row.1,
        due_at: row.2,
        is_running: row.3,
        started_at: row.4,
        finished_at: row.5,
        outcome: row.6.as_deref().and_then(Outcome::read),
        detail: row.7,
        succeeded_at: row.8,
        failures: row.9,
    };
    Ok(rows.into_iter().map(record).collect())
}

fn names(tasks: &[Task]) -> Vec<&'static str> {
    tasks.iter().map(|task| task.name).collect()
}
