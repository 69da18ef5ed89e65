//! Mail about runs.

use entity::{Id, sql};

use super::{Audience, actor, changes, send};
use crate::mail::{Letter, moment};
use crate::test_run::TestRun;
use crate::{Ctx, Result};

/// Manager, default tester, CC people and assignees of the executions.
async fn audience(ctx: &mut Ctx, run: Id) -> Result<Audience> {
    let people: Vec<String> = sql::query_scalar(
        "SELECT m.email::text
         FROM (SELECT r.manager_id AS id
               FROM test_run r
               WHERE r.id = $1
               UNION
               SELECT r.default_tester_id
               FROM test_run r
               WHERE r.id = $1
               UNION
               SELECT l.user_id
               FROM test_run_cc l
               WHERE l.run_id = $1
               UNION
               SELECT e.assignee_id
               FROM test_execution e
               WHERE e.run_id = $1) AS named
         JOIN member m ON m.id = named.id
         WHERE m.is_active
           AND m.is_authorised
           AND m.email <> ''
         ORDER BY m.email",
    )
    .bind(run)
    .fetch_all(ctx.conn())
    .await?;
    Ok(Audience::of_people(people).without_caller(ctx))
}

fn thread(run: Id) -> String {
    format!("test-run-{run}")
}

fn url(base: &str, run: Id) -> String {
    format!("{base}/runs/{run}/")
}

/// A run was made.
pub(crate) async fn test_run_created(ctx: &mut Ctx, run: &TestRun) -> Result<()> {
    let is_own = |person: Id| Some(person) == ctx.caller().id();
    let tester = run.default_tester.map(entity::Fk::id);
    if is_own(run.manager.id()) && tester.is_none_or(is_own) {
        // a new run has neither CC people nor executions
        return Ok(());
    }
    let audience = audience(ctx, run.id).await?;
    if audience.people.is_empty() {
        return Ok(());
    }
    let facts: Facts = sql::query_as(
        "SELECT p.name AS plan, m.username AS manager, t.username AS default_tester,
                o.name AS product, v.value AS version, b.name AS build
         FROM test_run r
         JOIN test_plan p ON p.id = r.plan_id
         JOIN product o ON o.id = p.product_id
         JOIN version v ON v.id = p.product_version_id
         JOIN build b ON b.id = r.build_id
         JOIN member m ON m.id = r.manager_id
         LEFT JOIN member t ON t.id = r.default_tester_id
         WHERE r.id = $1",
    )
    .bind(run.id)
    .fetch_one(ctx.conn())
    .await?;
    send(ctx, audience, &thread(run.id), |base| {
        Letter::TestRunCreated {
            id: run.id,
            url: url(base, run.id),
            title: run.summary.clone(),
            plan_url: format!("{base}/plan/{}/", run.plan.id()),
            plan: facts.plan,
            manager: facts.manager,
            default_tester: facts.default_tester,
            product: facts.product,
            version: facts.version,
            build: facts.build,
            notes: run.notes.clone(),
        }
    })
    .await
}

/// Names of what a run refers to.
#[derive(macros::Row)]
struct Facts {
    plan: String,
    manager: String,
    default_tester: Option<String>,
    product: String,
    version: String,
    build: String,
}

/// A run was saved again.
pub(crate) async fn test_run_saved(ctx: &mut Ctx, old: &TestRun, run: &TestRun) -> Result<()> {
    let audience = audience(ctx, run.id).await?;
    let (at, by) = (moment(ctx.now), actor(ctx));
    send(ctx, audience, &thread(run.id), |base| Letter::Updated {
        kind: "TestRun".to_owned(),
        id: run.id,
        url: url(base, run.id),
        title: run.summary.clone(),
        at,
        by,
        changes: changes(old, run),
        comment: None,
    })
    .await
}
