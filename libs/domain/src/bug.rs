//! Defects in the built-in tracker.

use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relation, Relations, repository};

use crate::bug_system::{self, BugSystem};
use crate::build::Build;
use crate::link_reference::LinkReference;
use crate::member::Member;
use crate::product::Product;
use crate::severity::Severity;
use crate::tag::{self, Tag};
use crate::test_execution::TestExecution;
use crate::version::Version;
use crate::{Ctx, Error, Result};

/// A defect in the built-in tracker.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "bug", wire = "bugs.Bug", title = "bug")]
pub struct Bug {
    #[doc = "Id"]
    pub id: Id,
    /// Summary
    #[field(max = 255, list, search)]
    pub summary: String,
    /// Created at
    pub created_at: DateTime<Utc>,
    /// Status
    #[field(list)]
    pub status: bool,
    /// Reporter
    pub reporter: Fk<Member>,
    /// Assignee
    pub assignee: Option<Fk<Member>>,
    /// Product
    pub product: Fk<Product>,
    /// Version
    pub version: Fk<Version>,
    /// Build
    pub build: Fk<Build>,
    /// Severity
    pub severity: Option<Fk<Severity>>,
}

impl Relations for Bug {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "executions",
            to: || TestExecution::META,
            through: "bug_execution",
            near: "bug_id",
            far: "execution_id",
        },
        Relation::Many {
            name: "tags",
            to: || Tag::META,
            through: "bug_tag",
            near: "bug_id",
            far: "tag_id",
        },
    ];
}

/// Connects the bug that a link points to with the execution, when the link leads into the
/// built-in tracker of this tenant. An unknown bug is ignored.
pub async fn connect(ctx: &mut Ctx, link: &LinkReference) -> Result<()> {
    if !ctx.domain().settings().bug_tracker {
        return Ok(());
    }
    let trackers: Vec<BugSystem> =
        repository::find(ctx.conn(), &[("tracker_type", INTERNAL_TRACKER.into())]).await?;
    let inside = trackers
        .iter()
        .filter_map(|tracker| tracker.base_url.as_deref())
        .any(|base| bug_system::owns(base, &link.url));
    if !inside {
        return Ok(());
    }
    let last = link
        .url
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or_default();
    let bug: Id = last
        .parse()
        .map_err(|_| Error::refused(format!("{} does not end in the number of a bug", link.url)))?;
    sqlx::query(
        "INSERT INTO bug_execution (bug_id, execution_id)
         SELECT id, $2 FROM bug WHERE id = $1
         ON CONFLICT DO NOTHING",
    )
    .bind(bug)
    .bind(link.execution.id())
    .execute(ctx.conn())
    .await?;
    Ok(())
}

/// How the built-in tracker is called in the configuration of trackers.
pub const INTERNAL_TRACKER: &str = "tcms.issuetracker.types.KiwiTCMS";

/// Attaches a tag by name.
pub async fn add_tag(ctx: &mut Ctx, bug: Id, name: &str) -> Result<()> {
    let tag = tag::find_or_create(ctx, name).await?;
    ctx.get::<Bug>(bug).await?;
    sqlx::query("INSERT INTO bug_tag (bug_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(bug)
        .bind(tag.id)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

/// Detaches a tag by name; the tag itself must exist.
pub async fn remove_tag(ctx: &mut Ctx, bug: Id, name: &str) -> Result<()> {
    ctx.get::<Bug>(bug).await?;
    let tag = tag::find(ctx, name).await?;
    sqlx::query("DELETE FROM bug_tag WHERE bug_id = $1 AND tag_id = $2")
        .bind(bug)
        .bind(tag.id)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

/// Connects a bug with an execution; again is no change.
pub async fn add_execution(ctx: &mut Ctx, bug: Id, execution: Id) -> Result<()> {
    ctx.get::<Bug>(bug).await?;
    ctx.get::<TestExecution>(execution).await?;
    sqlx::query(
        "INSERT INTO bug_execution (bug_id, execution_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    )
    .bind(bug)
    .bind(execution)
    .execute(ctx.conn())
    .await?;
    Ok(())
}
