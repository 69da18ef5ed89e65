//! The loops that carry jobs out, and that count what waits.

use std::sync::Arc;
use std::time::Duration;

use domain::Domain;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::Instrument as _;

use crate::queue::{self, Claimed};
use crate::{Failure, KINDS, Kind, Lane, Mailer, Metrics, Scheduler, Task};

const POLL: Duration = Duration::from_secs(5);
/// How often mails, jobs, tasks and tenants are counted.
const COUNTING: Duration = Duration::from_mins(1);

/// Counts something besides what every worker counts.
pub type Counting = Arc<dyn Fn(Domain) -> BoxFuture<'static, domain::Result<()>> + Send + Sync>;

/// What carries jobs out.
pub struct Worker {
    domain: Domain,
    mailer: watch::Receiver<Option<Mailer>>,
    metrics: Metrics,
    scheduler: Scheduler,
    counting: Option<Counting>,
}

impl Worker {
    /// A worker, with the mailer as it will be; while there is none mail stays in the outbox.
    pub fn new(domain: Domain, mailer: watch::Receiver<Option<Mailer>>, metrics: Metrics) -> Self {
        Self {
            scheduler: Scheduler::new(domain.clone(), []),
            domain,
            mailer,
            metrics,
            counting: None,
        }
    }

    /// Does these tasks regularly, besides those of every installation.
    #[must_use]
    pub fn with_tasks(mut self, tasks: impl IntoIterator<Item = Task>) -> Self {
        self.scheduler = Scheduler::new(self.domain.clone(), tasks);
        self
    }

    /// Counts this too, once a minute.
    #[must_use]
    pub fn counting(mut self, counting: Counting) -> Self {
        self.counting = Some(counting);
        self
    }

    pub(crate) fn domain(&self) -> &Domain {
        &self.domain
    }

    pub(crate) fn mailer(&self) -> Option<Mailer> {
        self.mailer.borrow().clone()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Works until `stop` becomes true; a batch that has begun is finished first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        tracing::info!(event = "worker_started", "worker started");
        let inside = Box::pin(self.follow(Lane::Inside, stop.clone()));
        let mail = Box::pin(self.follow(Lane::Mail, stop.clone()));
        let schedule = Box::pin(self.scheduler.clone().run(stop.clone()));
        tokio::join!(inside, mail, schedule, self.count_regularly(stop));
        tracing::info!(event = "worker_stopped", "worker stopped");
    }

    /// Carries out what is due now, and ends.
    pub async fn drain(&self) {
        for lane in [Lane::Inside, Lane::Mail] {
            while self.work(lane).await {}
        }
    }

    async fn follow(&self, lane: Lane, mut stop: watch::Receiver<bool>) {
        let mut polls = interval(POLL);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !*stop.borrow() {
            tokio::select! {
                _ = polls.tick() => {}
                changed = stop.changed() => if changed.is_err() { break } else { continue },
            }
            while self.work(lane).await && !*stop.borrow() {}
        }
    }

    async fn count_regularly(&self, mut stop: watch::Receiver<bool>) {
        let mut counts = interval(COUNTING);
        counts.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !*stop.borrow() {
            tokio::select! {
                _ = counts.tick() => self.count().await,
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
    }

    /// Carries out one batch; true if there may be more.
    async fn work(&self, lane: Lane) -> bool {
        let batch = match lane {
            Lane::Inside => 20,
            // each is a connection to the mail server
            Lane::Mail if self.mailer.borrow().is_some() => 5,
            Lane::Mail => return false,
        };
        if self.domain.tenancy().is_paused() {
            return false;
        }
        match queue::claim(&self.domain, lane, batch).await {
            Ok(jobs) => {
                join_all(jobs.iter().map(|job| self.carry_out(job))).await;
                jobs.len() as i64 == batch
            }
            Err(error) => {
                tracing::warn!(event = "jobs_not_claimed", error = %error, "cannot look for jobs");
                false
            }
        }
    }

    async fn carry_out(&self, job: &Claimed) {
        let Some(kind) = KINDS.iter().find(|kind| kind.name == job.kind) else {
            return;
        };
        let begun = Instant::now();
        let span = tracing::info_span!(
            "job",
            otel.name = format!("job {}", kind.name),
            otel.kind = "consumer",
            job.kind = kind.name,
            job.attempt = job.attempt,
            tenant = %job.tenant,
            tenant.schema = %job.tenant,
        );
        self.try_once(kind, job).instrument(span).await;
        self.metrics
            .worked(kind.name, begun.elapsed().as_secs_f64());
    }

    async fn try_once(&self, kind: &Kind, job: &Claimed) {
        let noted = match (kind.run)(self, job).await {
            Ok(()) => queue::done(&self.domain, job).await,
            Err(Failure::Later(pause)) => queue::postponed(&self.domain, job, pause).await,
            Err(Failure::Temporary(reason)) if job.attempt < kind.patience.attempts => {
                let pause = kind.patience.pause(job.attempt);
                self.complain(kind, job, &reason.summary, false);
                queue::failed(&self.domain, job, &reason.detail, Some(pause)).await
            }
            Err(Failure::Temporary(reason) | Failure::Final(reason)) => {
                self.complain(kind, job, &reason.summary, true);
                queue::failed(&self.domain, job, &reason.detail, None).await
            }
        };
        if let Err(error) = noted {
            // the lease ends by itself, and the job is done again
            tracing::warn!(event = "job_not_noted", job.id = job.id, error = %error, "job not noted");
        }
    }

    fn complain(&self, kind: &Kind, job: &Claimed, error: &str, is_last: bool) {
        self.metrics.failed(kind.name, is_last);
        if kind.lane == Lane::Mail {
            self.metrics.mail_failed(is_last);
        }
        tracing::warn!(
            event = "job_failed",
            job.id = job.id,
            job.kind = %job.kind,
            tenant = %job.tenant,
            attempt = job.attempt,
            last = is_last,
            error,
            "job failed"
        );
    }

    async fn count(&self) {
        if self.domain.tenancy().is_paused() {
            return;
        }
        if let Err(error) = self.try_to_count().await {
            tracing::warn!(event = "not_counted", error = %error, "cannot count mails, jobs, tasks and tenants");
        }
    }

    async fn try_to_count(&self) -> domain::Result<()> {
        self.metrics
            .outbox(domain::mail::counts(&self.domain).await?);
        self.metrics.queued(&queue::queued(&self.domain).await?);
        let records = self.scheduler.records().await?;
        self.metrics.tasks(self.scheduler.tasks(), &records);
        self.metrics.census(&self.domain.tenancy().census().await?);
        match &self.counting {
            Some(counting) => counting(self.domain.clone()).await,
            None => Ok(()),
        }
    }
}
