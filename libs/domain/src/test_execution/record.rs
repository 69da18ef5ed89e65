//! Results as the run page sends them: a status, a comment, or both, for many executions at once.

use std::collections::{BTreeMap, HashMap};

use entity::{Id, Map, repository};

use super::{TestExecution, update_many};
use crate::bulk::Change;
use crate::comment::{self, Subject};
use crate::form::CHOICE;
use crate::test_execution_status::TestExecutionStatus;
use crate::test_run::TestRun;
use crate::{Ctx, Error, Result};

/// What happened with one execution.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The execution.
    pub execution: Id,
    /// The new status, if it changes.
    pub status: Option<Id>,
    /// A comment, if there is one.
    pub comment: Option<String>,
}

/// Records results of one run; of several for one execution the last status counts. A finished
/// status stamps the end of the execution, a neutral one takes it back; the first finished one
/// starts a run that has not been started.
pub async fn record(ctx: &mut Ctx, run: Id, outcomes: &[Outcome]) -> Result<()> {
    let old: TestRun = ctx.get_for_update(run).await?;
    refuse_foreign(ctx, run, outcomes).await?;
    let comments: Vec<(Id, String)> = outcomes
        .iter()
        .filter_map(|outcome| Some((outcome.execution, outcome.comment.clone()?)))
        .filter(|(_, text)| !text.trim().is_empty())
        .collect();
    if !comments.is_empty() {
        ctx.require("django_comments.add_comment")?;
        comment::add_many(ctx, Subject::TestExecution, comments).await?;
    }
    let chosen = |outcome: &Outcome| Some((outcome.execution, outcome.status?));
    let chosen: BTreeMap<Id, Id> = outcomes.iter().filter_map(chosen).collect();
    if chosen.is_empty() {
        return Ok(());
    }
    ctx.require("testruns.change_testexecution")?;
    let weights = weights(ctx).await?;
    let mut finished = false;
    let mut changes = Vec::with_capacity(chosen.len());
    for (execution, status) in chosen {
        let weight = weights.get(&status);
        let done = *weight.ok_or_else(|| Error::field("status", CHOICE))? != 0;
        finished |= done;
        let values = Map::from_iter([
            ("status".into(), status.into()),
            ("stop_date".into(), done.then_some(ctx.now).into()),
        ]);
        changes.push(Change {
            id: execution,
            values,
        });
    }
    update_many(ctx, changes).await?;
    if finished && old.start_date.is_none() {
        let new = TestRun {
            start_date: Some(ctx.now),
            ..old.clone()
        };
        ctx.update(&old, &new).await?;
    }
    Ok(())
}

/// Refuses executions that are not in the run.
async fn refuse_foreign(ctx: &mut Ctx, run: Id, outcomes: &[Outcome]) -> Result<()> {
    let mut ids: Vec<Id> = outcomes.iter().map(|outcome| outcome.execution).collect();
    ids.sort_unstable();
    ids.dedup();
    let found: Vec<TestExecution> = repository::get_many(ctx.conn(), &ids).await?;
    let own = found.iter().filter(|execution| execution.run.id() == run);
    if own.count() == ids.len() {
        Ok(())
    } else {
        Err(Error::NotFound {
            entity: "TestExecution",
        })
    }
}

/// The weights of all statuses.
async fn weights(ctx: &mut Ctx) -> Result<HashMap<Id, i32>> {
    let statuses: Vec<TestExecutionStatus> = repository::find(ctx.conn(), &[]).await?;
    let weight = |status: TestExecutionStatus| (status.id, status.weight);
    Ok(statuses.into_iter().map(weight).collect())
}
