//! Issue trackers that bugs are filed in.

use entity::{Entity, Id, Relations};
use url::Url;

/// Configuration of an issue tracker.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "bug_system",
    wire = "testcases.BugSystem",
    title = "bug tracker"
)]
pub struct BugSystem {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, unique, list, search)]
    pub name: String,
    /// Tracker type
    #[field(max = 128)]
    pub tracker_type: String,
    /// Base URL
    #[field(max = 1024)]
    pub base_url: Option<String>,
    /// API URL
    #[field(max = 1024)]
    pub api_url: Option<String>,
    /// API username
    #[field(max = 256)]
    pub api_username: Option<String>,
    /// API password
    #[field(max = 256, secret)]
    pub api_password: Option<String>,
}

impl Relations for BugSystem {}

/// What stands behind a tracker, as far as it matters for what is needed to talk to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The built-in tracker.
    Internal,
    /// The placeholder that stands for no tracker in particular.
    Abstract,
    /// Azure Boards.
    Azure,
    /// Bugzilla.
    Bugzilla,
    /// GitHub.
    GitHub,
    /// GitHub, by an installed application.
    GitHubApp,
    /// GitLab.
    GitLab,
    /// Jira.
    Jira,
    /// Mantis.
    Mantis,
    /// `OpenProject`.
    OpenProject,
    /// Redmine.
    Redmine,
    /// Trac.
    Trac,
    /// A type that this program does not know.
    Unknown,
}

/// How the types are called in configurations, as clients know them.
const TYPES: &[(&str, Kind)] = &[
    ("tcms.issuetracker.types.KiwiTCMS", Kind::Internal),
    ("tcms.issuetracker.types.IssueTrackerType", Kind::Abstract),
    ("IssueTrackerType", Kind::Abstract),
    ("tcms.issuetracker.azure_boards.AzureBoards", Kind::Azure),
    ("tcms.issuetracker.types.Bugzilla", Kind::Bugzilla),
    ("tcms.issuetracker.types.GitHub", Kind::GitHub),
    ("tcms_github_app.issues.Integration", Kind::GitHubApp),
    ("tcms.issuetracker.types.Gitlab", Kind::GitLab),
    ("tcms.issuetracker.types.JIRA", Kind::Jira),
    ("trackers_integration.issuetracker.Mantis", Kind::Mantis),
    (
        "trackers_integration.issuetracker.OpenProject",
        Kind::OpenProject,
    ),
    ("tcms.issuetracker.types.Redmine", Kind::Redmine),
    ("trackers_integration.issuetracker.Trac", Kind::Trac),
];

impl Kind {
    /// What stands behind a type of a configuration.
    pub fn of(tracker_type: &str) -> Self {
        let known = TYPES.iter().find(|(name, _)| *name == tracker_type);
        known.map_or(Self::Unknown, |(_, kind)| *kind)
    }

    /// True for a tracker that has its own address and its own accounts.
    pub fn is_outside(self) -> bool {
        !matches!(self, Self::Internal | Self::Abstract | Self::Unknown)
    }
}

impl BugSystem {
    /// What stands behind it.
    pub fn kind(&self) -> Kind {
        Kind::of(&self.tracker_type)
    }
}

/// How many segments of its path a URL has in common with the tracker of this base URL; `None` if
/// it does not belong to it.
///
/// It does if scheme, host and port are the same and its path begins with all segments of the base.
/// A URL that carries a user name is refused, because its host can be misread.
pub fn depth(base: &str, url: &Url) -> Option<usize> {
    let base = Url::parse(base).ok()?;
    let segments = |url: &Url| -> Vec<String> {
        let parts = url.path().split('/').filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let anonymous = |url: &Url| url.username().is_empty() && url.password().is_none();
    let own = segments(&base);
    let belongs = base.host_str().is_some()
        && base.scheme() == url.scheme()
        && base.host_str() == url.host_str()
        && base.port_or_known_default() == url.port_or_known_default()
        && anonymous(url)
        && segments(url).starts_with(&own);
    belongs.then_some(own.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owns(base: &str, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| depth(base, &url).is_some())
    }

    #[test]
    fn sec_004_tracker_urls_match_whole_hosts() {
        assert!(owns("https://t.example", "https://t.example/x"));
        assert!(owns("https://T.example", "https://t.EXAMPLE/x"));
        assert!(owns("https://t.example:443", "https://t.example/x"));
        for foreign in [
            "https://t.example.evil.example/x",
            "https://t.example@evil.example/x",
            "https://user@t.example/x",
            "https://user:word@t.example/x",
            "http://t.example/x",
            "https://t.example:8443/x",
            "//t.example/x",
            "x",
            "",
        ] {
            assert!(!owns("https://t.example", foreign), "{foreign}");
        }
        for base in ["", "t.example", "/bugs", "https://", "mailto:a@t.example"] {
            assert!(!owns(base, "https://t.example/x"), "{base}");
        }
    }

    #[test]
    fn sec_004_tracker_paths_match_whole_segments() {
        assert!(owns("https://t.example/bugs", "https://t.example/bugs/7/"));
        assert!(owns("https://t.example/bugs/", "https://t.example/bugs"));
        assert!(!owns("https://t.example/bugs", "https://t.example/bugsy/7"));
        assert!(!owns(
            "https://t.example/bugs",
            "https://t.example/bugs/../x"
        ));
        assert!(!owns("https://t.example/bugs", "https://t.example/BUGS/7"));
    }
}
