//! Recording results, of one execution or of many.

use std::collections::HashMap;

use entity::{Id, Map, Value, python, sql};

use super::TestExecution;
use crate::bulk::{self, Change};
use crate::form::Form;
use crate::{Ctx, Result, test_case};

/// Changes the given fields of an execution.
///
/// A status without a tester is the caller's result, and without a build it is recorded on the
/// current build of the run; `case_text_version` may be `latest`. Dates are never set here.
pub async fn update(ctx: &mut Ctx, execution: Id, values: &Map) -> Result<TestExecution> {
    let old: TestExecution = ctx.get_for_update(execution).await?;
    let mut values = [values.clone()];
    complete(ctx, std::slice::from_ref(&old), &mut values).await?;
    let mut new = old.clone();
    form(&values[0]).apply(ctx, &mut new).await?;
    ctx.update(&old, &new).await?;
    Ok(new)
}

/// Changes the given fields of many executions, each by the rules of [`update()`]; all of them, or
/// none if one cannot be changed.
pub async fn update_many(ctx: &mut Ctx, changes: Vec<Change>) -> Result<Vec<TestExecution>> {
    let mut locked = bulk::lock::<TestExecution>(ctx, changes).await?;
    complete(ctx, &locked.rows, &mut locked.values).await?;
    locked.change(ctx, form).await
}

fn form(values: &Map) -> Form<'_> {
    Form::update(values).users(&["assignee", "tested_by"])
}

/// Adds the values that follow from those that were given.
async fn complete(ctx: &mut Ctx, executions: &[TestExecution], values: &mut [Map]) -> Result<()> {
    let follows = |values: &Map, name: &str| is_given(values, "status") && !is_given(values, name);
    let pairs = || executions.iter().zip(values.iter());
    let cases: Vec<Id> = pairs()
        .filter(|(_, values)| wants_latest(values))
        .map(|(execution, _)| execution.case.id())
        .collect();
    let runs: Vec<Id> = pairs()
        .filter(|(_, values)| follows(values, "build"))
        .map(|(execution, _)| execution.run.id())
        .collect();
    let newest = if cases.is_empty() {
        HashMap::new()
    } else {
        test_case::newest_versions(ctx, &cases).await?
    };
    let builds = if runs.is_empty() {
        HashMap::new()
    } else {
        builds_of(ctx, &runs).await?
    };
    for (execution, values) in executions.iter().zip(values) {
        if wants_latest(values) {
            let newest = newest
                .get(&execution.case.id())
                .copied()
                .unwrap_or_default();
            values.insert("case_text_version".into(), newest.into());
        }
        if follows(values, "tested_by") {
            values.insert("tested_by".into(), ctx.user()?.id.into());
        }
        if let Some(build) = builds.get(&execution.run.id())
            && follows(values, "build")
        {
            values.insert("build".into(), (*build).into());
        }
    }
    Ok(())
}

fn wants_latest(values: &Map) -> bool {
    values.get("case_text_version").and_then(Value::as_text) == Some("latest")
}

fn is_given(values: &Map, name: &str) -> bool {
    values.get(name).is_some_and(python::truth)
}

/// The builds of runs, by run.
async fn builds_of(ctx: &mut Ctx, runs: &[Id]) -> Result<HashMap<Id, Id>> {
    let rows: Vec<(Id, Id)> = sql::query_as("SELECT id, build_id FROM test_run WHERE id = ANY($1)")
        .bind(runs)
        .fetch_all(ctx.conn())
        .await?;
    Ok(rows.into_iter().collect())
}
