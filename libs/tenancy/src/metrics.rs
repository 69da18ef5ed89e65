//! What is counted about connections and about look-ups of tenants.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// From a connection that is at hand to a wait that ends in an error.
const SECONDS: [f64; 11] = [
    0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// What is counted; a clone counts the same.
#[derive(Debug, Clone)]
pub struct Metrics {
    acquire: Family<Cell, Histogram, fn() -> Histogram>,
    transactions: Family<Cell, Histogram, fn() -> Histogram>,
    failures: Family<Failed, Counter>,
    lookups: Family<LookedUp, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Cell {
    cell: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Failed {
    cell: String,
    reason: Reason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
enum Reason {
    Busy,
    Unreachable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LookedUp {
    outcome: Lookup,
}

/// How a look-up ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Lookup {
    /// It was remembered.
    Hit,
    /// The database was asked.
    Miss,
    /// There is no such tenant.
    Unknown,
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            acquire: Family::new_with_constructor(seconds),
            transactions: Family::new_with_constructor(seconds),
            failures: Family::default(),
            lookups: Family::default(),
        };
        // a rate needs a beginning
        for outcome in [Lookup::Hit, Lookup::Miss, Lookup::Unknown] {
            let _ = metrics.lookups.get_or_create(&LookedUp { outcome });
        }
        metrics
    }
}

impl Metrics {
    /// Shows them in a registry.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "db_acquire_seconds",
            "Wait for a connection to a database",
            self.acquire.clone(),
        );
        registry.register(
            "db_tx_seconds",
            "Time a transaction holds its connection",
            self.transactions.clone(),
        );
        registry.register(
            "db_acquire_failures",
            "Waits for a connection that ended without one",
            self.failures.clone(),
        );
        registry.register(
            "tenant_resolver",
            "Look-ups of tenants",
            self.lookups.clone(),
        );
    }

    pub(crate) fn looked_up(&self, outcome: Lookup) {
        self.lookups.get_or_create(&LookedUp { outcome }).inc();
    }

    /// The part that concerns one cell.
    pub(crate) fn of_cell(&self, cell: &str) -> CellMetrics {
        let failed = |reason| {
            let cell = cell.to_owned();
            self.failures.get_or_create_owned(&Failed { cell, reason })
        };
        let cell = Cell {
            cell: cell.to_owned(),
        };
        CellMetrics {
            acquire: self.acquire.get_or_create_owned(&cell),
            transactions: self.transactions.get_or_create_owned(&cell),
            busy: failed(Reason::Busy),
            unreachable: failed(Reason::Unreachable),
        }
    }
}

/// What is counted about the connections of one cell.
pub(crate) struct CellMetrics {
    acquire: Histogram,
    transactions: Histogram,
    busy: Counter,
    unreachable: Counter,
}

impl CellMetrics {
    pub(crate) fn acquired(&self, after: Duration) {
        self.acquire.observe(after.as_secs_f64());
    }

    pub(crate) fn released(&self, after: Duration) {
        self.transactions.observe(after.as_secs_f64());
    }

    pub(crate) fn busy(&self) {
        self.busy.inc();
    }

    pub(crate) fn unreachable(&self) {
        self.unreachable.inc();
    }
}
