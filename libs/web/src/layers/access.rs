//! The outermost layer: gives the request a name, follows it with a span, counts it, writes its
//! line into the log, and turns a defect into an answer.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, StatusCode};
use http_body::Body as _;
use tracing::{Instrument as _, Span, field};

use crate::connection::{Connection, RequestId};
use crate::error::Error;
use crate::metrics::{Answered, Asked, method_label, status_label};
use crate::rates::Refused;
use crate::{App, chance, debug, failures};

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest path in the log.
const LONGEST_PATH: usize = 1024;

/// Follows a request from its head to the head of its answer.
pub(crate) async fn follow(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let start = Instant::now();
    let id = chance::hex(&chance::bytes::<8>());
    request.extensions_mut().insert(RequestId(id.clone()));
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = method_label(request.method());
    let span = span(&request, &id, method, &route);
    let in_flight = InFlight::new(&app);
    let answered = caught(&app, debug::watched(&app, next.run(request)))
        .instrument(span.clone())
        .await;
    drop(in_flight);
    let _entered = span.enter();
    let mut response = answered.unwrap_or_else(|defect| failures::bare(&defect, &id));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(&REQUEST_ID, id);
    }
    let elapsed = start.elapsed();
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status == StatusCode::INTERNAL_SERVER_ERROR
        && let Some(domain) = app.domain()
    {
        domain::notify::defect(domain, &format!("{method} {route}"), &id);
    }
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    // a flood has a line of its own now and then
    if response.extensions().get::<Refused>().is_none() {
        tracing::info!(
            event = "request",
            status = status.as_u16(),
            ms = (elapsed.as_secs_f64() * 1e6).round() / 1e3,
            bytes = response.body().size_hint().exact(),
        );
    }
    let seconds = Asked {
        route: route.clone(),
        method,
    };
    app.metrics()
        .seconds
        .get_or_create(&seconds)
        .observe(elapsed.as_secs_f64());
    let labels = Answered {
        route,
        method,
        status: status_label(status),
    };
    app.metrics().requests.get_or_create(&labels).inc();
    response
}

/// Turns a defect into an error, and counts it.
pub(crate) async fn caught<T>(app: &App, work: impl Future<Output = T>) -> Result<T, Error> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .map_err(|cause| {
            let text = cause.downcast_ref::<&str>().copied();
            let text = text.or_else(|| cause.downcast_ref::<String>().map(String::as_str));
            // not for the log: it may hold anything
            debug::event(format!("PANIC {}", text.unwrap_or_default()));
            app.metrics().panics.inc();
            tracing::error!(event = "request_panicked", "a request ended in a defect");
            Error::Internal
        })
}

fn span(request: &Request, id: &str, method: &'static str, route: &str) -> Span {
    let path = request.uri().path();
    let path = &path[..path.floor_char_boundary(LONGEST_PATH)];
    let connection = request.extensions().get::<Connection>();
    tracing::info_span!(
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = field::Empty,
        rid = id,
        method,
        route,
        path,
        client = connection.map(|connection| field::display(connection.peer.ip().to_canonical())),
        tenant = "-",
        tenant_id = field::Empty,
        user_id = field::Empty,
        tenant.schema = "-",
        tenant.id = field::Empty,
        http.request.method = method,
        http.route = route,
        http.response.status_code = field::Empty,
    )
}

/// Counts a request as being worked on until dropped, also when its client goes away.
struct InFlight<'a>(&'a App);

impl<'a> InFlight<'a> {
    fn new(app: &'a App) -> Self {
        app.metrics().in_flight.inc();
        Self(app)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.metrics().in_flight.dec();
    }
}
