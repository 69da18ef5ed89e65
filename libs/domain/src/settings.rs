//! Settings that the rules depend on; filled in by the program from its configuration.

use std::collections::BTreeMap;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::accounts::social;
use crate::seal::SecretKey;
use crate::{random, tracker};

/// What an operator can change about the rules.
#[expect(clippy::struct_excessive_bools, reason = "switches of an operator")]
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
    /// Trackers may lie in the own network; unset means: where there is one tenant only.
    pub internal_trackers: Option<bool>,
    /// Whether tenants must be paid for.
    pub billing: crate::tenants::Billing,
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
    /// Passwords let people in.
    pub password_login: bool,
    /// What providers elsewhere may do, by their short names.
    pub providers: BTreeMap<String, social::Policy>,
    /// People may make accounts for themselves.
    pub registration: bool,
    /// A new account may log in when its address is confirmed; otherwise somebody lets it in.
    pub auto_approve: bool,
    /// Registrations are told to superusers and to `admins`.
    pub tell_registrations: bool,
    /// Whoever registers or forgot a password reads letters in a picture first.
    pub captcha: bool,
    /// This is a trial with a copy of the data, and every page says so.
    pub staging: bool,
    /// Whether the first account that registers becomes a superuser.
    pub first_superuser: FirstSuperuser,
    /// Uploaded files.
    pub uploads: crate::files::Settings,
    /// The key that seals what the database does not show; without one the database keeps a
    /// generated one.
    pub secret_key: Option<SecretKey>,
    /// How issue trackers are opened.
    pub trackers: tracker::Open,
}

/// Whether the first account that registers becomes a superuser, while there is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum FirstSuperuser {
    /// No: superusers are made by command.
    #[default]
    Off,
    /// Whoever comes first.
    Open,
    /// Whoever shows this token; nobody else registers before.
    Token(String),
}

/// The token that makes the first account a superuser, derived from the key of the installation.
pub fn setup_token(key: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(b"setup token")
        .chain_update(key)
        .finalize();
    random::hex(&digest[..16])
}

/// Without the token.
impl std::fmt::Debug for FirstSuperuser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Off => "Off",
            Self::Open => "Open",
            Self::Token(_) => "Token",
        })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            default_groups: vec!["Tester".to_owned()],
            session_age: Duration::from_hours(24),
            bug_tracker: true,
            internal_trackers: None,
            billing: crate::tenants::Billing::default(),
            max_rows: None,
            login_attempts: 5,
            login_window: Duration::from_mins(15),
            mail_members_only: false,
            admins: vec![],
            password_login: true,
            providers: BTreeMap::new(),
            registration: true,
            auto_approve: true,
            tell_registrations: false,
            captcha: true,
            staging: false,
            first_superuser: FirstSuperuser::Off,
            uploads: crate::files::Settings::default(),
            secret_key: None,
            trackers: tracker::open,
        }
    }
}
