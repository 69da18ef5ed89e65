//! When an operator did last what should be done now and then: a backup, a look whether it is good,
//! a mail for trial.

use chrono::{DateTime, Utc};
use domain::Domain;
use serde::{Deserialize, Serialize};

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
}

/// How it went the last time; nothing when it was never tried.
pub(crate) async fn last(domain: &Domain, deed: Deed) -> domain::Result<Option<Last>> {
    let kept = domain.tenancy().kept(deed.key()).await?;
    // what an older release kept in another form is as good as nothing
    Ok(kept.and_then(|value| serde_json::from_value(value).ok()))
}

/// Notes how it went. Whoever did it has told so already, so that not being able to note it is no
/// failure.
pub(crate) async fn note(domain: &Domain, deed: Deed, outcome: Result<String, String>) {
    let noted = async {
        let at = domain::now();
        let (detail, succeeded_at) = match outcome {
            Ok(detail) => (detail, Some(at)),
            Err(why) => (
                why,
                last(domain, deed).await?.and_then(|last| last.succeeded_at),
            ),
        };
        let last = Last {
            at,
            detail,
            succeeded_at,
        };
        let value =
            serde_json::to_value(last).map_err(|error| domain::Error::Internal(error.into()))?;
        domain.tenancy().keep(deed.key(), value).await?;
        Ok::<_, domain::Error>(())
    };
    if let Err(why) = noted.await {
        tracing::warn!(event = "deed_not_noted", deed = deed.key(), error = %why);
    }
}
