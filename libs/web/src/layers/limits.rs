//! Limits of a request: size of head and body, number at the same time, time.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use crate::error::Error;
use crate::form::MOST_FIELDS;
use crate::{App, body, failures};

/// Longest path with query.
const LONGEST_URI: usize = 10_240;
/// Names and values of all header fields together.
const LARGEST_HEADERS: usize = 20_480;

/// Refuses what is too large, too much or too slow.
pub(crate) async fn enforce(State(app): State<App>, request: Request, next: Next) -> Response {
    let uri = request
        .uri()
        .path_and_query()
        .map_or(0, |path| path.as_str().len());
    if uri > LONGEST_URI {
        return Error::UriTooLong.into_response();
    }
    let parameters = request
        .uri()
        .query()
        .map_or(0, |query| query.split('&').count());
    if parameters > MOST_FIELDS {
        let text = format!("an address may have {MOST_FIELDS} parameters");
        return Error::BadRequest(text).into_response();
    }
    if size(request.headers()) > LARGEST_HEADERS {
        return Error::HeadersTooLarge.into_response();
    }
    let Ok(_permit) = app.permits().try_acquire() else {
        return Error::Unavailable.into_response();
    };
    // calls of the API measure their own time, which begins when the body is there
    if failures::protocol(request.uri().path()).is_some() {
        return next.run(request).await;
    }
    match tokio::time::timeout(app.settings().request_time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::TimedOut.into_response(),
    }
}

/// Refuses bodies that announce themselves as too large; inside, where it is known who asks.
pub(crate) async fn length(State(app): State<App>, request: Request, next: Next) -> Response {
    let limit = app.settings().body_limit as u64;
    if announced(request.headers()).is_some_and(|length| length > limit) {
        body::discard(&app, request.into_body()).await;
        return Error::TooLarge.into_response();
    }
    next.run(request).await
}

fn size(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}
