//! What mails say, without the words: the facts of every kind of letter.

use chrono::{DateTime, Utc};
use entity::Id;
use serde::{Deserialize, Serialize};

/// The facts of a letter. Its tag is the name of the template, below `mail/`, and of the subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
pub enum Letter {
    /// A case was written in the form.
    TestCaseCreated {
        /// Its id.
        id: Id,
        /// Its page.
        url: String,
        /// Its summary.
        title: String,
        /// Product of its category.
        product: String,
        /// Its category.
        category: String,
        /// Its priority.
        priority: String,
        /// User name of its default tester.
        default_tester: Option<String>,
        /// Its text.
        text: String,
    },
    /// A case, a plan or a run was saved again.
    Updated {
        /// What was saved: `TestCase`, `TestPlan` or `TestRun`.
        kind: String,
        /// Its id.
        id: Id,
        /// Its page.
        url: String,
        /// Its summary or name.
        title: String,
        /// When.
        at: String,
        /// User name of who did it; empty if nobody is known.
        by: String,
        /// What changed, as unified diffs; empty if nothing did.
        changes: String,
        /// The comment that was posted instead of a change.
        comment: Option<String>,
    },
    /// A case was deleted.
    TestCaseDeleted {
        /// Its id.
        id: Id,
        /// Its summary.
        title: String,
        /// User name of who did it.
        by: String,
    },
    /// A run was made.
    TestRunCreated {
        /// Its id.
        id: Id,
        /// Its page.
        url: String,
        /// Its summary.
        title: String,
        /// Page of its plan.
        plan_url: String,
        /// Name of its plan.
        plan: String,
        /// User name of its manager.
        manager: String,
        /// User name of its default tester.
        default_tester: Option<String>,
        /// Product of its plan.
        product: String,
        /// Version of its plan.
        version: String,
        /// Its build.
        build: String,
        /// Its notes.
        notes: String,
    },
    /// Somebody commented on a bug.
    BugCommented {
        /// Id of the bug.
        id: Id,
        /// Its page.
        url: String,
        /// Its summary.
        title: String,
        /// When it was reported.
        created_at: String,
        /// User name of who reported it.
        reporter: String,
        /// User name of who takes care of it.
        assignee: Option<String>,
        /// Its product.
        product: String,
        /// Its version.
        version: String,
        /// Its build.
        build: String,
        /// User name of who commented.
        by: String,
        /// The comment.
        comment: String,
    },
    /// Somebody was let into a tenant.
    Invited {
        /// Full name of who invites, else the user name.
        by: String,
        /// Name of the tenant.
        tenant: String,
        /// Its first page.
        url: String,
        /// The page for forgotten passwords.
        reset_url: String,
        /// User name of the account.
        username: String,
    },
    /// Somebody forgot a password, for the owner of the account.
    PasswordReset {
        /// Domain of the tenant's site.
        site: String,
        /// The page that sets another password.
        url: String,
        /// User name of the account.
        username: String,
    },
    /// An account gave an address, for whoever reads mail there.
    ConfirmEmail {
        /// The page that confirms it.
        url: String,
        /// User name of the account.
        username: String,
    },
    /// Somebody registered, for the people who decide about accounts.
    Registered {
        /// User name of the account.
        username: String,
        /// Its administration page.
        url: String,
    },
    /// A request ended in a fault of ours, for the people who run the server.
    Defect {
        /// Domain of the public tenant.
        site: String,
        /// The method or the route.
        place: String,
        /// Name of the request in the log.
        request_id: String,
        /// When.
        at: String,
        /// How many faults were not told since the last of these letters.
        untold: u64,
    },
    /// A tenant was made, for its owner.
    TenantCreated {
        /// Name of the tenant.
        tenant: String,
        /// Its first page.
        url: String,
    },
}

impl Letter {
    /// Whether the subject begins with the prefix of the installation.
    pub fn has_prefix(&self) -> bool {
        !matches!(self, Self::PasswordReset { .. })
    }
}

/// A moment as mails show it: the date and time of the C locale, in UTC.
pub(crate) fn moment(at: DateTime<Utc>) -> String {
    at.format("%a %b %e %H:%M:%S %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_look_as_in_the_c_locale() {
        let at = |text: &str| moment(text.parse().expect("a moment"));
        assert_eq!(at("2026-11-22T13:06:12Z"), "Sun Nov 22 13:06:12 2026");
        assert_eq!(at("2026-03-01T00:00:00Z"), "Sun Mar  1 00:00:00 2026");
    }
}
