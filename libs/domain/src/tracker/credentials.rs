//! What a tracker is asked with: what the caller has entered for it, else what the tenant shares.

use std::fmt;

use crate::bug_system::{BugSystem, Kind};
use crate::{Ctx, Result, tracker_token};

/// User name and password, or token, of one tracker; empty where there is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// User name; many trackers need none.
    pub username: String,
    /// Password or token.
    pub password: String,
    /// Whether they are the caller's own. What a tracker answers to them is for nobody else, and who
    /// is refused with them is not tried again with those of the tenant.
    pub is_personal: bool,
}

/// Without user name and password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("is_personal", &self.is_personal)
            .finish_non_exhaustive()
    }
}

/// A tracker with the credentials that count for the caller.
pub struct Target {
    /// Its configuration, from which the shared credentials were taken away.
    pub system: BugSystem,
    /// What it is asked with.
    pub credentials: Credentials,
}

impl Target {
    /// The caller's own credentials count where their base URL is the tracker's, letter by letter.
    pub(super) async fn of_caller(ctx: &mut Ctx, mut system: BugSystem) -> Result<Self> {
        let shared = Credentials {
            username: system.api_username.take().unwrap_or_default(),
            password: system.api_password.take().unwrap_or_default(),
            is_personal: false,
        };
        let own = match &system.base_url {
            Some(url) if system.kind().is_outside() => tracker_token::of_caller(ctx, url).await?,
            _ => None,
        };
        Ok(Self {
            system,
            credentials: own.unwrap_or(shared),
        })
    }

    /// True if everything is known that filing an issue needs.
    pub fn is_enabled(&self) -> bool {
        let given = |field: &Option<String>| field.as_ref().is_some_and(|text| !text.is_empty());
        let (base, api) = (given(&self.system.base_url), given(&self.system.api_url));
        let username = !self.credentials.username.is_empty();
        let password = !self.credentials.password.is_empty();
        match self.system.kind() {
            Kind::Internal => true,
            Kind::Abstract | Kind::Unknown => false,
            Kind::Bugzilla => api && username && password,
            Kind::Jira | Kind::Trac => base && username && password,
            Kind::GitHub | Kind::Azure | Kind::Redmine | Kind::Mantis | Kind::OpenProject => {
                base && password
            }
            Kind::GitLab => api && password,
            Kind::GitHubApp => base,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_says_what_it_needs() {
        let enabled = |tracker_type: &str, given: &str| {
            let text = |name: &str| given.contains(name).then(|| "x".to_owned());
            Target {
                system: BugSystem {
                    tracker_type: tracker_type.to_owned(),
                    base_url: text("base"),
                    api_url: text("api"),
                    ..BugSystem::default()
                },
                credentials: Credentials {
                    username: text("user").unwrap_or_default(),
                    password: text("word").unwrap_or_default(),
                    is_personal: false,
                },
            }
            .is_enabled()
        };
        for (tracker_type, needed) in [
            ("tcms.issuetracker.types.Bugzilla", "api user word"),
            ("tcms.issuetracker.types.JIRA", "base user word"),
            ("trackers_integration.issuetracker.Trac", "base user word"),
            ("tcms.issuetracker.types.GitHub", "base word"),
            ("tcms.issuetracker.azure_boards.AzureBoards", "base word"),
            ("tcms.issuetracker.types.Redmine", "base word"),
            ("trackers_integration.issuetracker.Mantis", "base word"),
            ("trackers_integration.issuetracker.OpenProject", "base word"),
            ("tcms.issuetracker.types.Gitlab", "api word"),
            ("tcms_github_app.issues.Integration", "base"),
        ] {
            assert!(enabled(tracker_type, needed), "{tracker_type}");
            for missing in needed.split(' ') {
                let rest = needed.replace(missing, "");
                assert!(
                    !enabled(tracker_type, &rest),
                    "{tracker_type} without {missing}"
                );
            }
        }
        assert!(enabled("tcms.issuetracker.types.KiwiTCMS", ""));
        for never in [
            "tcms.issuetracker.types.IssueTrackerType",
            "no.such.Type",
            "",
        ] {
            assert!(!enabled(never, "base api user word"), "{never}");
        }
    }

    #[test]
    fn passwords_are_not_printed() {
        let credentials = Credentials {
            username: "ann".to_owned(),
            password: "secret".to_owned(),
            is_personal: true,
        };
        let text = format!("{credentials:?}");
        assert!(!text.contains("ann") && !text.contains("secret"), "{text}");
    }
}
