//! Deleting with everything that hangs on it, and counting what was deleted (spec 01 §4.11).
//!
//! The database cascades; here stands what it cannot do: the last history records, and the rows
//! that refer to others by kind and id (comments, attachments).

use entity::{Entity, Id};

use crate::bug::Bug;
use crate::test_case::TestCase;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::test_run::TestRun;
use crate::{Ctx, Result, files, notify};

/// Rows deleted, by wire label; labels without rows are absent.
pub type Counts = Vec<(&'static str, i64)>;

/// Deletes executions with their links, properties, tags, comments and attachments.
pub async fn executions(ctx: &mut Ctx, ids: &[Id]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    forget(ctx, "testruns.testexecution", ids).await?;
    ctx.delete::<TestExecution>(ids).await?;
    Ok(())
}

/// Deletes cases and their executions; returns what was deleted.
pub async fn cases(ctx: &mut Ctx, ids: &[Id]) -> Result<Counts> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    notify::test_cases_deleted(ctx, ids).await?;
    let own: [(&str, i64); 6] = sqlx::query_as::<_, (i64, i64, i64, i64, i64)>(
        "SELECT (SELECT count(*) FROM test_case WHERE id = ANY($1)),
                (SELECT count(*) FROM test_case_plan WHERE case_id = ANY($1)),
                (SELECT count(*) FROM test_case_component WHERE case_id = ANY($1)),
                (SELECT count(*) FROM test_case_tag WHERE case_id = ANY($1)),
                (SELECT count(*) FROM test_case_property WHERE case_id = ANY($1))",
    )
    .bind(ids)
    .fetch_one(ctx.conn())
    .await
    .map(|(cases, plans, components, tags, properties)| {
        [
            ("testcases.TestCase", cases),
            ("testcases.TestCasePlan", plans),
            ("testcases.TestCaseComponent", components),
            ("testcases.TestCaseTag", tags),
            ("testcases.Property", properties),
            ("testcases.TestCaseEmailSettings", cases),
        ]
    })?;
    let executed = executions_where(ctx, Owner::Case, ids).await?;
    let mut counts = own.to_vec();
    counts.extend(count_executions(ctx, &executed).await?);
    executions(ctx, &executed).await?;
    forget(ctx, "testcases.testcase", ids).await?;
    ctx.delete::<TestCase>(ids).await?;
    Ok(present(counts))
}

/// Deletes runs and their executions; returns what was deleted.
pub async fn runs(ctx: &mut Ctx, ids: &[Id]) -> Result<Counts> {
    if ids.is_empty() {
        return Ok(vec![]);
    }
    let own = sqlx::query_as::<_, (i64, i64, i64, i64)>(
        "SELECT (SELECT count(*) FROM test_run WHERE id = ANY($1)),
                (SELECT count(*) FROM test_run_tag WHERE run_id = ANY($1)),
                (SELECT count(*) FROM test_run_cc WHERE run_id = ANY($1)),
                (SELECT count(*) FROM test_run_property WHERE run_id = ANY($1))",
    )
    .bind(ids)
    .fetch_one(ctx.conn())
    .await
    .map(|(runs, tags, people, properties)| {
        vec![
            ("testruns.TestRun", runs),
            ("testruns.TestRunTag", tags),
            ("testruns.TestRunCC", people),
            ("testruns.Property", properties),
        ]
    })?;
    let executed = executions_where(ctx, Owner::Run, ids).await?;
    let mut counts = own;
    counts.extend(count_executions(ctx, &executed).await?);
    executions(ctx, &executed).await?;
    forget(ctx, "testruns.testrun", ids).await?;
    ctx.delete::<TestRun>(ids).await?;
    Ok(present(counts))
}

/// Deletes plans, the plans below them, and the runs of all of these.
pub async fn plans(ctx: &mut Ctx, ids: &[Id]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let tree: Vec<Id> = sqlx::query_scalar(
        "WITH RECURSIVE tree AS (
             SELECT id FROM test_plan WHERE id = ANY($1)
             UNION
             SELECT p.id FROM test_plan p JOIN tree t ON p.parent_id = t.id
         )
         SELECT id FROM tree ORDER BY id",
    )
    .bind(ids)
    .fetch_all(ctx.conn())
    .await?;
    let executed: Vec<Id> =
        sqlx::query_scalar("SELECT id FROM test_run WHERE plan_id = ANY($1) ORDER BY id")
            .bind(&tree)
            .fetch_all(ctx.conn())
            .await?;
    runs(ctx, &executed).await?;
    forget(ctx, "testplans.testplan", &tree).await?;
    ctx.delete::<TestPlan>(&tree).await?;
    Ok(())
}

/// Deletes bugs with their comments, attachments, tags and connections.
pub async fn bugs(ctx: &mut Ctx, ids: &[Id]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    forget(ctx, "bugs.bug", ids).await?;
    ctx.delete::<Bug>(ids).await?;
    Ok(())
}

#[derive(Clone, Copy)]
enum Owner {
    Case,
    Run,
}

async fn executions_where(ctx: &mut Ctx, owner: Owner, ids: &[Id]) -> Result<Vec<Id>> {
    let sql = match owner {
        Owner::Case => "SELECT id FROM test_execution WHERE case_id = ANY($1) ORDER BY id",
        Owner::Run => "SELECT id FROM test_execution WHERE run_id = ANY($1) ORDER BY id",
    };
    let rows: Vec<(Id,)> = sqlx::query_as(sql).bind(ids).fetch_all(ctx.conn()).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

async fn count_executions(ctx: &mut Ctx, ids: &[Id]) -> Result<Counts> {
    let (links, properties, tags, bugs): (i64, i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM link_reference WHERE execution_id = ANY($1)),
                (SELECT count(*) FROM test_execution_property WHERE execution_id = ANY($1)),
                (SELECT count(*) FROM test_execution_tag WHERE execution_id = ANY($1)),
                (SELECT count(*) FROM bug_execution WHERE execution_id = ANY($1))",
    )
    .bind(ids)
    .fetch_one(ctx.conn())
    .await?;
    Ok(vec![
        (TestExecution::META.wire, ids.len() as i64),
        ("linkreference.LinkReference", links),
        ("testruns.TestExecutionProperty", properties),
        ("testruns.TestExecutionTag", tags),
        ("bugs.Bug_executions", bugs),
    ])
}

/// Deletes the comments and attachments of rows that are about to go.
async fn forget(ctx: &mut Ctx, kind: &str, ids: &[Id]) -> Result<()> {
    let files = sqlx::query_scalar(
        "WITH comments AS (DELETE FROM comment WHERE kind = $1 AND object_id = ANY($2))
         DELETE FROM attachment WHERE kind = $1 AND object_id = ANY($2)
         RETURNING id",
    )
    .bind(kind)
    .bind(ids)
    .fetch_all(ctx.conn())
    .await?;
    files::remove_later(ctx, files).await
}

fn present(counts: Counts) -> Counts {
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}
