//! Logs and traces: where the events of all libraries go.

mod inside;
mod json_lines;

use std::io::IsTerminal as _;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::runtime::Tokio;
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Level, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Config;
use crate::config::catalogue::LOG_FILTER;
use crate::metrics::Calls;

/// Lines that may wait for the log's reader before lines are dropped.
const WAITING_LINES: usize = 16_384;
/// Libraries whose spans are exported as traces.
const TRACED: [&str; 6] = ["kiwi", "web", "rpc", "domain", "tenancy", "jobs"];

/// Keeps logs and traces flowing; dropping it writes what is left.
pub(crate) struct Telemetry {
    traces: Option<SdkTracerProvider>,
    lost: ErrorCounter,
    filter: Filter,
    _log: WorkerGuard,
}

/// Changes what is logged.
#[derive(Clone)]
pub(crate) struct Filter(Arc<dyn Fn(Targets) -> Result<(), String> + Send + Sync>);

impl Filter {
    fn new<S: 'static>(handle: reload::Handle<Targets, S>) -> Self {
        Self(Arc::new(move |filter| {
            handle.reload(filter).map_err(|error| error.to_string())
        }))
    }

    /// From now on this filter decides.
    pub(crate) fn set(&self, text: &str) -> Result<(), String> {
        (self.0)(filter(text)?)
    }
}

/// Starts the log of a server: standard output, traces when a collector is configured. `calls`
/// sees the events of the API, whatever is logged.
pub(crate) fn start_server(config: &Config, calls: Option<Calls>) -> Result<Telemetry, String> {
    let terminal = std::io::stdout().is_terminal();
    let json = match config.log_format.as_str() {
        "json" => true,
        "text" => false,
        _ => !terminal,
    };
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(WAITING_LINES)
        .finish(std::io::stdout());
    let traces = config
        .otlp_endpoint
        .as_deref()
        .map(|endpoint| exporter(config, endpoint));
    let traces = traces.transpose()?;
    let spans = traces.as_ref().map(|provider| {
        let ours = Targets::new().with_targets(TRACED.map(|target| (target, Level::INFO)));
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("kiwi"))
            .with_filter(ours)
    });
    let lost = writer.error_counter();
    let calls =
        calls.map(|calls| calls.with_filter(Targets::new().with_target("rpc::call", Level::INFO)));
    let inside = config
        .debugging
        .is_some()
        .then(|| inside::Inside.with_filter(inside::Inside::filter()));
    let (changeable, handle) = reload::Layer::new(filter(&config.log_filter)?);
    tracing_subscriber::registry()
        .with(log_layer(writer, json, terminal).with_filter(changeable))
        .with(spans)
        .with(calls)
        .with(inside)
        .init();
    Ok(Telemetry {
        traces,
        lost,
        filter: Filter::new(handle),
        _log: guard,
    })
}

/// Starts the log of a command: warnings as text on standard error.
pub(crate) fn start_command(config: &Config) -> Result<Telemetry, String> {
    let wanted = if config.is_given(&LOG_FILTER) {
        config.log_filter.as_str()
    } else {
        "warn"
    };
    let (writer, guard) = tracing_appender::non_blocking(std::io::stderr());
    let colours = std::io::stderr().is_terminal();
    let lost = writer.error_counter();
    let (changeable, handle) = reload::Layer::new(filter(wanted)?);
    tracing_subscriber::registry()
        .with(log_layer(writer, false, colours).with_filter(changeable))
        .init();
    Ok(Telemetry {
        traces: None,
        lost,
        filter: Filter::new(handle),
        _log: guard,
    })
}

impl Telemetry {
    /// Counts lines that were dropped because the log's reader was too slow.
    pub(crate) fn lost_lines(&self) -> ErrorCounter {
        self.lost.clone()
    }

    /// Changes what is logged.
    pub(crate) fn filter(&self) -> Filter {
        self.filter.clone()
    }

    /// Sends what is left to the collector.
    pub(crate) async fn finish(self) {
        if let Some(traces) = self.traces.clone() {
            // blocks until the exporter, which needs this runtime, is done
            let _ = tokio::task::spawn_blocking(move || traces.shutdown()).await;
        }
    }
}

/// Says why a text is no filter.
pub(crate) fn is_filter(text: &str) -> Result<(), String> {
    filter(text).map(drop)
}

fn filter(text: &str) -> Result<Targets, String> {
    let mut parts = text.split(',').map(str::trim);
    // a lone word that is no level would name a target, and silence all others
    let is_strange = |part: &&str| !part.contains('=') && LevelFilter::from_str(part).is_err();
    if let Some(word) = parts.find(is_strange) {
        return Err(format!(
            "log.filter: `{word}` is none of the levels off, error, warn, info, debug and trace; \
             a module has its level behind `=`, such as `info,sqlx=debug`"
        ));
    }
    Targets::from_str(text).map_err(|error| format!("log.filter: {error}"))
}

fn log_layer<S>(writer: NonBlocking, json: bool, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if json {
        Box::new(json_lines::JsonLines::new(writer))
    } else {
        Box::new(
            tracing_subscriber::fmt::layer()
                .with_writer(writer)
                .with_ansi(colours),
        )
    }
}

fn exporter(config: &Config, endpoint: &str) -> Result<SdkTracerProvider, String> {
    let explain = |why: String| format!("telemetry.otlp_endpoint: {why}");
    let exporter = opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .with_timeout(Duration::from_secs(10))
        .build()
        .map_err(|error| explain(error.to_string()))?;
    // the resource adds OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES by itself
    let mut resource = Resource::builder();
    #[expect(
        clippy::disallowed_methods,
        reason = "a variable of the exporter, not of ours"
    )]
    let name = std::env::var_os("OTEL_SERVICE_NAME");
    if name.is_none() {
        resource = resource.with_service_name("kiwi");
    }
    let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.trace_ratio)));
    Ok(SdkTracerProvider::builder()
        .with_resource(resource.with_attribute(version).build())
        .with_sampler(sampler)
        .with_span_processor(BatchSpanProcessor::builder(exporter, Tokio).build())
        .build())
}
