//! Forms as browsers send them.

mod multipart;

use axum::extract::Request;
use domain::attachment::Upload;
use http::{HeaderMap, header};

use crate::error::Error;
use crate::visitor::Visitor;
use crate::{App, body, debug};

/// Most fields of a form, and parameters of an address.
pub(crate) const MOST_FIELDS: usize = 1024;

/// The fields of a form whose token was checked, in order.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the form of a request, and checks that one of our pages sent it.
    pub(crate) async fn read(visitor: &Visitor, request: Request) -> Result<Self, Error> {
        let check = |headers: &HeaderMap, field: Option<&str>| visitor.check_origin(headers, field);
        Self::checked(&visitor.app, request, check).await
    }

    /// Reads the form of a request and lets somebody look at its token.
    pub(crate) async fn checked(
        app: &App,
        request: Request,
        check: impl FnOnce(&HeaderMap, Option<&str>) -> Result<(), Error>,
    ) -> Result<Self, Error> {
        let headers = request.headers().clone();
        let is_form = is(&headers, "application/x-www-form-urlencoded");
        let content = body::read(app, request).await?;
        let form = if is_form {
            Self::parse(&content)?
        } else {
            Self::default()
        };
        form.remember();
        check(&headers, form.get(crate::csrf::FIELD))?;
        if !is_form && !content.is_empty() {
            return Err(Error::BadRequest("the body must be a form".to_owned()));
        }
        Ok(form)
    }

    /// Reads a form with files, which come with the names of their fields.
    pub(crate) async fn read_with_files(
        visitor: &Visitor,
        request: Request,
    ) -> Result<(Self, Vec<(String, Upload)>), Error> {
        let headers = request.headers().clone();
        if !is(&headers, "multipart/form-data") {
            return Ok((Self::read(visitor, request).await?, Vec::new()));
        }
        let content = body::read(&visitor.app, request).await?;
        let parts = multipart::parse(&headers, content).await?;
        let form = Self(parts.fields);
        form.remember();
        visitor.check_origin(&headers, form.get(crate::csrf::FIELD))?;
        Ok((form, parts.files))
    }

    /// For the error page, should there be one.
    fn remember(&self) {
        let fields = self.0.iter();
        debug::form(fields.map(|(name, value)| (name.as_str(), value.as_str())));
    }

    fn parse(body: &[u8]) -> Result<Self, Error> {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body)
            .take(MOST_FIELDS + 1)
            .map(owned)
            .collect();
        if fields.len() > MOST_FIELDS {
            return Err(Error::BadRequest(format!(
                "a form may have {MOST_FIELDS} fields"
            )));
        }
        Ok(Self(fields))
    }

    /// The last value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let fields = self.0.iter().rev();
        let mut found = fields
            .filter(|(found, _)| found == name)
            .map(|(_, value)| value.as_str());
        found.next()
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Whether the body is of this kind.
fn is(headers: &HeaderMap, wanted: &str) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.unwrap_or_default().trim().eq_ignore_ascii_case(wanted)
}

fn owned(
    (name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>),
) -> (String, String) {
    (name.into_owned(), value.into_owned())
}
