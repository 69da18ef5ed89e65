//! What every request passes, outermost first: name and log line, security headers, compression,
//! failures in the format of the request, how often somebody may ask, limits.

mod access;
mod headers;
mod limits;
mod rates;

use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use http::{Extensions, HeaderMap, StatusCode, Version};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::{App, failures};

pub(crate) use access::caught;
pub use headers::HeaderSettings;
pub(crate) use headers::{Headers, SANDBOXED};
pub(crate) use limits::length;

/// Marks an answer whose bytes are to be sent as they are.
#[derive(Clone, Copy)]
pub(crate) struct Verbatim;

/// Answers smaller than this are not worth compressing.
const COMPRESS_ABOVE: u16 = 1024;

/// Puts the layers around the routes.
pub(crate) fn around(routes: Router<App>, app: &App) -> Router {
    let pause: Duration = app.settings().body_time;
    routes
        .layer(RequestBodyTimeoutLayer::new(pause))
        .layer(from_fn_with_state(app.clone(), limits::enforce))
        .layer(from_fn_with_state(app.clone(), rates::enforce))
        .layer(from_fn_with_state(app.clone(), failures::tell))
        .layer(
            CompressionLayer::new()
                .gzip(true)
                .br(true)
                .zstd(true)
                .compress_when(
                    SizeAbove::new(COMPRESS_ABOVE)
                        .and(NotForContentType::new("image/"))
                        .and(NotForContentType::new("font/"))
                        // answers of the API keep their length
                        .and(NotForContentType::new("application/json"))
                        .and(NotForContentType::new("application/xml"))
                        .and(is_ours),
                ),
        )
        .layer(from_fn_with_state(app.clone(), headers::add))
        .layer(from_fn_with_state(app.clone(), access::follow))
        .with_state(app.clone())
}

fn is_ours(_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions) -> bool {
    extensions.get::<Verbatim>().is_none()
}
