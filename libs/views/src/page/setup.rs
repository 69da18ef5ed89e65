//! The page shown while the database has no tables.

use serde::Serialize;

use super::{Page, Title};

/// `/init-db/`
#[derive(Debug, Clone, Default, Serialize)]
pub struct DatabasePage {
    /// Whether this server offers to create the tables itself; otherwise the page tells the command.
    pub offer: bool,
}

impl Page for DatabasePage {
    const TEMPLATE: &'static str = "setup/database";
    const BODY: &'static str = "page-init-db";

    fn title(&self) -> Title<'_> {
        Title::plain("setup-title")
    }
}
