//! What is done regularly: every task by exactly one program at its time, with a record of how it
//! went.
//!
//! Whoever takes a task leases its row and prolongs the lease while it works, so that a task of a
//! program that died is done by another one. A task that fails is tried again after a pause that
//! grows, but never later than its rhythm asks.

mod record;
mod rhythm;
mod tasks;

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Domain, Error, Result};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tracing::Instrument as _;

use record::{Claim, Finished};
pub use record::{Outcome, Record};
pub use rhythm::{NoTurn, Rhythm, Turn};

/// How often it is looked what is due.
const LOOK: Duration = Duration::from_secs(10);
/// How long a task stays ours without a sign of life.
const LEASE: Duration = Duration::from_mins(2);
/// Time for a task after the program was told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// Pause after the first failure; each further one doubles it, up to the rhythm.
const PAUSE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);
/// New tasks begin within this time, each program's at another moment.
const FIRST: Duration = Duration::from_mins(10);

/// There is no such task.
const NO_TASK: Error = Error::NotFound { entity: "task" };

/// Does a task; the text says for people what was done.
pub type Work = Arc<dyn Fn(Domain) -> BoxFuture<'static, anyhow::Result<String>> + Send + Sync>;

/// Something that is done regularly.
#[derive(Clone)]
pub struct Task {
    /// Under which it is recorded.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// How often it is done.
    pub rhythm: Rhythm,
    /// A run that takes longer has failed.
    pub limit: Duration,
    /// Does it once.
    pub work: Work,
}

/// Makes work of a function.
pub fn work<F, Doing>(function: F) -> Work
where
    F: Fn(Domain) -> Doing + Send + Sync + 'static,
    Doing: Future<Output = anyhow::Result<String>> + Send + 'static,
{
    Arc::new(move |domain| function(domain).boxed())
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Task {
    /// The time until it is done for the first time, at the earliest and at the latest.
    fn first(&self, now: DateTime<Utc>) -> (Duration, Duration) {
        let pause = self.rhythm.pause(now);
        match self.rhythm {
            Rhythm::Every(_) => (Duration::ZERO, FIRST.min(pause)),
            Rhythm::At(_) => (pause, pause),
        }
    }

    /// The time until it is due again after a run that ended now.
    fn pause(&self, outcome: Outcome, failures: i32, now: DateTime<Utc>) -> Duration {
        let usual = self.rhythm.pause(now);
        match outcome {
            Outcome::Done => usual,
            Outcome::Interrupted => Duration::ZERO,
            Outcome::Failed => {
                let doublings = u32::try_from(failures).unwrap_or_default();
                let pause = PAUSE.saturating_mul(2_u32.saturating_pow(doublings));
                pause.min(usual)
            }
        }
    }
}

/// Does what is due, beside others who do the same on this database.
#[derive(Clone)]
pub struct Scheduler {
    domain: Domain,
    tasks: Arc<[Task]>,
}

impl Scheduler {
    /// With the tasks that every installation has, and further ones.
    pub fn new(domain: Domain, further: impl IntoIterator<Item = Task>) -> Self {
        Self {
            domain,
            tasks: tasks::all().into_iter().chain(further).collect(),
        }
    }

    /// All tasks.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// How it went with each task; those that were never planned are absent.
    pub async fn records(&self) -> Result<Vec<Record>> {
        record::all(&self.domain).await
    }

    /// Does a task now, due or not; refused while somebody else does it.
    pub async fn run_now(&self, name: &str) -> Result<Record> {
        let task = self.tasks.iter().find(|task| task.name == name);
        let task = task.ok_or(NO_TASK)?;
        record::plan(&self.domain, &self.tasks).await?;
        let Some(claim) = record::claim(&self.domain, task.name).await? else {
            let why = format!("{name} is being done by another program at this moment");
            return Err(Error::Refused(why));
        };
        // whoever calls may drop this, and the lease ends by itself
        let (_stop, never) = watch::channel(false);
        self.carry_out(task.clone(), claim, never).await;
        let records = self.records().await?;
        let record = records.into_iter().find(|record| record.name == name);
        record.ok_or(NO_TASK)
    }

    /// Does what is due now, everything at once, and says how many tasks that were.
    pub async fn run_due(&self, stop: &watch::Receiver<bool>) -> Result<usize> {
        let mut running = JoinSet::new();
        let begun = self.begin_due(&mut running, stop).await?;
        running.join_all().await;
        Ok(begun)
    }

    /// Does what is due until `stop` becomes true.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut running = JoinSet::new();
        let mut is_planned = false;
        while !*stop.borrow() {
            tokio::select! {
                _ = looks.tick() => {}
                Some(_) = running.join_next() => continue,
                changed = stop.changed() => if changed.is_err() { break } else { continue },
            }
            if self.domain.tenancy().is_paused() {
                continue;
            }
            let looked = async {
                if !is_planned {
                    record::plan(&self.domain, &self.tasks).await?;
                }
                self.begin_due(&mut running, &stop).await
            };
            match looked.await {
                Ok(_) => is_planned = true,
                Err(error) => {
                    tracing::warn!(event = "schedule_not_read", error = %error, "cannot look for tasks that are due");
                }
            }
        }
        running.join_all().await;
    }

    async fn begin_due(
        &self,
        running: &mut JoinSet<()>,
        stop: &watch::Receiver<bool>,
    ) -> Result<usize> {
        let claims = record::claim_due(&self.domain, &self.tasks).await?;
        let begun = claims.len();
        for claim in claims {
            let Some(task) = self.tasks.iter().find(|task| task.name == claim.name) else {
                continue;
            };
            let (scheduler, task, stop) = (self.clone(), task.clone(), stop.clone());
            running.spawn(async move { scheduler.carry_out(task, claim, stop).await });
        }
        Ok(begun)
    }

    /// Does a task that is ours, and records how it went.
    async fn carry_out(&self, task: Task, claim: Claim, mut stop: watch::Receiver<bool>) {
        let span = tracing::info_span!("task", otel.name = format!("task {}", task.name));
        let begun = Instant::now();
        let work = AssertUnwindSafe((task.work)(self.domain.clone())).catch_unwind();
        let work = timeout(task.limit, work).instrument(span);
        let stopped = async {
            // without a sender nobody ever says stop
            if stop.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
            sleep(GRACE).await;
        };
        let (outcome, detail) = tokio::select! {
            done = work => match done {
                Ok(Ok(Ok(detail))) => (Outcome::Done, detail),
                Ok(Ok(Err(error))) => (Outcome::Failed, format!("{error:#}")),
                Ok(Err(_)) => (Outcome::Failed, "a defect of the program; the log has more".to_owned()),
                Err(_) => (Outcome::Failed, format!("not done after {} s", task.limit.as_secs())),
            },
            () = stopped => (Outcome::Interrupted, "the program stopped".to_owned()),
            () = self.prolong(&claim) => {
                tracing::warn!(event = "task_lost", task = task.name, "another program took the task over");
                return;
            }
        };
        let took = begun.elapsed().as_secs_f64();
        match outcome {
            Outcome::Done => {
                tracing::info!(event = "task_done", task = task.name, took, "{detail}");
            }
            Outcome::Interrupted => {
                tracing::info!(
                    event = "task_interrupted",
                    task = task.name,
                    took,
                    "{detail}"
                );
            }
            Outcome::Failed => {
                tracing::error!(event = "task_failed", task = task.name, took, error = %detail, "task failed");
            }
        }
        let finished = Finished {
            outcome,
            detail,
            pause: task.pause(outcome, claim.failures, domain::now()),
        };
        if let Err(error) = record::finish(&self.domain, &claim, &finished).await {
            // the lease ends by itself, and the task is done again
            tracing::warn!(event = "task_not_recorded", task = task.name, error = %error, "task not recorded");
        }
    }

    /// Keeps a task ours; ends when it is not any more.
    async fn prolong(&self, claim: &Claim) {
        loop {
            sleep(LEASE / 3).await;
            // a database that does not answer for a while takes nothing away
            if let Ok(false) = record::prolong(&self.domain, claim).await {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_failed_task_waits_longer_each_time_but_not_longer_than_usual() {
        let task = &tasks::all()[0];
        let now = at("2026-11-23T02:00:00Z");
        let pauses = [0, 1, 2, 5, 6, 40].map(|failures| task.pause(Outcome::Failed, failures, now));
        let minutes = pauses.map(|pause| pause.as_secs() / 60);
        assert_eq!(minutes, [1, 2, 4, 32, 60, 60]);
        assert_eq!(task.pause(Outcome::Done, 7, now).as_secs(), 3600);
    }

    #[test]
    fn every_task_has_a_name_of_its_own() {
        let mut names: Vec<_> = tasks::all().iter().map(|task| task.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), tasks::all().len());
    }
}
