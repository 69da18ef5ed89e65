//! Metrics of the whole program and how Prometheus reads them.

mod backups;

use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock};

use domain::Domain;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::ErrorCounter;
use tracing_subscriber::layer::{Context, Layer};

use crate::tls::Certificates;
pub(crate) use backups::Backups;

/// All metrics of the program.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    pools: Family<Pool, Gauge>,
    pool_limits: Family<OfCell, Gauge>,
    certificates: OnceLock<Arc<Certificates>>,
    expiry: Family<Certificate, Gauge>,
}

/// All metrics, and the parts of them that others count.
pub(crate) struct Made {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) web: web::Metrics,
    pub(crate) jobs: jobs::Metrics,
    pub(crate) backups: Backups,
    pub(crate) tenancy: tenancy::Metrics,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCell {
    cell: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Certificate {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    cell: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    method: String,
    protocol: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// Counts calls of the API from the events that the dispatcher writes.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    count: Family<Call, Counter>,
    seconds: Family<Call, Histogram, fn() -> Histogram>,
}

fn durations() -> Histogram {
    Histogram::new(web::SECONDS)
}

impl Calls {
    pub(crate) fn new() -> Self {
        Self {
            count: Family::default(),
            seconds: Family::new_with_constructor(durations),
        }
    }
}

impl Metrics {
    /// Creates them; `calls` is fed by the log, `dropped` counts lines that the log lost.
    pub(crate) fn make(calls: &Calls, dropped: ErrorCounter, is_debug: bool) -> Made {
        let mut registry = Registry::with_prefix("kiwi");
        let web = web::Metrics::register(&mut registry);
        let jobs = jobs::Metrics::register(&mut registry);
        let backups = Backups::register(&mut registry);
        let tenancy = tenancy::Metrics::default();
        tenancy.register(&mut registry);
        registry.register("rpc_calls", "Calls of the API", calls.count.clone());
        registry.register(
            "rpc_seconds",
            "Time of calls of the API",
            calls.seconds.clone(),
        );
        let pools = Family::default();
        let help = "Connections to databases";
        registry.register("db_pool_connections", help, Family::clone(&pools));
        let pool_limits = Family::default();
        let help = "Connections to databases that may be open at the same time";
        registry.register("db_pool_limit", help, Family::clone(&pool_limits));
        let expiry = Family::default();
        let help = "Seconds until a certificate ends";
        registry.register("certificate_expiry_seconds", help, Family::clone(&expiry));
        let build = Family::<Build, Gauge>::default();
        build
            .get_or_create(&Build {
                version: env!("CARGO_PKG_VERSION"),
            })
            .set(1);
        registry.register("build_info", "The program", build);
        let debug = Gauge::<i64>::default();
        debug.set(is_debug.into());
        let help = "Whether pages of errors tell what happens inside";
        registry.register("debug_enabled", help, debug);
        registry.register_collector(Box::new(Lost(dropped)));
        let metrics = Arc::new(Self {
            registry: Mutex::new(registry),
            pools,
            pool_limits,
            certificates: OnceLock::new(),
            expiry,
        });
        Made {
            metrics,
            web,
            jobs,
            backups,
            tenancy,
        }
    }

    /// Also tells when these certificates end.
    pub(crate) fn watch(&self, certificates: &Arc<Certificates>) {
        // a second call would name the same ones
        let _ = self.certificates.set(Arc::clone(certificates));
    }

    /// All metrics in the text format.
    pub(crate) fn text(&self, domain: Option<&Domain>) -> String {
        for (cell, status) in domain
            .map(|domain| domain.tenancy().pools())
            .unwrap_or_default()
        {
            let gauge = |state| {
                self.pools.get_or_create_owned(&Pool {
                    cell: cell.clone(),
                    state,
                })
            };
            let (open, idle) = (status.open as i64, status.idle as i64);
            gauge("idle").set(idle);
            gauge("used").set((open - idle).max(0));
            let limit = self.pool_limits.get_or_create_owned(&OfCell { cell });
            limit.set(status.limit as i64);
        }
        if let Some(end) = self.certificates.get().and_then(|all| all.ends_at()) {
            let now = domain::now().timestamp();
            let kind = "default";
            self.expiry
                .get_or_create(&Certificate { kind })
                .set(end - now);
        }
        let mut out = String::new();
        if let Ok(registry) = self.registry.lock() {
            // writing to a String cannot fail
            let _ = text::encode(&mut out, &registry);
        }
        let end = out.strip_suffix("# EOF\n").map(str::len);
        if let Some(end) = end {
            out.truncate(end);
        }
        process(&mut out);
        runtime(&mut out);
        out.push_str("# EOF\n");
        out
    }
}

/// Lines that the log lost because nobody read them fast enough.
struct Lost(ErrorCounter);

impl std::fmt::Debug for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lost")
    }
}

impl prometheus_client::collector::Collector for Lost {
    fn encode(
        &self,
        mut encoder: prometheus_client::encoding::DescriptorEncoder<'_>,
    ) -> Result<(), std::fmt::Error> {
        use prometheus_client::encoding::EncodeMetric as _;
        let counter: Counter<u64, AtomicU64> = Counter::default();
        counter.inc_by(self.0.dropped_lines() as u64);
        let metric = encoder.encode_descriptor(
            "log_dropped",
            "Lines of the log that were lost",
            None,
            prometheus_client::metrics::MetricType::Counter,
        )?;
        counter.encode(metric)
    }
}

/// What the runtime says about its threads and tasks.
fn runtime(out: &mut String) {
    let metrics = tokio::runtime::Handle::current().metrics();
    for (name, help, value) in [
        ("tokio_workers", "Worker threads", metrics.num_workers()),
        (
            "tokio_alive_tasks",
            "Tasks that are not done",
            metrics.num_alive_tasks(),
        ),
        (
            "tokio_global_queue_depth",
            "Tasks that wait for a worker thread",
            metrics.global_queue_depth(),
        ),
    ] {
        let _ = write!(
            out,
            "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n"
        );
    }
}

/// What the operating system says about the process, under its usual names.
fn process(out: &mut String) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = |name: &str| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().trim_end_matches(" kB").trim().parse().ok()
    };
    let mut gauge = |name: &str, help: &str, value: f64| {
        let _ = write!(
            out,
            "# HELP {name} {help}.\n# TYPE {name} gauge\n{name} {value}\n"
        );
    };
    if let Some(resident) = kilobytes("VmRSS:") {
        let help = "Resident memory in bytes";
        gauge(
            "process_resident_memory_bytes",
            help,
            resident as f64 * 1024.0,
        );
    }
    if let Some(threads) = status
        .lines()
        .find_map(|line| line.strip_prefix("Threads:"))
    {
        gauge(
            "process_threads",
            "Threads",
            threads.trim().parse().unwrap_or(0.0),
        );
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        gauge(
            "process_open_fds",
            "Open file descriptors",
            open.count() as f64,
        );
    }
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // fields after the name in brackets: the 12th and 13th are user and system time in ticks
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<f64>().ok());
    if let (Some(user), Some(system)) = (ticks(11), ticks(12)) {
        let name = "process_cpu_seconds";
        let _ = write!(
            out,
            "# HELP {name} Processor time in seconds.\n# TYPE {name} counter\n{name}_total {}\n",
            (user + system) / 100.0
        );
    }
}

impl<S: Subscriber> Layer<S> for Calls {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "rpc::call" {
            return;
        }
        let mut seen = Seen::default();
        event.record(&mut seen);
        let outcome = match seen.code {
            0 => "success",
            -32098 => "refused",
            -32603 => "failed",
            _ => "invalid",
        };
        let labels = Call {
            method: seen.method,
            protocol: seen.protocol,
            outcome,
        };
        self.count.get_or_create(&labels).inc();
        self.seconds
            .get_or_create(&labels)
            .observe(seen.milliseconds / 1000.0);
    }
}

/// The fields of an event about a call.
#[derive(Default)]
struct Seen {
    method: String,
    protocol: String,
    code: i64,
    milliseconds: f64,
}

impl Visit for Seen {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "duration_ms" {
            self.milliseconds = value;
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "rpc.code" {
            self.code = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "rpc.method" {
            value.clone_into(&mut self.method);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "rpc.protocol" {
            self.protocol = format!("{value:?}").to_lowercase();
        }
    }
}
