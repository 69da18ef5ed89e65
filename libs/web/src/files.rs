//! Files that need no tenant: the front end, the certificate authority, `robots.txt`.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use views::Asset;

use crate::App;
use crate::error::Error;
use crate::layers::Verbatim;
use crate::part;

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
    match app.views().assets().get(path) {
        Some(asset) => answer(asset, headers),
        None => Error::NotFound.into_response(),
    }
}

fn answer(asset: Asset, headers: &HeaderMap) -> Response {
    let accepted = text(headers, header::ACCEPT_ENCODING).unwrap_or_default();
    let compressed = [("br", asset.brotli), ("gzip", asset.gzip)];
    let compressed = compressed
        .into_iter()
        .filter(|(coding, _)| accepts(accepted, coding))
        .find_map(|(coding, body)| Some((coding, body?)));
    let mut response = if is_known(headers, &asset.etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if let Some(asked) = part::asked(headers, &asset.etag) {
        let size = asset.body.len() as u64;
        let range = asked.within(size);
        let mut response = part::head(range.as_ref(), size);
        if let Some(range) = range {
            // no file is larger than memory
            let range = range.start as usize..range.end as usize;
            *response.body_mut() = Body::from(asset.body[range].to_vec());
        }
        // a part of what is compressed would be another one
        response.extensions_mut().insert(Verbatim);
        response
    } else {
        match compressed {
            Some((coding, body)) => ([(header::CONTENT_ENCODING, coding)], body).into_response(),
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
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
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

fn accepts(header: &str, wanted: &str) -> bool {
    header.split(',').map(str::trim).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case(wanted) && !matches!(weight, Some(Ok(0.0)))
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use http_body_util::BodyExt as _;

    use super::*;

    /// What a client with these headers gets: status, headers and body.
    async fn get(sent: &[(&'static str, &str)]) -> (StatusCode, HeaderMap, Vec<u8>) {
        get_named(true, sent).await
    }

    /// The same, with a hash in the name of the file or without.
    async fn get_named(
        immutable: bool,
        sent: &[(&'static str, &str)],
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let asset = Asset {
            body: Cow::Borrowed(b"0123456789"),
            gzip: Some(Cow::Borrowed(b"gzip")),
            brotli: Some(Cow::Borrowed(b"brotli")),
            content_type: "text/css".to_owned(),
            etag: "\"tag\"".to_owned(),
            immutable,
        };
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.insert(*name, value.parse().expect("a value"));
        }
        let (head, body) = answer(asset, &headers).into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (head.status, head.headers, body.to_vec())
    }

    #[tokio::test]
    async fn ops_076_the_smallest_form_that_a_client_understands_is_sent() {
        for (accepted, coding, body) in [
            ("gzip, deflate, br", "br", "brotli"),
            ("gzip, br;q=0", "gzip", "gzip"),
            ("identity", "", "0123456789"),
        ] {
            let (status, headers, sent) = get(&[("accept-encoding", accepted)]).await;
            assert_eq!(status, 200);
            let found = headers.get(header::CONTENT_ENCODING);
            assert_eq!(
                found.map_or("", |found| found.to_str().expect("a text")),
                coding
            );
            assert_eq!(sent, body.as_bytes(), "{accepted}");
            assert_eq!(headers[header::VARY], "Accept-Encoding");
        }
    }

    #[tokio::test]
    async fn opa_031_plain_names_have_a_tag_and_only_hashed_ones_are_kept_for_ever() {
        for (immutable, kept) in [
            (false, None),
            (true, Some("public, max-age=31536000, immutable")),
        ] {
            for (sent, expected) in [(vec![], 200), (vec![("if-none-match", "\"tag\"")], 304)] {
                let (status, headers, _) = get_named(immutable, &sent).await;
                assert_eq!(status.as_u16(), expected);
                assert_eq!(headers[header::ETAG], "\"tag\"");
                let found = headers.get(header::CACHE_CONTROL);
                let found = found.map(|found| found.to_str().expect("a text"));
                assert_eq!(found, kept);
            }
        }
    }

    #[tokio::test]
    async fn parts_are_those_of_the_plain_file() {
        let all = ("accept-encoding", "br, gzip");
        let (status, headers, body) = get(&[all, ("range", "bytes=2-4")]).await;
        assert_eq!((status.as_u16(), body.as_slice()), (206, b"234".as_slice()));
        assert_eq!(headers[header::CONTENT_RANGE], "bytes 2-4/10");
        assert_eq!(headers[header::ACCEPT_RANGES], "bytes");
        assert!(!headers.contains_key(header::CONTENT_ENCODING));
        let (status, headers, body) = get(&[("range", "bytes=10-")]).await;
        assert_eq!((status.as_u16(), body.len()), (416, 0));
        assert_eq!(headers[header::CONTENT_RANGE], "bytes */10");
        let another = ("if-range", "\"another\"");
        let (status, _, body) = get(&[("range", "bytes=2-4"), another]).await;
        assert_eq!((status.as_u16(), body.len()), (200, 10));
        let known = ("if-none-match", "\"tag\"");
        let (status, _, body) = get(&[("range", "bytes=2-4"), known]).await;
        assert_eq!((status.as_u16(), body.len()), (304, 0));
    }

    #[test]
    fn codings_are_refused_by_a_weight_of_nothing() {
        let header = "gzip;q=0.0, BR;q=0.5, zstd";
        let accepted = ["br", "gzip", "zstd", "deflate"].map(|coding| accepts(header, coding));
        assert_eq!(accepted, [true, false, true, false]);
        assert!(!accepts("", "br"));
    }
}
