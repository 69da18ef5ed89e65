//! Files that need no tenant: the front end, the certificate authority, `robots.txt`.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::App;
use crate::error::Error;

/// `/static/<path>`
pub(crate) async fn file(
    State(app): State<App>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    send(&app, &path, &headers)
}

/// `/favicon.ico`
pub(crate) async fn favicon(State(app): State<App>, headers: HeaderMap) -> Response {
    send(&app, "favicon.ico", &headers)
}

/// `/robots.txt`: nothing here is for search engines.
pub(crate) async fn robots() -> Response {
    let text = "User-agent: *\nDisallow: /\n";
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// `/static/ca.crt`: the authority that browsers may be told to trust.
pub(crate) async fn authority(State(app): State<App>) -> Response {
    let authority = app.authority();
    match authority {
        Some(pem) => ([(header::CONTENT_TYPE, "application/x-x509-ca-cert")], pem).into_response(),
        None => Error::NotFound.into_response(),
    }
}

fn send(app: &App, path: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = app.views().assets().get(path) else {
        return Error::NotFound.into_response();
    };
    let wants_gzip = text(headers, header::ACCEPT_ENCODING).is_some_and(accepts_gzip);
    let mut response = if is_known(headers, &asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match asset.gzip.filter(|_| wants_gzip) {
            Some(gzip) => ([(header::CONTENT_ENCODING, "gzip")], gzip).into_response(),
            None => asset.body.into_response(),
        }
    };
    let out = response.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text);
    if let (Ok(kind), Ok(etag)) = (value(&asset.content_type), value(&asset.etag)) {
        out.insert(header::CONTENT_TYPE, kind);
        out.insert(header::ETAG, etag);
    }
    if asset.immutable {
        let ever = HeaderValue::from_static("public, max-age=31536000, immutable");
        out.insert(header::CACHE_CONTROL, ever);
    }
    out.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// A header that is text.
pub(crate) fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether the client has what this tag stands for already.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    text(headers, header::IF_NONE_MATCH).is_some_and(|known| {
        known.split(',').any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.trim_start_matches("W/") == etag
        })
    })
}

fn accepts_gzip(header: &str) -> bool {
    header.split(',').map(str::trim).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim() == "gzip" && weight.trim() != "q=0"
    })
}
