//! What is counted about requests. Labels come from fixed sets, so that the number of series
//! does not grow with tenants, ids or what clients send.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::rates;

/// Bounds of the histograms in seconds, those of the OpenTelemetry conventions.
pub const SECONDS: [f64; 14] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 10.0,
];

/// A histogram of durations.
fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

/// What is counted about requests.
#[derive(Debug, Clone)]
pub struct Metrics {
    pub(crate) requests: Family<Answered, Counter>,
    pub(crate) seconds: Family<Asked, Histogram, fn() -> Histogram>,
    pub(crate) in_flight: Gauge,
    in_flight_limit: Gauge,
    pub(crate) panics: Counter,
    pub(crate) log_ins: Family<LogIn, Counter<u64, AtomicU64>>,
    pub(crate) refused: Family<Refused, Counter>,
}

/// Labels of answered requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Answered {
    /// The pattern of the path.
    pub(crate) route: String,
    /// The HTTP method, `OTHER` for unusual ones.
    pub(crate) method: &'static str,
    /// `2xx` and so on.
    pub(crate) status: &'static str,
}

/// Labels of request durations.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Asked {
    /// The pattern of the path.
    pub(crate) route: String,
    /// The HTTP method, `OTHER` for unusual ones.
    pub(crate) method: &'static str,
}

/// Labels of requests refused because of their address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Refused {
    /// The limit, or `denied`.
    pub(crate) class: &'static str,
}

/// Labels of log-ins.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct LogIn {
    /// How the attempt ended.
    pub(crate) outcome: Outcome,
}

/// How a log-in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Outcome {
    /// Name and password are right.
    Success,
    /// They are not.
    Wrong,
    /// Too many attempts.
    Throttled,
}

impl Metrics {
    /// Creates all of them in a registry.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(durations),
            in_flight: Gauge::default(),
            in_flight_limit: Gauge::default(),
            panics: Counter::default(),
            log_ins: Family::default(),
            refused: Family::default(),
        };
        registry.register(
            "http_requests",
            "Requests answered",
            metrics.requests.clone(),
        );
        registry.register(
            "http_request_seconds",
            "Time from the head of a request to the head of its answer",
            metrics.seconds.clone(),
        );
        registry.register(
            "http_in_flight",
            "Requests being worked on",
            metrics.in_flight.clone(),
        );
        registry.register(
            "http_in_flight_limit",
            "Requests that may be worked on at the same time",
            metrics.in_flight_limit.clone(),
        );
        registry.register(
            "panics",
            "Requests that ended in a defect",
            metrics.panics.clone(),
        );
        registry.register("auth_attempts", "Log-ins by page", metrics.log_ins.clone());
        registry.register(
            "http_refused",
            "Requests refused because their address asks too often or is denied",
            metrics.refused.clone(),
        );
        // a rate needs a beginning
        for outcome in [Outcome::Success, Outcome::Wrong, Outcome::Throttled] {
            let _ = metrics.log_ins.get_or_create(&LogIn { outcome });
        }
        for class in rates::LABELS {
            let _ = metrics.refused.get_or_create(&Refused { class });
        }
        metrics
    }

    /// Tells how many requests may be worked on at the same time.
    pub(crate) fn limit(&self, most: usize) {
        self.in_flight_limit.set(most as i64);
    }
}

/// The method as a label.
pub(crate) fn method_label(method: &http::Method) -> &'static str {
    match *method {
        http::Method::GET => "GET",
        http::Method::HEAD => "HEAD",
        http::Method::POST => "POST",
        http::Method::PUT => "PUT",
        http::Method::PATCH => "PATCH",
        http::Method::DELETE => "DELETE",
        http::Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// The class of a status as a label.
pub(crate) fn status_label(status: http::StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
