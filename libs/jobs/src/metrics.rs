//! What the worker counts.

use domain::mail::Counts;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Seconds of handing a mail over, from a server beside ours to one that hardly answers.
const SECONDS: [f64; 9] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Sent {
    tenant: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Failed {
    tenant: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Waiting {
    state: &'static str,
}

/// Counters of the worker.
#[derive(Debug, Clone)]
pub struct Metrics {
    sent: Family<Sent, Counter>,
    failures: Family<Failed, Counter>,
    seconds: Histogram,
    outbox: Family<Waiting, Gauge>,
}

impl Metrics {
    /// Creates them in a registry.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            sent: Family::default(),
            failures: Family::default(),
            seconds: Histogram::new(SECONDS),
            outbox: Family::default(),
        };
        registry.register("mails_sent", "Mails handed over", metrics.sent.clone());
        registry.register(
            "mail_failures",
            "Tries to hand a mail over that failed; dead ones are not tried again",
            metrics.failures.clone(),
        );
        registry.register(
            "mail_seconds",
            "Time of handing a mail over",
            metrics.seconds.clone(),
        );
        registry.register("outbox_mails", "Mails not sent", metrics.outbox.clone());
        metrics
    }

    pub(crate) fn sent(&self, tenant: &str, seconds: f64) {
        let tenant = tenant.to_owned();
        self.sent.get_or_create_owned(&Sent { tenant }).inc();
        self.seconds.observe(seconds);
    }

    pub(crate) fn failed(&self, tenant: &str, is_dead: bool) {
        let labels = Failed {
            tenant: tenant.to_owned(),
            outcome: if is_dead { "dead" } else { "failed" },
        };
        self.failures.get_or_create_owned(&labels).inc();
    }

    pub(crate) fn outbox(&self, counts: Counts) {
        let set = |state, count| {
            let gauge = self.outbox.get_or_create_owned(&Waiting { state });
            gauge.set(count);
        };
        set("waiting", counts.waiting);
        set("dead", counts.dead);
    }
}
