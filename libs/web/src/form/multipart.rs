//! Forms with files: `multipart/form-data`.

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request};
use domain::attachment::Upload;
use http::{HeaderMap, header};

use super::MOST_FIELDS;
use crate::error::Error;

/// Most files of a form.
const MOST_FILES: usize = 100;

/// What a form holds, in order.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Names and values.
    pub(super) fields: Vec<(String, String)>,
    /// Files with the names of their fields.
    pub(super) files: Vec<(String, Upload)>,
}

/// Takes a body apart that has arrived already, and so is not larger than a body may be.
pub(super) async fn parse(headers: &HeaderMap, body: Bytes) -> Result<Parts, Error> {
    let mut request = Request::new(Body::from(body));
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, kind.clone());
    }
    DefaultBodyLimit::disable().apply(&mut request);
    let multipart = Multipart::from_request(request, &()).await;
    let mut multipart = multipart.map_err(|_| refused("its boundary is missing"))?;
    let mut parts = Parts::default();
    while let Some(part) = multipart.next_field().await.map_err(malformed)? {
        parts.add(part).await?;
    }
    Ok(parts)
}

impl Parts {
    async fn add(&mut self, part: Field<'_>) -> Result<(), Error> {
        let Some(field) = part.name().map(str::to_owned) else {
            return Err(refused("a part has no name"));
        };
        let Some(name) = part.file_name().map(str::to_owned) else {
            if self.fields.len() == MOST_FIELDS {
                return Err(refused(&format!("it may have {MOST_FIELDS} fields")));
            }
            let value = part.text().await.map_err(malformed)?;
            self.fields.push((field, value));
            return Ok(());
        };
        if self.files.len() == MOST_FILES {
            return Err(refused(&format!("it may have {MOST_FILES} files")));
        }
        let content_type = part.content_type().map(str::to_owned);
        let content = part.bytes().await.map_err(malformed)?;
        // a browser sends a nameless file where none was chosen
        if !name.is_empty() || !content.is_empty() {
            let upload = Upload {
                name,
                content_type,
                content,
            };
            self.files.push((field, upload));
        }
        Ok(())
    }
}

fn malformed(_: MultipartError) -> Error {
    refused("it is cut off or malformed")
}

fn refused(reason: &str) -> Error {
    Error::BadRequest(format!("the form cannot be read: {reason}"))
}

#[cfg(test)]
mod tests;
