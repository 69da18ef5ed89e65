//! Whether the program lives and is ready, for those who watch over it.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::json;

use crate::App;

/// An answer is wanted at once, also when all connections are busy.
const PATIENCE: Duration = Duration::from_millis(1500);

/// `/livez`: answers as long as anything is answered.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// `/readyz`: whether requests should be sent here.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let database = match app.domain() {
        Some(domain) => {
            matches!(
                tokio::time::timeout(PATIENCE, domain.tenancy().ping()).await,
                Ok(Ok(()))
            )
        }
        None => false,
    };
    let is_accepting = !app.is_draining() && app.maintenance().is_none();
    if database && is_accepting {
        return "ok\n".into_response();
    }
    let checks = json!({ "database": database, "accepting": is_accepting });
    let body = json!({ "status": "unavailable", "checks": checks });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
