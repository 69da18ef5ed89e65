//! What the worker counts.

use std::sync::atomic::AtomicU64;

use domain::mail::Counts;
use domain::tenancy::Census;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::KINDS;
use crate::queue::Queued;
use crate::{Record, Task};

/// Seconds of a job, from work on the own database to a mail server that hardly answers.
const SECONDS: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Failed {
    kind: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Waiting {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tenants {
    state: String,
    cell: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Regular {
    task: &'static str,
}

/// Counters of the worker.
#[derive(Debug, Clone)]
pub struct Metrics {
    sent: Counter,
    mail_failures: Family<Outcome, Counter>,
    mail_seconds: Histogram,
    outbox: Family<Waiting, Gauge>,
    seconds: Family<OfKind, Histogram, fn() -> Histogram>,
    failures: Family<Failed, Counter>,
    queued: Family<OfKind, Gauge>,
    oldest: Family<OfKind, Gauge>,
    task_success: Family<Regular, Gauge>,
    task_seconds: Family<Regular, Gauge<f64, AtomicU64>>,
    task_failures: Family<Regular, Gauge>,
    task_overdue: Family<Regular, Gauge>,
    tenants: Family<Tenants, Gauge>,
    migrations: Gauge,
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    /// Creates them in a registry.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            sent: Counter::default(),
            mail_failures: Family::default(),
            mail_seconds: seconds(),
            outbox: Family::default(),
            seconds: Family::new_with_constructor(seconds),
            failures: Family::default(),
            queued: Family::default(),
            oldest: Family::default(),
            task_success: Family::default(),
            task_seconds: Family::default(),
            task_failures: Family::default(),
            task_overdue: Family::default(),
            tenants: Family::default(),
            migrations: Gauge::default(),
        };
        // a rate needs a beginning
        for outcome in ["failed", "dead"] {
            let _ = metrics.mail_failures.get_or_create(&Outcome { outcome });
            for kind in KINDS.iter().map(|kind| kind.name) {
                let _ = metrics.failures.get_or_create(&Failed { kind, outcome });
                let _ = metrics.seconds.get_or_create(&OfKind { kind });
            }
        }
        metrics.show(registry);
        metrics
    }

    fn show(&self, registry: &mut Registry) {
        registry.register("mails_sent", "Mails handed over", self.sent.clone());
        registry.register(
            "mail_failures",
            "Tries to hand a mail over that failed; dead ones are not tried again",
            self.mail_failures.clone(),
        );
        registry.register(
            "mail_seconds",
            "Time of handing a mail over",
            self.mail_seconds.clone(),
        );
        registry.register("outbox_mails", "Mails not sent", self.outbox.clone());
        registry.register("job_seconds", "Time of jobs", self.seconds.clone());
        registry.register(
            "job_failures",
            "Jobs that failed; dead ones are not tried again",
            self.failures.clone(),
        );
        registry.register("jobs_queued", "Jobs not done", self.queued.clone());
        registry.register(
            "job_oldest_seconds",
            "How long the job has been due that waits longest",
            self.oldest.clone(),
        );
        registry.register(
            "scheduler_last_success_timestamp",
            "When what is done regularly was done last, in seconds since 1970",
            self.task_success.clone(),
        );
        registry.register(
            "scheduler_run_seconds",
            "How long the last run of what is done regularly took",
            self.task_seconds.clone(),
        );
        registry.register(
            "scheduler_failures",
            "How many runs in a row of what is done regularly have failed",
            self.task_failures.clone(),
        );
        registry.register(
            "scheduler_overdue_seconds",
            "For how long what is done regularly has been due without being begun",
            self.task_overdue.clone(),
        );
        registry.register("tenants", "Tenants", self.tenants.clone());
        registry.register(
            "migrations_pending",
            "Tenants that wait for a migration",
            self.migrations.clone(),
        );
    }

    pub(crate) fn sent(&self, seconds: f64) {
        self.sent.inc();
        self.mail_seconds.observe(seconds);
    }

    pub(crate) fn mail_failed(&self, is_dead: bool) {
        let outcome = outcome(is_dead);
        self.mail_failures.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn worked(&self, kind: &'static str, seconds: f64) {
        self.seconds
            .get_or_create(&OfKind { kind })
            .observe(seconds);
    }

    pub(crate) fn failed(&self, kind: &'static str, is_dead: bool) {
        let outcome = outcome(is_dead);
        self.failures.get_or_create(&Failed { kind, outcome }).inc();
    }

    pub(crate) fn outbox(&self, counts: Counts) {
        let set = |state, count| {
            self.outbox.get_or_create(&Waiting { state }).set(count);
        };
        set("waiting", counts.waiting);
        set("dead", counts.dead);
    }

    /// Kinds that are not among `queued` have nothing to do.
    pub(crate) fn queued(&self, queued: &[Queued]) {
        for kind in KINDS.iter().map(|kind| kind.name) {
            let found = queued.iter().find(|queued| queued.kind == kind);
            let (jobs, oldest) = found.map_or((0, 0), |queued| (queued.jobs, queued.oldest));
            self.queued.get_or_create(&OfKind { kind }).set(jobs);
            self.oldest.get_or_create(&OfKind { kind }).set(oldest);
        }
    }

    pub(crate) fn census(&self, census: &[Census]) {
        // a state or a cell that nobody has any longer
        self.tenants.clear();
        for counted in census {
            let labels = Tenants {
                state: counted.state.clone(),
                cell: counted.cell.clone(),
            };
            self.tenants.get_or_create(&labels).set(counted.tenants);
        }
        self.migrations
            .set(census.iter().map(|counted| counted.behind).sum());
    }

    /// How it went with what is done regularly.
    pub(crate) fn tasks(&self, tasks: &[Task], records: &[Record]) {
        let now = domain::now();
        for task in tasks.iter().map(|task| task.name) {
            let labels = Regular { task };
            let Some(record) = records.iter().find(|record| record.name == task) else {
                // not planned yet
                self.task_failures.get_or_create(&labels).set(0);
                self.task_overdue.get_or_create(&labels).set(0);
                continue;
            };
            if let Some(at) = record.succeeded_at {
                let success = self.task_success.get_or_create(&labels);
                success.set(at.timestamp());
            }
            if let Some(seconds) = record.seconds() {
                self.task_seconds.get_or_create(&labels).set(seconds);
            }
            let failures = self.task_failures.get_or_create(&labels);
            failures.set(record.failures.into());
            let waits = (now - record.due_at).num_seconds().max(0);
            let overdue = if record.is_running { 0 } else { waits };
            self.task_overdue.get_or_create(&labels).set(overdue);
        }
    }
}

fn outcome(is_dead: bool) -> &'static str {
    if is_dead { "dead" } else { "failed" }
}
