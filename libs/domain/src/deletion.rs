//! Deleting with everything that hangs on it, and counting beforehand what that is (spec 01 §4.11).
//!
//! The database cascades; here stands what it cannot do: the last history records, the mails, and the
//! rows that refer to others by kind and id (comments, attachments). The number of statements does not
//! depend on the number of rows.

mod counts;
mod doomed;

use entity::{Id, repository, sql};

pub use counts::Counts;
pub use doomed::{Deletable, Doomed};

use crate::bug::Bug;
use crate::build::Build;
use crate::category::Category;
use crate::classification::Classification;
use crate::component::Component;
use crate::environment::Environment;
use crate::member::Member;
use crate::plan_type::PlanType;
use crate::priority::Priority;
use crate::product::Product;
use crate::severity::Severity;
use crate::tag::Tag;
use crate::template::Template;
use crate::test_case::TestCase;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::test_run::TestRun;
use crate::version::Version;
use crate::{Ctx, Result, files, notify};

/// What deleting these rows would take along, the rows themselves included: for a question before it.
/// Unlike the counts of a deletion they include comments and files.
pub async fn impact<E: Deletable>(ctx: &mut Ctx, ids: &[Id]) -> Result<Counts> {
    let rows: Vec<E> = repository::get_many(ctx.conn(), ids).await?;
    let doomed = Doomed::with(ctx, &rows).await?;
    let mut counts = counts::of(ctx, &doomed).await?;
    counts.extend(counts::of_records(ctx, &doomed).await?);
    Ok(counts)
}

/// Deletes rows with everything that hangs on them, and returns what was deleted; rows that do not
/// exist are ignored. The rows are locked first, so that nothing new is hung on them meanwhile.
pub async fn delete<E: Deletable>(ctx: &mut Ctx, ids: &[Id]) -> Result<Counts> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let rows: Vec<E> = repository::get_many_for_update(ctx.conn(), ids).await?;
    let doomed = Doomed::with(ctx, &rows).await?;
    let counts = counts::of(ctx, &doomed).await?;
    notify::test_cases_deleted(ctx, &doomed.cases).await?;
    forget(ctx, &doomed).await?;
    remove(ctx, &doomed).await?;
    Ok(counts)
}

/// Deletes the rows, those below first, so that each leaves its last history record.
async fn remove(ctx: &mut Ctx, doomed: &Doomed) -> Result<()> {
    remove_of::<Bug>(ctx, &doomed.bugs).await?;
    remove_of::<TestExecution>(ctx, &doomed.executions).await?;
    remove_of::<TestRun>(ctx, &doomed.runs).await?;
    remove_of::<TestCase>(ctx, &doomed.cases).await?;
    remove_of::<TestPlan>(ctx, &doomed.plans).await?;
    remove_of::<Build>(ctx, &doomed.builds).await?;
    remove_of::<Version>(ctx, &doomed.versions).await?;
    remove_of::<Category>(ctx, &doomed.categories).await?;
    remove_of::<Component>(ctx, &doomed.components).await?;
    remove_of::<Product>(ctx, &doomed.products).await?;
    remove_of::<Classification>(ctx, &doomed.classifications).await?;
    remove_of::<PlanType>(ctx, &doomed.plan_types).await?;
    remove_of::<Priority>(ctx, &doomed.priorities).await?;
    remove_of::<Severity>(ctx, &doomed.severities).await?;
    remove_of::<Tag>(ctx, &doomed.tags).await?;
    remove_of::<Environment>(ctx, &doomed.environments).await?;
    remove_of::<Template>(ctx, &doomed.templates).await?;
    remove_of::<Member>(ctx, &doomed.members).await
}

async fn remove_of<E: Deletable>(ctx: &mut Ctx, ids: &[Id]) -> Result<()> {
    if !ids.is_empty() {
        ctx.delete::<E>(ids).await?;
    }
    Ok(())
}

/// Deletes the comments and attachments of rows that are about to go. People's comments elsewhere stay
/// without their name, their files do not.
async fn forget(ctx: &mut Ctx, doomed: &Doomed) -> Result<()> {
    let mut attachments: Vec<Id> = vec![];
    for (kind, ids) in doomed.carriers() {
        if ids.is_empty() {
            continue;
        }
        let own: Vec<Id> = sql::query_scalar(
            "WITH comments AS (DELETE FROM comment WHERE kind = $1 AND object_id = ANY($2))
             DELETE FROM attachment WHERE kind = $1 AND object_id = ANY($2)
             RETURNING id",
        )
        .bind(kind)
        .bind(ids)
        .fetch_all(ctx.conn())
        .await?;
        attachments.extend(own);
    }
    if !doomed.members.is_empty() {
        let uploaded: Vec<Id> =
            sql::query_scalar("DELETE FROM attachment WHERE creator_id = ANY($1) RETURNING id")
                .bind(&doomed.members)
                .fetch_all(ctx.conn())
                .await?;
        attachments.extend(uploaded);
    }
    files::remove_later(ctx, attachments).await
}
