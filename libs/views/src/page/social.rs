//! Ways in by providers elsewhere.

use serde::Serialize;

use super::{Page, Title};

/// A way in by a provider elsewhere.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderLink {
    /// Name for people.
    pub name: String,
    /// Where the log-in begins.
    pub address: String,
}

/// `/login/<provider>/` for somebody who has logged in: connects the account, or ends that.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectPage {
    /// Name of the provider.
    pub name: String,
    /// User name of the account.
    pub username: String,
    /// Whether the account is connected.
    pub connected: bool,
    /// Where the connection begins.
    pub connect: String,
    /// Where the form goes that ends it.
    pub disconnect: String,
    /// Where somebody goes who wants neither.
    pub back: String,
}

impl Page for ConnectPage {
    const TEMPLATE: &'static str = "account/connect";
    const BODY: &'static str = "page-account";

    fn title(&self) -> Title<'_> {
        Title {
            name: &self.name,
            ..Title::plain("connect-title")
        }
    }
}
