//! Results as the run page sends them: a status, a comment, or both, for many executions at once.

use entity::{Id, Map};

use super::{TestExecution, update};
use crate::comment::{self, Subject};
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

/// Records results of one run. A finished status stamps the end of the execution, a neutral one
/// takes it back; the first finished one starts a run that has not been started.
pub async fn record(ctx: &mut Ctx, run: Id, outcomes: &[Outcome]) -> Result<()> {
    let old: TestRun = ctx.get_for_update(run).await?;
    let mut finished = false;
    for outcome in outcomes {
        let execution: TestExecution = ctx.get(outcome.execution).await?;
        if execution.run.id() != run {
            return Err(Error::NotFound {
                entity: "TestExecution",
            });
        }
        if let Some(text) = outcome
            .comment
            .as_deref()
            .filter(|text| !text.trim().is_empty())
        {
            ctx.require("django_comments.add_comment")?;
            let subject = Subject::TestExecution;
            comment::add(ctx, subject, outcome.execution, text.to_owned(), None, None).await?;
        }
        if let Some(status) = outcome.status {
            ctx.require("testruns.change_testexecution")?;
            let status: TestExecutionStatus =
                ctx.get(status).await.map_err(|error| match error {
                    Error::NotFound { .. } => Error::field("status", crate::form::CHOICE),
                    other => other,
                })?;
            let stop = (status.weight != 0).then_some(ctx.now);
            let values = Map::from_iter([
                ("status".into(), status.id.into()),
                ("stop_date".into(), stop.into()),
            ]);
            update(ctx, outcome.execution, &values).await?;
            finished |= status.weight != 0;
        }
    }
    if finished && old.start_date.is_none() {
        let new = TestRun {
            start_date: Some(ctx.now),
            ..old.clone()
        };
        ctx.update(&old, &new).await?;
    }
    Ok(())
}
