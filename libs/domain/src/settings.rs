//! Settings that the rules depend on; filled in by the program from its configuration.

use std::time::Duration;

/// What an operator can change about the rules.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Version that `KiwiTCMS.version` and the pages show.
    pub version: String,
    /// Groups that a new account joins, by name.
    pub default_groups: Vec<String>,
    /// Life of a session from log-in.
    pub session_age: Duration,
    /// The built-in bug tracker is on.
    pub bug_tracker: bool,
    /// Rows that the answer to one query may have; no limit if there is none.
    pub max_rows: Option<usize>,
    /// Failed log-ins per account and address that pass without delay within the window.
    pub login_attempts: u32,
    /// Window in which failed log-ins are counted.
    pub login_window: Duration,
    /// Notifications go to members of the tenant only, whoever is on a CC list.
    pub mail_members_only: bool,
    /// Addresses of the people who run the server; they hear about faults of ours.
    pub admins: Vec<String>,
    /// Uploaded files.
    pub uploads: crate::files::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            default_groups: vec!["Tester".to_owned()],
            session_age: Duration::from_hours(24),
            bug_tracker: true,
            max_rows: None,
            login_attempts: 5,
            login_window: Duration::from_mins(15),
            mail_members_only: false,
            admins: vec![],
            uploads: crate::files::Settings::default(),
        }
    }
}
