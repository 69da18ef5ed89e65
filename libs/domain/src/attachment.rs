//! Files attached to plans, cases, runs, executions, bugs and to people themselves.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relations, repository};
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
        let path = self.attachment_file.rsplit('/');
        path.into_iter().next().unwrap_or_default()
    }
}

/// What files can be attached to.
pub trait Carrier: Entity {}

impl Carrier for TestPlan {}
impl Carrier for TestCase {}
impl Carrier for TestRun {}
impl Carrier for TestExecution {}
impl Carrier for Bug {}
/// Files of people are those they put into texts.
impl Carrier for Member {}

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

/// The field that messages about a file are for.
const FIELD: &str = "attachment_file";
/// Contents beyond this size are searched where other requests need not wait for it.
const LARGE: usize = 64 * 1024;
/// How often a name that others take at the same time is tried.
const ATTEMPTS: usize = 5;

/// Attaches a file to something that exists.
pub async fn add<E: Carrier>(ctx: &mut Ctx, object: Id, upload: Upload) -> Result<Attachment> {
    let creator = ctx.user()?.id;
    ctx.get::<E>(object).await?;
    let name = check(&upload, ctx.domain().settings().uploads.max_bytes).await?;
    let kind = E::META.wire.to_lowercase();
    let folder = format!("attachments/{}/{object}", kind.replace('.', "_"));
    for attempt in 0..ATTEMPTS {
        let path = files::fit(&folder, &name, attempt > 0);
        let id: Option<Id> = sqlx::query_scalar(
            "INSERT INTO attachment
                 (kind, object_id, creator_id, attachment_file, created, modified)
             VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (attachment_file) DO NOTHING
             RETURNING id",
        )
        .bind(&kind)
        .bind(object)
        .bind(creator)
        .bind(&path)
        .bind(ctx.now)
        .fetch_optional(ctx.conn())
        .await?;
        if let Some(id) = id {
            ctx.store(id, upload.content);
            return Ok(Attachment {
                id,
                kind,
                object_id: object,
                creator: Fk::new(creator),
                attachment_file: path,
                created: ctx.now,
                modified: ctx.now,
            });
        }
    }
    Err(Error::Conflict(format!(
        "no free name for the file {name} was found, please try again"
    )))
}

/// Checks a file and returns the name it is to be stored under.
async fn check(upload: &Upload, max_bytes: usize) -> Result<String> {
    let Some(name) = files::stored_name(&upload.name) else {
        return Err(Error::field(FIELD, "This field is required."));
    };
    if upload.content.is_empty() {
        return Err(Error::field(FIELD, "The submitted file is empty."));
    }
    if upload.content.len() > max_bytes {
        let size = human_size(max_bytes);
        let message = format!("File exceeds maximum size of {size}");
        return Err(Error::field(FIELD, message));
    }
    let Upload {
        name: given,
        content_type,
        content,
    } = upload.clone();
    let (stored, size) = (name.clone(), content.len());
    let search = move || {
        let declared = content_type.as_deref();
        // blanks and brackets vanish from the name, which may make another extension of it
        files::content::check(&given, declared, &content)?;
        files::content::check(&stored, declared, &[])
    };
    let found = if size > LARGE {
        let searched = tokio::task::spawn_blocking(search).await;
        searched.map_err(|error| Error::Internal(error.into()))?
    } else {
        search()
    };
    found
        .map(|()| name)
        .map_err(|message| Error::field(FIELD, message))
}

/// A number of bytes as people read it.
fn human_size(bytes: usize) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if bytes < 1024 {
        return format!("{bytes}\u{a0}bytes");
    }
    let (mut size, mut unit) = (bytes as f64 / 1024.0, 0);
    while size >= 1024.0 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1}\u{a0}{}", UNITS[unit])
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

/// The files of something that exists, newest first.
pub async fn list<E: Carrier>(ctx: &mut Ctx, object: Id) -> Result<Vec<Listed>> {
    ctx.get::<E>(object).await?;
    let listed = sqlx::query_as(
        "SELECT a.id, a.attachment_file, a.creator_id, m.username AS creator_username, a.created
         FROM attachment a
         JOIN member m ON m.id = a.creator_id
         WHERE a.kind = $1 AND a.object_id = $2
         ORDER BY a.created DESC, a.id DESC",
    )
    .bind(E::META.wire.to_lowercase())
    .bind(object)
    .fetch_all(ctx.conn())
    .await?;
    Ok(listed)
}

/// Deletes a file that the caller attached, or with `attachments.delete_foreign_attachments` any
/// file. Somebody else's file stays without an error.
pub async fn remove(ctx: &mut Ctx, id: Id) -> Result<()> {
    let attachment: Attachment = ctx.get_for_update(id).await?;
    let is_own = ctx.caller().id() == Some(attachment.creator.id());
    if !is_own && !ctx.caller().may("attachments.delete_foreign_attachments") {
        return Ok(());
    }
    ctx.delete::<Attachment>(&[id]).await?;
    files::remove_later(ctx, vec![id]).await
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_as_people_read_them() {
        assert_eq!(human_size(5_242_880), "5.0\u{a0}MB");
        assert_eq!(human_size(1023), "1023\u{a0}bytes");
        assert_eq!(human_size(1024 * 1536), "1.5\u{a0}MB");
        assert_eq!(human_size(10 << 30), "10.0\u{a0}GB");
        assert_eq!(human_size(4 << 40), "4096.0\u{a0}GB");
    }
}
