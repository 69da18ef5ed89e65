//! When an operator did last what should be done now and then: a backup, a look whether it is good,
//! a mail for trial.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Domain;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::disk;

/// What should be done now and then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A backup of everything.
    Backup,
    /// A look whether a backup can be restored.
    Verification,
    /// A mail for trial.
    TestMail,
}

impl Deed {
    fn key(self) -> &'static str {
        match self {
            Self::Backup => "last.backup",
            Self::Verification => "last.verification",
            Self::TestMail => "last.test_mail",
        }
    }
}

/// How it went the last time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Last {
    /// When that was.
    pub(crate) at: DateTime<Utc>,
    /// What was done, or why not.
    pub(crate) detail: String,
    /// When it went well for the last time.
    pub(crate) succeeded_at: Option<DateTime<Utc>>,
    /// How many seconds it took.
    #[serde(default)]
    pub(crate) seconds: Option<u64>,
    /// How many bytes it was about.
    #[serde(default)]
    pub(crate) bytes: Option<u64>,
    /// Of when that was which it was about when it went well for the last time.
    #[serde(default)]
    pub(crate) of: Option<DateTime<Utc>>,
}

impl Last {
    /// Whether it went well.
    pub(crate) fn is_success(&self) -> bool {
        self.succeeded_at == Some(self.at)
    }

    /// How it went, for people.
    pub(crate) fn outcome(&self) -> String {
        let mut text = self.detail.clone();
        if !self.is_success() {
            text.insert_str(0, "failed: ");
        }
        if let Some(bytes) = self.bytes {
            text.push_str(", ");
            text.push_str(&disk::size(bytes));
        }
        if let Some(seconds) = self.seconds.filter(|seconds| *seconds > 0) {
            let took = humantime::format_duration(Duration::from_secs(seconds));
            text.push_str(", took ");
            text.push_str(&took.to_string());
        }
        text
    }
}

/// What went well.
pub(crate) struct Done {
    /// What was done.
    pub(crate) detail: String,
    /// How many bytes it was about, where it is about any.
    pub(crate) bytes: Option<u64>,
    /// Of when that is which it was about.
    pub(crate) of: Option<DateTime<Utc>>,
}

/// Something that is being done.
pub(crate) struct Begun {
    deed: Deed,
    at: Instant,
}

/// Begins it.
pub(crate) fn begin(deed: Deed) -> Begun {
    Begun {
        deed,
        at: Instant::now(),
    }
}

impl Begun {
    /// Notes how it went. Whoever did it has told so already, so that not being able to note it is
    /// no failure.
    pub(crate) async fn end(self, domain: &Domain, outcome: Result<Done, String>) {
        if let Err(why) = self.note(domain, outcome).await {
            tracing::warn!(event = "deed_not_noted", deed = self.deed.key(), error = %why);
        }
    }

    async fn note(&self, domain: &Domain, outcome: Result<Done, String>) -> domain::Result<()> {
        let at = domain::now();
        let last = match outcome {
            Ok(done) => Last {
                at,
                detail: done.detail,
                succeeded_at: Some(at),
                seconds: Some(self.at.elapsed().as_secs()),
                bytes: done.bytes,
                of: done.of,
            },
            Err(detail) => {
                let before = last(domain, self.deed).await?;
                Last {
                    at,
                    detail,
                    succeeded_at: before.as_ref().and_then(|last| last.succeeded_at),
                    seconds: None,
                    bytes: None,
                    of: before.and_then(|last| last.of),
                }
            }
        };
        let value =
            serde_json::to_value(last).map_err(|error| domain::Error::Internal(error.into()))?;
        Ok(domain.tenancy().keep(self.deed.key(), value).await?)
    }
}

/// How it went the last time; nothing when it was never tried.
pub(crate) async fn last(domain: &Domain, deed: Deed) -> domain::Result<Option<Last>> {
    let kept = domain.tenancy().kept(deed.key()).await?;
    // what an older release kept in another form is as good as nothing
    Ok(kept.and_then(|value| serde_json::from_value(value).ok()))
}

/// When another tool has written the file that stands for its last backup.
pub(crate) async fn written_at(file: &Path) -> Option<DateTime<Utc>> {
    let about = tokio::fs::metadata(file).await.ok()?;
    about.modified().ok().map(DateTime::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_tells_size_and_time_or_what_went_wrong() {
        let at = domain::now();
        let done = Last {
            at,
            detail: "3 tenants".to_owned(),
            succeeded_at: Some(at),
            seconds: Some(64),
            bytes: Some(1_536),
            of: None,
        };
        assert_eq!(done.outcome(), "3 tenants, 1.5 KiB, took 1m 4s");
        let failed = Last {
            at: at + Duration::from_secs(1),
            detail: "the disk is full".to_owned(),
            seconds: None,
            bytes: None,
            ..done
        };
        assert_eq!(failed.outcome(), "failed: the disk is full");
    }

    #[test]
    fn what_an_older_release_noted_is_understood() {
        let kept = serde_json::json!({"at": "2026-11-22T02:30:00Z", "detail": "3 tenants",
            "succeeded_at": "2026-11-22T02:30:00Z"});
        let last: Last = serde_json::from_value(kept).expect("its form");
        assert_eq!(last.outcome(), "3 tenants");
    }
}
