//! What can go wrong in a rule, by meaning.

use std::fmt;
use std::time::Duration;

use entity::python;

use crate::bulk::RowErrors;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row that the call is about does not exist in this tenant.
    #[error("{entity} matching query does not exist.")]
    NotFound {
        /// Name of the entity, as in `TestCase`.
        entity: &'static str,
    },
    /// The caller lacks this permission.
    #[error("permission {0} is missing")]
    Forbidden(&'static str),
    /// Fields that did not pass their checks.
    #[error("{0}")]
    Invalid(FieldErrors),
    /// Rows of a call about many that did not pass their checks.
    #[error("{0}")]
    Rows(RowErrors),
    /// Another fault of the client; the text is part of the API.
    #[error("{0}")]
    Refused(String),
    /// A value of a type that cannot be meant; the text is part of the API.
    #[error("{0}")]
    Type(String),
    /// Too many attempts; try again after this time.
    #[error("too many attempts, try again in {} seconds", .0.as_secs().max(1))]
    Throttled(Duration),
    /// The state of the thing does not allow it; the text says what to do instead.
    #[error("{0}")]
    Conflict(String),
    /// Another transaction got in the way; the same call may go well when it is made again. Holds
    /// what the database said, for the log.
    #[error(
        "somebody else has just changed the same, or added it already; look at it and try again"
    )]
    Raced(String),
    /// The database cannot be reached right now.
    #[error("the database is not available")]
    Unavailable,
    /// The place of the files cannot be used right now; logged at the edge, never shown.
    #[error("the file storage is not available")]
    Storage(#[source] blobs::Error),
    /// Our fault; logged at the edge, never shown.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

impl Error {
    /// A fault of the client with this text.
    pub fn refused(text: impl Into<String>) -> Self {
        Self::Refused(text.into())
    }

    /// Our fault, with what caused it.
    pub fn defect(
        what: &'static str,
        cause: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Internal(anyhow::Error::new(cause).context(what))
    }

    /// One field with one message.
    pub fn field(name: &'static str, message: impl Into<String>) -> Self {
        let mut errors = FieldErrors::default();
        errors.add(name, message);
        Self::Invalid(errors)
    }
}

impl From<entity::Error> for Error {
    fn from(error: entity::Error) -> Self {
        match error {
            entity::Error::Invalid(text) => Self::Refused(text),
            entity::Error::Type(text) => Self::Type(text),
            entity::Error::Database(error) => error.into(),
        }
    }
}

/// Messages of the database are shown where the client caused them (classes 22 and 23) and kept
/// for the log otherwise.
impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if tenancy::is_unavailable(&error) {
            return Self::Unavailable;
        }
        let sqlx::Error::Database(database) = &error else {
            return Self::Internal(error.into());
        };
        match database.code().as_deref() {
            Some("57014") => Self::refused("request took too long"),
            // lost a race: serialization, deadlock, a row that somebody else inserted first
            Some("40001" | "40P01" | "23505") => Self::Raced(database.message().to_owned()),
            Some(code) if code.starts_with("22") || code.starts_with("23") => {
                Self::Refused(database.message().to_owned())
            }
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<blobs::Error> for Error {
    fn from(error: blobs::Error) -> Self {
        Self::Storage(error)
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

/// Messages per field, in the order in which they were found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldErrors(pub Vec<(String, Vec<String>)>);

impl FieldErrors {
    /// Adds a message to a field.
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        match self.0.iter_mut().find(|(name, _)| name == field) {
            Some((_, messages)) => messages.push(message.into()),
            None => self.0.push((field.to_owned(), vec![message.into()])),
        }
    }

    /// True without messages.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if the field has a message.
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| name == field)
    }

    /// `Err` if there is any message.
    pub fn into_result(self) -> Result<()> {
        if self.is_empty() {
            Ok(())
        } else {
            Err(Error::Invalid(self))
        }
    }
}

/// `[('name', ['This field is required.'])]`, as clients know it (spec 02 §5.3).
impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, (name, messages)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let messages: Vec<_> = messages.iter().map(|text| python::quote(text)).collect();
            write!(
                f,
                "{separator}({}, [{}])",
                python::quote(name),
                messages.join(", ")
            )?;
        }
        f.write_str("]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_errors_print_as_pairs() {
        let mut errors = FieldErrors::default();
        errors.add("name", "This field is required.");
        errors.add("manager", "Unknown user: \"x\"");
        assert_eq!(
            errors.to_string(),
            "[('name', ['This field is required.']), ('manager', ['Unknown user: \"x\"'])]"
        );
    }
}
