//! `/uploads/…`: the files that people have attached (spec 01 §7.6).
//!
//! Whatever they are called, they are served as plain text, and pictures as the pictures that they
//! are by their content: nothing of them can run in our name.

mod kind;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use domain::attachment::{self, Attachment};
use domain::files::blobs::{Blob, Part};
use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::error::{Error, Result};
use crate::layers::{SANDBOXED, Verbatim};
use crate::visitor::Visitor;
use crate::{files, part};

/// Bytes that tell what a file is.
const HEAD: u64 = 512;

/// `GET /uploads/<path>`
pub(crate) async fn file(
    visitor: Visitor,
    path: std::result::Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result {
    let asked = &visitor.request;
    if attachment::needs_login(&asked.domain, &asked.tenant) && !visitor.is_logged_in() {
        return Err(Error::LogIn);
    }
    // the database takes no text with a NUL
    let path = path.ok().map(|Path(path)| path);
    let Some(path) = path.filter(|path| !path.contains('\0')) else {
        return Err(Error::NotFound);
    };
    let mut ctx = asked.begin_read().await?;
    let found = attachment::find(&mut ctx, &path).await?;
    ctx.commit().await?;
    let etag = format!("\"{}-{}\"", found.id, found.created.timestamp_micros());
    if files::is_known(&headers, &etag) {
        let not_modified = StatusCode::NOT_MODIFIED.into_response();
        return Ok(with_headers(not_modified, &found, &etag));
    }
    let response = match part::asked(&headers, &etag) {
        None => whole(&visitor, &found).await?,
        Some(part) => some(&visitor, &found, &part).await?,
    };
    Ok(with_headers(response, &found, &etag))
}

async fn whole(visitor: &Visitor, found: &Attachment) -> Result {
    let mut blob = open(visitor, found, Part::Whole).await?;
    let first = match blob.content.next().await {
        Some(first) => first.map_err(|error| unreadable(&error))?,
        None => Bytes::new(),
    };
    let kind = kind::of(&first);
    let length = blob.size;
    let content = stream::iter([Ok(first)]).chain(blob.content);
    let response = Body::from_stream(content).into_response();
    Ok(described(response, found, kind, length))
}

async fn some(visitor: &Visitor, found: &Attachment, part: &part::Asked) -> Result {
    let mut head = open(visitor, found, Part::From(0, Some(HEAD))).await?;
    let mut first = Vec::new();
    while let Some(piece) = head.content.next().await {
        first.extend_from_slice(&piece.map_err(|error| unreadable(&error))?);
    }
    let kind = kind::of(&first);
    let range = part.within(head.size);
    let mut response = part::head(range.as_ref(), head.size);
    let Some(range) = range else {
        return Ok(response);
    };
    let blob = open(visitor, found, Part::From(range.start, Some(range.end))).await?;
    *response.body_mut() = Body::from_stream(blob.content);
    Ok(described(response, found, kind, range.end - range.start))
}

async fn open(visitor: &Visitor, found: &Attachment, part: Part) -> Result<Blob> {
    let asked = &visitor.request;
    let store = &asked.domain.settings().uploads.store;
    let blob = store.read(asked.tenant.id.0, found.id, part).await;
    let blob = blob.map_err(domain::Error::from)?;
    blob.ok_or_else(|| {
        tracing::warn!(
            event = "file_missing",
            attachment = found.id,
            "the file of an attachment is not in the storage"
        );
        Error::NotFound
    })
}

fn unreadable(error: &std::io::Error) -> Error {
    tracing::error!(event = "storage_failed", %error, "a file could not be read");
    Error::StorageUnavailable
}

/// What the content is, how long, and under which name it may be saved.
fn described(
    mut response: Response,
    found: &Attachment,
    kind: kind::Kind,
    length: u64,
) -> Response {
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(kind.content_type()),
    );
    headers.insert(header::CONTENT_LENGTH, length.into());
    // a stored name has letters, digits, `_`, `-` and `.` only: no quotes and no line breaks
    let name = attachment::encoded(found.name());
    let disposition = format!("{}; filename*=UTF-8''{name}", kind.disposition());
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn with_headers(mut response: Response, found: &Attachment, etag: &str) -> Response {
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, SANDBOXED),
        // who may read it can change, so it is asked for each time
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::ACCEPT_RANGES, "bytes"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    let modified = found.modified.format("%a, %d %b %Y %H:%M:%S GMT");
    if let Ok(modified) = HeaderValue::from_str(&modified.to_string()) {
        headers.insert(header::LAST_MODIFIED, modified);
    }
    response.extensions_mut().insert(Verbatim);
    response
}
