//! Why a job was not done.

use std::error::Error as _;
use std::time::Duration;

/// Why a job was not done, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It is tried again after a pause, until its patience ends.
    Temporary(Reason),
    /// Trying again is of no use; it is left for the operator.
    Final(Reason),
    /// It was not even tried, because it is not its time yet.
    Later(Duration),
}

/// A failure in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// For the log: without names and addresses of people.
    pub summary: String,
    /// For the operator who looks at the job.
    pub detail: String,
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self {
            summary: text.clone(),
            detail: text,
        }
    }
}

impl From<domain::Error> for Failure {
    fn from(error: domain::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        Self::Temporary(text.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Temporary(error.to_string().into())
    }
}

impl From<domain::tenancy::Error> for Failure {
    fn from(error: domain::tenancy::Error) -> Self {
        domain::Error::from(error).into()
    }
}
