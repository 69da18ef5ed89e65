//! The way in when no other one works.

use serde::Serialize;

use super::{Page, Title};

/// `/accounts/recovery/`
#[derive(Debug, Clone, Serialize)]
pub struct RecoveryPage {
    /// What the link carries; empty when it was not, or is no longer, good.
    pub key: String,
}

impl Page for RecoveryPage {
    const TEMPLATE: &'static str = "account/recovery";
    const BODY: &'static str = "page-recovery";

    fn title(&self) -> Title<'_> {
        Title::plain("recovery-title")
    }
}
