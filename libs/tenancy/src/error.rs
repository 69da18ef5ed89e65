//! Errors of this layer, by meaning.

use crate::State;

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why there is no transaction, or why a tenant could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be reached, is starting, stopping or has no room; the cause is in the
    /// log.
    #[error("the database is not available")]
    Unavailable,
    /// The tables of the platform do not exist yet.
    #[error("the database has no tables yet; run `kiwi migrate`")]
    NotInitialised,
    /// No tenant has this name, or its schema is gone.
    #[error("tenant {0} does not exist")]
    UnknownTenant(String),
    /// A name or a domain that cannot be used; all messages, and their texts are part of the API.
    #[error("{}", .0.join(" "))]
    InvalidName(Vec<String>),
    /// The tenant exists but its state does not allow it.
    #[error("tenant {tenant} is {state}")]
    State {
        /// Name of the schema.
        tenant: String,
        /// What it is in.
        state: State,
    },
    /// The tenant was renamed or moved after it was looked up; look it up again.
    #[error("tenant {0} has moved")]
    Moved(String),
    /// The tenant's tables are older, or newer, than this program can serve.
    #[error("the tables of tenant {0} do not fit this release; see `kiwi tenant migrate status`")]
    Outdated(String),
    /// A rule forbids it; the text says which.
    #[error("{0}")]
    Refused(String),
    /// A migration step failed; the tenant, or the platform, stays as it was before the step.
    #[error("migration of {tenant} failed at {step}: {source}")]
    Migration {
        /// Name of the schema.
        tenant: String,
        /// Name of the step.
        step: String,
        /// What the database said.
        source: sqlx::Error,
    },
    /// A migration that was applied is not the one that this program holds.
    #[error("{0}")]
    Checksum(String),
    /// A setting, named in the text, cannot work.
    #[error("{0}")]
    Config(String),
    /// The private database could not be prepared, started or stopped.
    #[error("{0}")]
    Cluster(String),
    /// The database refused.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_unavailable(&error) {
            tracing::warn!(error = %error, "database is not available");
            Self::Unavailable
        } else {
            Self::Database(error)
        }
    }
}

/// True if the error says that the database is away or out of resources rather than that the
/// statement was wrong.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => {
            let code = database.code().unwrap_or_default();
            // connection exception, insufficient resources, operator intervention
            code.starts_with("08")
                || code.starts_with("53")
                || matches!(
                    code.as_ref(),
                    "57P01" | "57P02" | "57P03" | "57P04" | "57P05"
                )
        }
        _ => false,
    }
}

/// The SQLSTATE of an error of the database.
pub(crate) fn code(error: &sqlx::Error) -> String {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .unwrap_or_default()
        .into_owned()
}

/// True if the error names a table or schema that does not exist.
pub(crate) fn is_missing(error: &sqlx::Error) -> bool {
    matches!(code(error).as_str(), "42P01" | "3F000")
}

/// True if the error is the violation of this constraint or unique index.
pub(crate) fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.constraint())
        == Some(constraint)
}
