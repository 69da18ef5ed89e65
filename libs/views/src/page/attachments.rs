//! Files attached to something: the card on its page, and the page after a refused upload.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Page, Person, Title};

/// The files on the page of what carries them.
#[derive(Debug, Clone, Serialize)]
pub struct Attachments {
    /// The files, newest first.
    pub files: Vec<AttachedFile>,
    /// Where the form sends new files; absent when the visitor may not attach any.
    pub add: Option<String>,
    /// The path to come back to.
    pub back: String,
}

/// A file in a list.
#[derive(Debug, Clone, Serialize)]
pub struct AttachedFile {
    /// Its id.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Where it can be read.
    pub url: String,
    /// Who attached it.
    pub owner: Person,
    /// When.
    pub created: DateTime<Utc>,
    /// Whether the visitor may delete it.
    pub can_delete: bool,
}

/// `/attachments/add-for/…/` after files were refused.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AttachPage {
    /// Where the form sends the files.
    pub add: String,
    /// The path to come back to.
    pub back: String,
    /// Why they were refused.
    pub errors: Vec<String>,
}

impl Page for AttachPage {
    const TEMPLATE: &'static str = "attachment/add";
    const BODY: &'static str = "page-attachments-add";

    fn title(&self) -> Title<'_> {
        Title::plain("attachments-title")
    }
}
