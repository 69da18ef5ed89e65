//! Errors of this layer.

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What can go wrong between a question and its rows.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client's fault; reported as an internal error (−32603). The text is part of the API.
    #[error("{0}")]
    Invalid(String),
    /// The client's fault: a value of a type that cannot be meant (−32602). The text is part of the API.
    #[error("{0}")]
    Type(String),
    /// The database refused or could not be reached.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Error {
    /// A client's fault with this text.
    pub fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }

    /// A value of a wrong type with this text.
    pub fn type_error(text: impl Into<String>) -> Self {
        Self::Type(text.into())
    }
}
