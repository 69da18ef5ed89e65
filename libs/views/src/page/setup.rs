//! The pages of the first set-up, before anybody can log in.

use serde::Serialize;

use super::form::{Errors, Field};
use super::{Page, Title};

/// `/init-db/`, and what is shown instead of any page while the tables are too old.
#[derive(Debug, Clone, Default, Serialize)]
pub struct DatabasePage {
    /// Whether this server offers to create the tables itself; otherwise the page tells the command.
    pub offer: Option<Offer>,
}

/// How the tables are created by this page.
#[derive(Debug, Clone, Serialize)]
pub struct Offer {
    /// Whether the token in the log of the server is asked for.
    pub token: bool,
    /// Whether a wrong token was given.
    pub is_wrong: bool,
    /// Lines that tell about a step that was done.
    pub steps: usize,
}

impl Page for DatabasePage {
    const TEMPLATE: &'static str = "setup/database";
    const BODY: &'static str = "page-init-db";

    fn title(&self) -> Title<'_> {
        Title::plain("setup-title")
    }
}

/// `/init-db/administrator/`
#[derive(Debug, Clone, Serialize)]
pub struct AdministratorPage {
    fields: Vec<Field>,
}

impl AdministratorPage {
    /// With what was typed before and what is wrong with it.
    pub fn new(username: &str, email: &str, errors: &Errors) -> Self {
        let fields = [
            Field::text("token", "setup-token", String::new()).hint("setup-token-hint"),
            Field::text("username", "administrator-username", username.to_owned())
                .autocomplete("username"),
            Field::text("email", "administrator-email", email.to_owned()).autocomplete("email"),
            Field::password("password", "administrator-password")
                .hint("administrator-password-hint"),
            Field::password("password_again", "administrator-password-again"),
        ];
        Self {
            fields: fields.map(|field| field.judged(errors)).into(),
        }
    }
}

impl Page for AdministratorPage {
    const TEMPLATE: &'static str = "setup/administrator";
    const BODY: &'static str = "page-init-administrator";

    fn title(&self) -> Title<'_> {
        Title::plain("administrator-title")
    }
}
