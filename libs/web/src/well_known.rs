//! `/.well-known/…`: where programs look first: password managers, people who found a weakness, and
//! whoever an operator lays a file there for.

use std::io;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use chrono::Duration;
use http::{StatusCode, Uri, header};
use tower_http::services::ServeDir;

use crate::App;
use crate::error::{Error, Result};
use crate::failures;

/// Where these paths begin.
const PREFIX: &str = "/.well-known";
/// For so long readers may rely on what they have read.
const VALID: Duration = Duration::days(180);

/// `/.well-known/change-password`: browsers offer it beside weak passwords.
pub(crate) async fn change_password() -> Response {
    failures::see(StatusCode::FOUND, "/admin/password_change/")
}

/// `/.well-known/security.txt`: to whom weaknesses are told.
pub(crate) async fn security(State(app): State<App>, request: Request) -> Result {
    match laid_there(&app, request).await {
        Err(Error::NotFound) => {}
        other => return other,
    }
    let contacts = &app.settings().contacts;
    if contacts.is_empty() {
        return Err(Error::NotFound);
    }
    let expires = (domain::now() + VALID).format("%Y-%m-%dT00:00:00Z");
    let text = format!(
        "Contact: {}\nExpires: {expires}\nPreferred-Languages: en\n",
        contacts.join("\nContact: ")
    );
    let kind = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((kind, text).into_response())
}

/// `/.well-known/<path>`: a file that the operator has laid there.
pub(crate) async fn file(State(app): State<App>, request: Request) -> Result {
    laid_there(&app, request).await
}

async fn laid_there(app: &App, mut request: Request) -> Result {
    let Some(folder) = &app.settings().well_known else {
        return Err(Error::NotFound);
    };
    let path = request.uri().path().strip_prefix(PREFIX);
    let path = path.and_then(|path| path.parse::<Uri>().ok());
    *request.uri_mut() = path.ok_or(Error::NotFound)?;
    let served = ServeDir::new(folder)
        .append_index_html_on_directories(false)
        .try_call(request)
        .await
        .map_err(unreadable)?;
    match served.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Err(Error::NotFound),
        _ => Ok(served.map(Body::new)),
    }
}

fn unreadable(error: io::Error) -> Error {
    domain::Error::defect("a file of the operator could not be read", error).into()
}
