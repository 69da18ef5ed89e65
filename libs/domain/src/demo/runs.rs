//! The runs of the files, with their results.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use entity::{Fk, Id, Map, sql};

use super::files::{Files, Outcome, Run};
use super::people::People;
use super::{one, plan_with_key};
use crate::build::Build;
use crate::comment::{self, Subject};
use crate::link_reference::LinkReference;
use crate::test_execution;
use crate::test_execution_status::TestExecutionStatus;
use crate::test_plan::TestPlan;
use crate::test_run::{self, TestRun};
use crate::{Ctx, Error, Result};

pub(super) async fn fill(
    ctx: &mut Ctx,
    files: &Files,
    people: &People,
    plans: &[(String, TestPlan)],
) -> Result<()> {
    let now = ctx.now;
    for file in &files.runs {
        let plan = plan_with_key(plans, &file.plan)?;
        let start = now - Duration::days(file.days_ago);
        fill_run(ctx, file, people, plan, start).await?;
    }
    ctx.now = now;
    Ok(())
}

async fn fill_run(
    ctx: &mut Ctx,
    file: &Run,
    people: &People,
    plan: &TestPlan,
    start: DateTime<Utc>,
) -> Result<()> {
    people.act_as(ctx, &file.manager)?;
    ctx.now = start;
    let version = plan.product_version.id();
    let build: Build = one(
        ctx,
        &[
            ("version_id", version.into()),
            ("name", file.build.as_str().into()),
        ],
    )
    .await?;
    let mut run = TestRun {
        id: 0,
        start_date: Some(start),
        stop_date: file.finished.then(|| start + Duration::hours(file.hours)),
        planned_start: Some(start),
        planned_stop: Some(start + Duration::hours(file.hours)),
        summary: file.summary.clone(),
        notes: file.notes.clone(),
        plan: Fk::new(plan.id),
        build: Fk::new(build.id),
        manager: Fk::new(people.id(&file.manager)?),
        default_tester: Some(Fk::new(people.id(&file.tester)?)),
    };
    ctx.insert(&mut run).await?;
    for tag in &file.tags {
        test_run::add_tag(ctx, run.id, tag).await?;
    }
    let cases = confirmed_cases(ctx, plan.id).await?;
    for outcome in &file.result {
        if !cases.iter().any(|(_, summary)| *summary == outcome.case) {
            return Err(Error::Refused(format!(
                "runs.toml: plan {} has no confirmed case {:?}",
                file.plan, outcome.case
            )));
        }
    }
    let mut executions = Vec::new();
    for (case, summary) in cases {
        for added in test_run::add_case(ctx, run.id, case).await? {
            executions.push((added.execution.id, summary.clone()));
        }
    }
    people.act_as(ctx, &file.tester)?;
    let step = Duration::hours(file.hours) / executions.len().max(1) as i32;
    let own: HashMap<&str, &Outcome> = file
        .result
        .iter()
        .map(|outcome| (outcome.case.as_str(), outcome))
        .collect();
    for (number, (execution, summary)) in executions.into_iter().enumerate() {
        let begun = start + step * number as i32;
        let outcome = own.get(summary.as_str()).copied();
        let status = outcome.map_or(&file.others, |outcome| &outcome.status);
        record(ctx, execution, status, begun, begun + step).await?;
        if let Some(outcome) = outcome {
            explain(ctx, execution, outcome).await?;
        }
    }
    Ok(())
}

/// The cases of a plan that can be executed, in their order.
async fn confirmed_cases(ctx: &mut Ctx, plan: Id) -> Result<Vec<(Id, String)>> {
    let cases = sql::query_as(
        "SELECT c.id, c.summary
         FROM test_case_plan p
         JOIN test_case c ON c.id = p.case_id
         JOIN test_case_status s ON s.id = c.case_status_id
         WHERE p.plan_id = $1 AND s.is_confirmed
         ORDER BY p.sortkey, c.id",
    )
    .bind(plan)
    .fetch_all(ctx.conn())
    .await?;
    Ok(cases)
}

async fn record(
    ctx: &mut Ctx,
    execution: Id,
    name: &str,
    begun: DateTime<Utc>,
    ended: DateTime<Utc>,
) -> Result<()> {
    let status: TestExecutionStatus = one(ctx, &[("name", name.into())]).await?;
    if name == "IDLE" {
        return Ok(());
    }
    let finished = status.weight != 0;
    ctx.now = if finished { ended } else { begun };
    let values = Map::from_iter([
        ("status".into(), status.id.into()),
        ("start_date".into(), Some(begun).into()),
        ("stop_date".into(), finished.then_some(ended).into()),
    ]);
    test_execution::update(ctx, execution, &values).await?;
    Ok(())
}

async fn explain(ctx: &mut Ctx, execution: Id, outcome: &Outcome) -> Result<()> {
    if let Some(text) = &outcome.comment {
        let (subject, text) = (Subject::TestExecution, text.clone());
        comment::add(ctx, subject, execution, text, None, None).await?;
    }
    if let Some(url) = &outcome.link {
        let mut link = LinkReference {
            id: 0,
            execution: Fk::new(execution),
            name: url.rsplit('/').next().unwrap_or_default().to_owned(),
            url: url.clone(),
            created_on: ctx.now,
            is_defect: true,
        };
        ctx.insert(&mut link).await?;
    }
    Ok(())
}
