//! Pages of people who are not logged in.

use serde::Serialize;

use super::{Page, Title};

/// `/accounts/login/`
#[derive(Debug, Clone, Default, Serialize)]
pub struct LoginPage {
    /// What was typed as user name before; kept after an error.
    pub username: String,
    /// Where to go afterwards; a path on this origin or empty.
    pub next: String,
    /// Keys of the messages above the form, such as [`LoginPage::WRONG`].
    pub errors: Vec<&'static str>,
    /// Seconds to wait after too many attempts; shown with [`LoginPage::THROTTLED`].
    pub retry_after: u64,
    /// Whether a forgotten password can be reset by mail.
    pub password_reset: bool,
}

impl LoginPage {
    /// Unknown name, wrong password or inactive account.
    pub const WRONG: &'static str = "login-error-wrong";
    /// User name or password is missing.
    pub const MISSING: &'static str = "login-error-missing";
    /// Too many attempts for this account or address.
    pub const THROTTLED: &'static str = "login-error-throttled";
    /// The form was too old or came from elsewhere.
    pub const EXPIRED: &'static str = "login-error-expired";
    /// The account is right but may not enter this tenant.
    pub const NOT_A_MEMBER: &'static str = "login-error-not-a-member";
}

impl Page for LoginPage {
    const TEMPLATE: &'static str = "account/login";
    const BODY: &'static str = "page-login";

    fn title(&self) -> Title<'_> {
        Title::plain("login-title")
    }

    fn class(&self) -> &'static str {
        "login"
    }
}
