//! Defects in the built-in tracker.

mod life;

use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relation, Relations, sql};

pub use life::{close, reopen, report, update};

use crate::build::Build;
use crate::member::Member;
use crate::product::Product;
use crate::severity::Severity;
use crate::tag::{self, Tag};
use crate::test_execution::TestExecution;
use crate::version::Version;
use crate::{Ctx, Result};

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

/// Connects a bug with an execution; again is no change, and an unknown bug is ignored.
pub(crate) async fn connect(ctx: &mut Ctx, bug: Id, execution: Id) -> Result<()> {
    sql::query(
        "INSERT INTO bug_execution (bug_id, execution_id)
         SELECT id, $2 FROM bug WHERE id = $1
         ON CONFLICT DO NOTHING",
    )
    .bind(bug)
    .bind(execution)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

/// Attaches a tag by name.
pub async fn add_tag(ctx: &mut Ctx, bug: Id, name: &str) -> Result<()> {
    let tag = tag::find_or_create(ctx, name).await?;
    ctx.get::<Bug>(bug).await?;
    sql::query("INSERT INTO bug_tag (bug_id, tag_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(bug)
        .bind(tag.id)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

/// Detaches a tag.
pub async fn remove_tag(ctx: &mut Ctx, bug: Id, tag: &Tag) -> Result<()> {
    sql::query("DELETE FROM bug_tag WHERE bug_id = $1 AND tag_id = $2")
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
    connect(ctx, bug, execution).await
}
