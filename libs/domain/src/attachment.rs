//! Files attached to plans, cases, runs, executions, bugs and to people themselves.

mod add;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relations, repository, sql};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tenancy::{Mode, Tenant};

use crate::bug::Bug;
use crate::member::Member;
use crate::test_case::TestCase;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::test_run::TestRun;
use crate::{Ctx, Domain, Error, Result, files};

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

impl Attachment {
    /// Name of the file.
    pub fn name(&self) -> &str {
        last(&self.attachment_file)
    }
}

/// The last segment of a path.
fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

pub use add::{add, add_for, add_many};

/// What files can be attached to.
pub trait Carrier: Entity {}

impl Carrier for TestPlan {}
impl Carrier for TestCase {}
impl Carrier for TestRun {}
impl Carrier for TestExecution {}
impl Carrier for Bug {}
/// Files of people are those they put into texts.
impl Carrier for Member {}

/// The kind that a row of the table names.
fn kind<E: Carrier>() -> String {
    E::META.wire.to_lowercase()
}

/// The kind as addresses name it: `app/model`.
pub fn place<E: Carrier>() -> String {
    kind::<E>().replace('.', "/")
}

/// A file as somebody sent it.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// Its name, perhaps with folders.
    pub name: String,
    /// What kind of file the client says it is.
    pub content_type: Option<String>,
    /// Its content.
    pub content: Bytes,
}

/// A file in a list.
#[derive(Debug, Clone, PartialEq, Eq, macros::Row)]
pub struct Listed {
    /// Id.
    pub id: Id,
    /// Path below the upload folder.
    pub attachment_file: String,
    /// Id of who attached it.
    pub creator_id: Id,
    /// Name of who attached it.
    pub creator_username: String,
    /// When it was attached.
    pub created: DateTime<Utc>,
}

impl Listed {
    /// Name of the file.
    pub fn name(&self) -> &str {
        last(&self.attachment_file)
    }
}

/// The files of something that exists, newest first.
pub async fn list<E: Carrier>(ctx: &mut Ctx, object: Id) -> Result<Vec<Listed>> {
    ctx.get::<E>(object).await?;
    read::<E>(ctx, object).await
}

/// The files on the page of something that was read already; `None` without the permission to see
/// files.
pub async fn shown<E: Carrier>(ctx: &mut Ctx, object: Id) -> Result<Option<Vec<Listed>>> {
    if !ctx.may("attachments.view_attachment") {
        return Ok(None);
    }
    read::<E>(ctx, object).await.map(Some)
}

async fn read<E: Carrier>(ctx: &mut Ctx, object: Id) -> Result<Vec<Listed>> {
    let listed = sql::query_as(
        "SELECT a.id, a.attachment_file, a.creator_id, m.username AS creator_username, a.created
         FROM attachment a
         JOIN member m ON m.id = a.creator_id
         WHERE a.kind = $1 AND a.object_id = $2
         ORDER BY a.created DESC, a.id DESC",
    )
    .bind(kind::<E>())
    .bind(object)
    .fetch_all(ctx.conn())
    .await?;
    Ok(listed)
}

/// Whether the caller may delete a file of this creator.
pub fn may_remove(ctx: &Ctx, creator: Id) -> bool {
    let is_own = ctx.caller().id() == Some(creator);
    ctx.caller().may("attachments.delete_foreign_attachments")
        || is_own && ctx.caller().may("attachments.delete_attachment")
}

/// Deletes a file that the caller attached, or with `attachments.delete_foreign_attachments` any
/// file. Answers whether it is gone; somebody else's file stays without an error.
pub async fn remove(ctx: &mut Ctx, id: Id) -> Result<bool> {
    let attachment: Attachment = ctx.get_for_update(id).await?;
    if !may_remove(ctx, attachment.creator.id()) {
        return Ok(false);
    }
    ctx.delete::<Attachment>(&[id]).await?;
    files::remove_later(ctx, vec![id]).await?;
    Ok(true)
}

/// The attachment that a path below `/uploads/` stands for, decoded.
pub async fn find(ctx: &mut Ctx, path: &str) -> Result<Attachment> {
    const ABSENT: Error = Error::NotFound {
        entity: Attachment::META.name,
    };
    let own = match path.strip_prefix("tenant/") {
        Some(rest) => rest
            .strip_prefix(ctx.tenant().schema.as_str())
            .and_then(|rest| rest.strip_prefix('/')),
        None => Some(path),
    };
    let Some(own) = own else { return Err(ABSENT) };
    let conditions = [("attachment_file", own.into())];
    let found = repository::find(ctx.conn(), &conditions).await?;
    found.into_iter().next().ok_or(ABSENT)
}

/// Whether only people who may enter the tenant can read its files.
pub fn needs_login(domain: &Domain, tenant: &Tenant) -> bool {
    let is_multi = *domain.tenancy().mode() != Mode::Single;
    let wanted = domain.settings().uploads.require_login.unwrap_or(is_multi);
    wanted && !tenant.publicly_readable
}

/// Everything in a path that is not plain; slashes stay.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A path, or a name, as it stands in addresses and headers.
pub fn encoded(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// Where a file can be read, as a path of its tenant's host.
pub fn url(ctx: &Ctx, attachment_file: &str) -> String {
    let path = encoded(attachment_file);
    match ctx.domain().tenancy().mode() {
        Mode::Single => format!("/uploads/{path}"),
        Mode::Multi { .. } => format!("/uploads/tenant/{}/{path}", ctx.tenant().schema),
    }
}
