//! What the authority is told when it asks by plain HTTP whether a name is ours.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use web::App;

use super::store::answer_to;

/// Characters of a token at most.
const LONGEST: usize = 128;

/// A router that answers authorities, before everything else, on every host name.
pub(crate) fn answering(app: &App, router: Router) -> Router {
    Router::new()
        .route("/.well-known/acme-challenge/{token}", get(answer))
        .with_state(app.clone())
        .fallback_service(router)
}

async fn answer(State(app): State<App>, Path(token): Path<String>) -> Response {
    let is_token = token.len() <= LONGEST
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    let found = match app.domain().filter(|_| is_token) {
        Some(domain) => answer_to(domain.tenancy(), &token).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(answer)) => {
            let kind = [(header::CONTENT_TYPE, "application/octet-stream")];
            (kind, answer.proof).into_response()
        }
        Ok(None) => (StatusCode::NOT_FOUND, "nobody waits for this\n").into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
