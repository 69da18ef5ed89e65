//! Headers of every answer.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

/// What pages may load: only our own files, and pictures that texts point to.
macro_rules! policy {
    ($more:literal) => {
        concat!(
            "default-src 'self'; script-src 'self'; style-src 'self'; ",
            "img-src 'self' data: https:; font-src 'self'; connect-src 'self'; ",
            "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
            $more
        )
    };
}

const POLICY: &str = policy!("");

/// The policy for what people have uploaded: it runs nothing, whatever it is.
pub(crate) const SANDBOXED: &str = policy!("; sandbox");

/// What pages may use of the device.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), \
                           payment=(), usb=()";

/// Headers with the same value everywhere.
static SAME: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];

/// Adds the headers; whatever a handler decided stays.
pub(crate) async fn add(request: Request, next: Next) -> Response {
    let is_file = request.uri().path().starts_with("/static/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in &SAME {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if !is_file {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        headers
            .entry(header::CONTENT_LANGUAGE)
            .or_insert(HeaderValue::from_static("en"));
        headers.append(
            header::VARY,
            HeaderValue::from_static("Cookie, Accept-Language"),
        );
    }
    response
}
