//! Why a request is not answered as wished, and how that is told in the format of the request.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// Why a request is not answered as wished.
#[derive(Debug)]
pub(crate) enum Error {
    /// There is no such page, or it is not for the outside to know.
    NotFound,
    /// Only somebody who is logged in may see it.
    LogIn,
    /// The permission that is missing.
    Forbidden(&'static str),
    /// A form without a valid token, or from another site.
    StaleForm,
    /// A call that a page of another site sent.
    OtherSite,
    /// A token that does not count, or not any more.
    WrongToken,
    /// The account may not enter this tenant.
    NotAMember,
    /// The host name belongs to no tenant.
    UnknownHost,
    /// What the client sent cannot be meant; the text says why.
    BadRequest(String),
    /// The fields of a form that are wrong.
    Invalid(domain::FieldErrors),
    /// The state of the thing does not allow it.
    Conflict(String),
    /// The tenant is not paid for.
    Unpaid,
    /// The tenant is not served, for the reason of its state.
    Suspended,
    /// The HTTP method does not fit; with the value of `Allow`.
    MethodNotAllowed(Option<HeaderValue>),
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body is too large.
    TooLarge,
    /// The path and query are too long.
    UriTooLong,
    /// The header fields are too large.
    HeadersTooLarge,
    /// Try again after so many seconds.
    Throttled(u64),
    /// Too many requests of one address; try again after so many seconds.
    TooOften(u64),
    /// It took too long.
    TimedOut,
    /// The database, or the program itself, cannot work right now.
    Unavailable,
    /// An operator works on the tenant or on all; try again after so many seconds.
    Maintenance(u64),
    /// Files cannot be stored or read right now.
    StorageUnavailable,
    /// There are no tables, and a page makes them.
    NotSetUp,
    /// The tables do not exist, or are too old for this program.
    NotMigrated,
    /// Our own fault.
    Internal,
}

/// The result of a handler.
pub(crate) type Result<T = Response> = std::result::Result<T, Error>;

impl Error {
    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::UnknownHost => StatusCode::NOT_FOUND,
            // scripts must tell an ended session from a missing permission
            Self::LogIn | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_)
            | Self::StaleForm
            | Self::OtherSite
            | Self::NotAMember
            | Self::Unpaid
            | Self::Suspended => StatusCode::FORBIDDEN,
            Self::BadRequest(_) | Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Throttled(_) | Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TimedOut
            | Self::Unavailable
            | Self::Maintenance(_)
            | Self::StorageUnavailable
            | Self::NotSetUp
            | Self::NotMigrated => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Seconds after which another try makes sense.
    pub(crate) fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Throttled(seconds) | Self::TooOften(seconds) | Self::Maintenance(seconds) => {
                Some(*seconds)
            }
            Self::Unavailable | Self::StorageUnavailable | Self::TimedOut => Some(1),
            Self::NotSetUp | Self::NotMigrated => Some(30),
            _ => None,
        }
    }

    /// A sentence for programs and for people without a page.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::NotFound => "not found".to_owned(),
            Self::LogIn => "log-in is needed".to_owned(),
            Self::Forbidden(permission) => format!("permission {permission} is missing"),
            Self::StaleForm => "the form is too old or comes from another site".to_owned(),
            Self::OtherSite => "calls from other sites are refused".to_owned(),
            Self::WrongToken => "the token is unknown, has ended or was revoked".to_owned(),
            Self::NotAMember => "Unauthorized".to_owned(),
            Self::Unpaid => "Unpaid".to_owned(),
            Self::UnknownHost => "Unknown host".to_owned(),
            Self::BadRequest(text) | Self::Conflict(text) => text.clone(),
            Self::Invalid(errors) => errors.to_string(),
            Self::Suspended => "this tenant is suspended".to_owned(),
            Self::MethodNotAllowed(_) => "method not allowed".to_owned(),
            Self::BodyTimeout => "the body did not arrive in time".to_owned(),
            Self::TooLarge => "the body is too large".to_owned(),
            Self::UriTooLong => "the address is too long".to_owned(),
            Self::HeadersTooLarge => "the header fields are too large".to_owned(),
            Self::Throttled(seconds) => {
                format!("too many attempts, try again in {seconds} seconds")
            }
            Self::TooOften(seconds) => {
                format!("too many requests from your address, try again in {seconds} seconds")
            }
            Self::TimedOut => "request took too long".to_owned(),
            Self::Unavailable => "the database is not available".to_owned(),
            Self::Maintenance(seconds) => {
                format!("maintenance is going on, try again in {seconds} seconds")
            }
            Self::StorageUnavailable => "the file storage is not available".to_owned(),
            Self::NotSetUp | Self::NotMigrated => {
                "the database must be migrated: run `kiwi migrate`".to_owned()
            }
            Self::Internal => "internal error".to_owned(),
        }
    }
}

impl From<domain::Error> for Error {
    fn from(error: domain::Error) -> Self {
        match error {
            domain::Error::NotFound { .. } => Self::NotFound,
            domain::Error::Forbidden("login") => Self::LogIn,
            domain::Error::Forbidden(permission) => Self::Forbidden(permission),
            domain::Error::Invalid(errors) => Self::Invalid(errors),
            domain::Error::Rows(errors) => Self::BadRequest(errors.to_string()),
            domain::Error::Refused(text) | domain::Error::Type(text) => Self::BadRequest(text),
            domain::Error::Conflict(text) => Self::Conflict(text),
            raced @ domain::Error::Raced(_) => Self::Conflict(raced.to_string()),
            domain::Error::Throttled(time) => Self::Throttled(time.as_secs().max(1)),
            domain::Error::Unavailable => Self::Unavailable,
            domain::Error::Storage(source) => {
                tracing::error!(event = "storage_failed", error = %source, "a file could not be stored or read");
                Self::StorageUnavailable
            }
            domain::Error::Internal(source) => {
                tracing::error!(event = "request_failed", error = %format!("{source:#}"), "a request failed");
                Self::Internal
            }
        }
    }
}

impl From<views::Error> for Error {
    fn from(error: views::Error) -> Self {
        tracing::error!(event = "page_failed", %error, "a page could not be rendered");
        Self::Internal
    }
}

/// An error on its way out: a status, and the error for the layer that knows the visitor.
#[derive(Clone)]
pub(crate) struct Failure(pub(crate) std::sync::Arc<Error>);

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        if let Some(seconds) = self.retry_after() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        if let Self::MethodNotAllowed(Some(allow)) = &self {
            response.headers_mut().insert(header::ALLOW, allow.clone());
        }
        response
            .extensions_mut()
            .insert(Failure(std::sync::Arc::new(self)));
        response
    }
}
