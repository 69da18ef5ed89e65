//! Files attached to plans, cases, runs, executions and bugs.

use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relations};

use crate::member::Member;

/// A file attached to something.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "attachment",
    wire = "attachments.Attachment",
    title = "attachment"
)]
pub struct Attachment {
    #[doc = "Id"]
    pub id: Id,
    /// What it is attached to: `app.model`
    #[field(secret)]
    pub kind: String,
    /// Id of what it is attached to
    #[field(secret)]
    pub object_id: i32,
    /// Creator
    pub creator: Fk<Member>,
    /// Path below the upload folder
    #[field(max = 100)]
    pub attachment_file: String,
    /// Created
    pub created: DateTime<Utc>,
    /// Modified
    pub modified: DateTime<Utc>,
}

impl Relations for Attachment {}
