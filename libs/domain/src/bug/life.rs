//! The life of a bug, which is told by its comments (spec 01 §4.10 and §4.16).

use entity::{Fk, Id, sql};

use super::Bug;
use crate::comment::{self, Subject};
use crate::{Ctx, Result};

/// Inserts a bug with its description as the first comment. Without an assignee it goes to whoever
/// looks after the first component of the product that has somebody.
pub async fn report(ctx: &mut Ctx, bug: &mut Bug, description: String) -> Result<()> {
    if bug.assignee.is_none() {
        bug.assignee = owner_in(ctx, bug.product.id()).await?.map(Fk::new);
    }
    ctx.insert(bug).await?;
    comment::add(ctx, Subject::Bug, bug.id, description, None, None).await?;
    Ok(())
}

/// Who looks after the first component of a product, by name, that has somebody.
async fn owner_in(ctx: &mut Ctx, product: Id) -> Result<Option<Id>> {
    let owner = sql::query_scalar(
        "SELECT m.id
         FROM component c
         JOIN member m ON m.id = c.initial_owner_id AND m.is_authorised
         WHERE c.product_id = $1
         ORDER BY c.name, c.id
         LIMIT 1",
    )
    .bind(product)
    .fetch_optional(ctx.conn())
    .await?;
    Ok(owner)
}

/// Writes a changed bug, and a comment with a line for each field that is another one.
pub async fn update(ctx: &mut Ctx, old: &Bug, new: &Bug) -> Result<()> {
    let (before, after) = (shown(ctx, old).await?, shown(ctx, new).await?);
    ctx.update(old, new).await?;
    let changed = before.iter().zip(&after).filter(|(old, new)| old != new);
    let lines: Vec<String> = changed
        .map(|((field, old), (_, new))| format!("{field}: {old} -> {new}"))
        .collect();
    if !lines.is_empty() {
        let text = lines.join("\n");
        comment::add(ctx, Subject::Bug, new.id, text, None, None).await?;
    }
    Ok(())
}

/// The fields that a change is told about, with what people see of them.
async fn shown(ctx: &mut Ctx, bug: &Bug) -> Result<[(&'static str, String); 7]> {
    type Names = (
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let names: Names = sql::query_as(
        "SELECT (SELECT username FROM member WHERE id = $1),
                (SELECT username FROM member WHERE id = $2),
                (SELECT name FROM product WHERE id = $3),
                (SELECT value FROM version WHERE id = $4),
                (SELECT name FROM build WHERE id = $5),
                (SELECT name FROM severity WHERE id = $6)",
    )
    .bind(bug.reporter.id())
    .bind(bug.assignee.map(Fk::id))
    .bind(bug.product.id())
    .bind(bug.version.id())
    .bind(bug.build.id())
    .bind(bug.severity.map(Fk::id))
    .fetch_one(ctx.conn())
    .await?;
    let (reporter, assignee, product, version, build, severity) = names;
    let text = |name: Option<String>| name.unwrap_or_else(|| "None".to_owned());
    Ok([
        ("Summary", bug.summary.clone()),
        ("Reporter", text(reporter)),
        ("Assignee", text(assignee)),
        ("Product", text(product)),
        ("Version", text(version)),
        ("Build", text(build)),
        ("Severity", text(severity)),
    ])
}

/// Closes a bug, with a last word if there is one.
pub async fn close(ctx: &mut Ctx, bug: Id, text: &str) -> Result<()> {
    set_open(ctx, bug, text, false).await
}

/// Opens a closed bug again, with a word about it if there is one.
pub async fn reopen(ctx: &mut Ctx, bug: Id, text: &str) -> Result<()> {
    set_open(ctx, bug, text, true).await
}

async fn set_open(ctx: &mut Ctx, bug: Id, text: &str, open: bool) -> Result<()> {
    ctx.require("bugs.change_bug")?;
    let old: Bug = ctx.get_for_update(bug).await?;
    if !text.trim().is_empty() {
        comment::add(ctx, Subject::Bug, bug, text.to_owned(), None, None).await?;
    }
    if old.status == open {
        return Ok(());
    }
    let new = Bug {
        status: open,
        ..old.clone()
    };
    ctx.update(&old, &new).await?;
    let event = if open {
        "*bug reopened*"
    } else {
        "*bug closed*"
    };
    comment::add(ctx, Subject::Bug, bug, event.to_owned(), None, None).await?;
    Ok(())
}
