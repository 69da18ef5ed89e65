//! The tenant of a request: decided by the host name and by nothing else.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use domain::{Domain, tenancy};
use http::{StatusCode, header};
use tracing::Span;

use crate::connection;
use crate::error::Error;
use crate::{App, WebSetup};

/// Seconds after which whoever meets maintenance is asked to come back, at most.
const MOST_PATIENCE: i64 = 60;

/// Finds the tenant and puts it, with the product, into the request.
pub(crate) async fn resolve(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(host) = connection::host(&parts) else {
        return plain(
            StatusCode::BAD_REQUEST,
            "the request names more than one host",
        );
    };
    if let Some(until) = app.maintenance() {
        return maintenance(until).into_response();
    }
    let Some(domain) = app.domain() else {
        return Error::Unavailable.into_response();
    };
    let tenancy = domain.tenancy();
    let is_name = tenancy::normalise_host(host).is_some();
    if !is_name && *tenancy.mode() != tenancy::Mode::Single {
        return plain(StatusCode::NOT_FOUND, "the host is not a valid name");
    }
    let tenant = match tenancy.by_host(host).await {
        Ok(Some(tenant)) => tenant,
        Ok(None) => return Error::UnknownHost.into_response(),
        Err(tenancy::Error::NotInitialised) => {
            return no_tables(&app, domain).await.into_response();
        }
        Err(error) => return refuse(error).into_response(),
    };
    let span = Span::current();
    span.record("tenant", tenant.schema.as_str());
    span.record("tenant_id", tenant.id.0);
    span.record("tenant.schema", tenant.schema.as_str());
    span.record("tenant.id", tenant.id.0);
    match tenant.state {
        tenancy::State::Active if tenant.is_outdated() => {
            return Error::NotMigrated.into_response();
        }
        tenancy::State::Active => {
            if let Some(until) = tenant
                .maintenance_until
                .filter(|until| *until > domain::now())
            {
                return maintenance(until).into_response();
            }
        }
        tenancy::State::Suspended => return Error::Suspended.into_response(),
        _ => return Error::Unavailable.into_response(),
    }
    request = Request::from_parts(parts, body);
    request.extensions_mut().insert(tenant);
    request.extensions_mut().insert(domain.clone());
    next.run(request).await
}

/// When it is worth coming back: maintenance may end before its time.
fn maintenance(until: DateTime<Utc>) -> Error {
    let seconds = (until - domain::now()).num_seconds();
    Error::Maintenance(seconds.clamp(1, MOST_PATIENCE).cast_unsigned())
}

/// Whether the page of the first set-up helps where there is no tenant.
async fn no_tables(app: &App, domain: &Domain) -> Error {
    let is_offered = app.settings().setup != WebSetup::Off;
    match domain.tenancy().is_empty().await {
        Ok(true) if is_offered => Error::NotSetUp,
        Ok(_) => Error::NotMigrated,
        Err(error) => refuse(error),
    }
}

/// What an error of the tenancy means to a visitor.
pub(crate) fn refuse(error: tenancy::Error) -> Error {
    match error {
        tenancy::Error::NotInitialised | tenancy::Error::Outdated(_) => Error::NotMigrated,
        tenancy::Error::Unavailable | tenancy::Error::Moved(_) => Error::Unavailable,
        tenancy::Error::UnknownTenant(_) => Error::UnknownHost,
        tenancy::Error::State {
            state: tenancy::State::Suspended,
            ..
        } => Error::Suspended,
        other => domain::Error::from(other).into(),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        text,
    )
        .into_response()
}
