//! What surrounds every page: brand, navigation, messages, clock and user menu.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// Everything the frame of a page needs besides the page itself.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each shows or hides one thing"
)]
#[derive(Debug, Clone, Serialize)]
pub struct Chrome {
    /// Code of the language the page is written in, such as `en` or `pt-BR`.
    pub language: String,
    /// The product and, beside it, the tenant.
    pub brand: Brand,
    /// Whether it was looked who asks; otherwise somebody may be logged in without being shown.
    pub identified: bool,
    /// Who is logged in; absent for visitors.
    pub user: Option<UserMenu>,
    /// Entries of the main menu that the visitor may use, in order.
    pub navigation: Vec<NavigationItem>,
    /// Notices left by the previous request.
    pub messages: Vec<Message>,
    /// Token for forms (`csrfmiddlewaretoken`) and for scripts (`X-CSRFToken`).
    pub csrf: String,
    /// The server's time.
    pub clock: Clock,
    /// Default length of lists.
    pub page_size: u32,
    /// Path and query of this page; used as `next`.
    pub path: String,
    /// Whether the visitor asked for light, dark or the system's colours (cookie `theme`).
    pub theme: Theme,
    /// Hides bar and footer (`?nonav=1`).
    pub bare: bool,
    /// Whether visitors may create accounts.
    pub registration: bool,
    /// Version of the program, shown in the footer; absent for visitors.
    pub version: Option<String>,
    /// Whether error pages tell what happened inside, which nobody should forget.
    pub debug: bool,
}

impl Chrome {
    /// The frame for a visitor of whom nothing is known, also when the database is away.
    pub fn visitor(language: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            language: language.into(),
            brand: Brand::default(),
            identified: true,
            user: None,
            navigation: Vec::new(),
            messages: Vec::new(),
            csrf: String::new(),
            clock: Clock {
                now,
                zone: "UTC".to_owned(),
            },
            page_size: 100,
            path: "/".to_owned(),
            theme: Theme::System,
            bare: false,
            registration: false,
            version: None,
            debug: false,
        }
    }
}

/// Names shown at the left end of the bar.
#[derive(Debug, Clone, Serialize)]
pub struct Brand {
    /// Name of the product; begins every page title.
    pub product: String,
    /// Organisation, else name, of the tenant; absent in single mode.
    pub tenant: Option<String>,
    /// Address of the tenant's own logo, at most 20 px high.
    pub logo: Option<String>,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            product: "Kiwi".to_owned(),
            tenant: None,
            logo: None,
        }
    }
}

/// The account in the user menu.
#[derive(Debug, Clone, Serialize)]
pub struct UserMenu {
    /// Id of the account.
    pub id: i32,
    /// The name used to log in.
    pub username: String,
    /// First and last name, else the user name.
    pub name: String,
    /// One or two letters for the round mark.
    pub initials: String,
    /// Whether the account may have personal API tokens for issue trackers here.
    pub tracker_tokens: bool,
    /// Whether the state of the installation is for these eyes, here.
    pub runs_system: bool,
}

impl UserMenu {
    /// Makes the entry of an account; `full_name` may be empty.
    pub fn new(id: i32, username: impl Into<String>, full_name: &str) -> Self {
        let username = username.into();
        let full_name = full_name.trim();
        let name = if full_name.is_empty() {
            username.clone()
        } else {
            full_name.to_owned()
        };
        let initials = name
            .split(|separator: char| !separator.is_alphanumeric())
            .filter_map(|word| word.chars().next())
            .take(2)
            .flat_map(char::to_uppercase)
            .collect();
        Self {
            id,
            username,
            name,
            initials,
            tracker_tokens: false,
            runs_system: false,
        }
    }
}

/// One entry of the main menu.
#[derive(Debug, Clone, Serialize)]
pub struct NavigationItem {
    /// Key of its words, such as `nav-dashboard`.
    pub key: &'static str,
    /// Name of its icon.
    pub icon: &'static str,
    /// Where it leads.
    pub url: String,
    /// Whether the visitor is there.
    pub current: bool,
}

impl NavigationItem {
    /// The entry that leads to the start page.
    pub fn dashboard(current: bool) -> Self {
        Self {
            key: "nav-dashboard",
            icon: "home",
            url: "/".to_owned(),
            current,
        }
    }
}

/// A notice shown once, above the page.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    /// How serious it is.
    pub level: Level,
    /// What it says, as plain text.
    pub text: String,
    /// Where to read or do more: words and address.
    pub link: Option<(String, String)>,
}

/// How serious a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something was done.
    Success,
    /// Something worth knowing.
    Info,
    /// Something that needs attention.
    Warning,
    /// Something failed.
    Danger,
}

/// The server's time and the name of its zone.
#[derive(Debug, Clone, Serialize)]
pub struct Clock {
    /// Time at which the page was made.
    pub now: DateTime<Utc>,
    /// Name of the server's zone, such as `UTC` or `Europe/Sofia`.
    pub zone: String,
}

/// The colours a visitor prefers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// Whatever the operating system says.
    #[default]
    System,
    /// Dark text on light ground.
    Light,
    /// Light text on dark ground.
    Dark,
}

impl Theme {
    /// Reads the value of the cookie `theme`; anything unknown is the system's choice.
    pub fn from_cookie(value: Option<&str>) -> Self {
        match value {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_first_two_words() {
        assert_eq!(UserMenu::new(1, "ann", "Ann Lee Kim").initials, "AL");
        assert_eq!(UserMenu::new(1, "émile", "").initials, "É");
        assert_eq!(UserMenu::new(1, "qa.bot", "").initials, "QB");
    }

    #[test]
    fn unknown_themes_follow_the_system() {
        assert_eq!(Theme::from_cookie(Some("dark")), Theme::Dark);
        assert_eq!(Theme::from_cookie(Some("\"><script>")), Theme::System);
        assert_eq!(Theme::from_cookie(None), Theme::System);
    }
}
