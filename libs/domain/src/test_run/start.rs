//! New runs as the form makes them, and what the form begins with (spec 01 §4.7).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::{Entity as _, Fk, Id, sql};

use super::cases::{self, Added, Place};
use super::{TestRun, create};
use crate::environment::Environment;
use crate::test_case::TestCase;
use crate::test_execution::matrix::Matrix;
use crate::test_plan::TestPlan;
use crate::{Ctx, Error, FieldErrors, Result, bulk};

/// What a run takes over when it is made.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// Confirmed cases; each gets an execution for each combination of properties.
    pub cases: Vec<Id>,
    /// Environments, whose properties become those of the run.
    pub environments: Vec<Id>,
    /// Which combinations.
    pub matrix: Matrix,
}

/// Makes a run with executions and tells the people in it; returns the executions by case.
///
/// An execution stands where its case stands in the plan. Everything is for the default tester of the
/// run; without one, each case is for its own.
pub async fn start(ctx: &mut Ctx, run: &mut TestRun, contents: &Contents) -> Result<Vec<Added>> {
    bulk::limit(contents.cases.len())?;
    create(ctx, run).await?;
    ctx.get_all::<Environment>(&contents.environments).await?;
    sql::query(
        "INSERT INTO test_run_property (run_id, name, value)
         SELECT DISTINCT $1::int4, name, value
         FROM environment_property
         WHERE environment_id = ANY($2)
         ORDER BY name, value
         ON CONFLICT (run_id, name, value) DO NOTHING",
    )
    .bind(run.id)
    .bind(&contents.environments)
    .execute(ctx.conn())
    .await?;
    let mut chosen = contents.cases.clone();
    chosen.sort_unstable();
    chosen.dedup();
    let mut found = cases::situations(ctx, run.id, &chosen).await?;
    let sortkeys = sortkeys(ctx, run.plan.id(), &chosen).await?;
    let mut errors = FieldErrors::default();
    let mut places = Vec::with_capacity(chosen.len());
    let mut number = 0_i32;
    for case in chosen {
        number = number.saturating_add(10);
        match cases::fit(case, found.remove(&case), contents.matrix) {
            Ok(situation) => places.push(Place {
                case,
                sortkey: sortkeys.get(&case).copied().unwrap_or(number),
                assignee: run
                    .default_tester
                    .or(situation.default_tester_id.map(Fk::new)),
                situation,
            }),
            Err(error @ (Error::NotFound { .. } | Error::Refused(_))) => {
                errors.add("case", error.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    errors.into_result()?;
    cases::put(ctx, run, places, contents.matrix).await
}

/// The places of cases in a plan; those that have none are absent.
async fn sortkeys(ctx: &mut Ctx, plan: Id, cases: &[Id]) -> Result<HashMap<Id, i32>> {
    let rows: Vec<(Id, i32)> = sql::query_as(
        "SELECT case_id, sortkey
         FROM test_case_plan
         WHERE plan_id = $1 AND case_id = ANY($2) AND sortkey IS NOT NULL",
    )
    .bind(plan)
    .bind(cases)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows.into_iter().collect())
}

/// What the form for a new run begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is called.
    pub summary: String,
    /// Notes.
    pub notes: String,
    /// The plan.
    pub plan: Id,
    /// The build, where one is known.
    pub build: Option<Id>,
    /// Who is responsible.
    pub manager: Id,
    /// Who does it.
    pub default_tester: Option<Id>,
    /// When it is to begin.
    pub planned_start: Option<DateTime<Utc>>,
    /// When it is to end.
    pub planned_stop: Option<DateTime<Utc>>,
    /// The chosen cases, in their order.
    pub cases: Vec<Id>,
    /// Those among them that are not confirmed; with them the run cannot be made.
    pub unconfirmed: Vec<Id>,
}

/// The draft of a run of a plan: with these cases, or, without any, with all of the plan that are
/// confirmed.
pub async fn draft(ctx: &mut Ctx, plan: Id, cases: &[Id]) -> Result<Draft> {
    let plan: TestPlan = ctx.get(plan).await?;
    let chosen = if cases.is_empty() {
        sql::query_scalar(
            "SELECT c.id
             FROM test_case_plan l
             JOIN test_case c ON c.id = l.case_id
             JOIN test_case_status s ON s.id = c.case_status_id
             WHERE l.plan_id = $1 AND s.is_confirmed
             ORDER BY l.sortkey, l.id",
        )
        .bind(plan.id)
        .fetch_all(ctx.conn())
        .await?
    } else {
        let mut seen = HashSet::new();
        let once = cases.iter().copied().filter(|case| seen.insert(*case));
        once.collect()
    };
    Ok(Draft {
        summary: format!("Test run for {}", plan.name),
        notes: String::new(),
        plan: plan.id,
        build: None,
        manager: plan.author.id(),
        default_tester: ctx.caller().id(),
        planned_start: None,
        planned_stop: None,
        unconfirmed: unconfirmed(ctx, &chosen).await?,
        cases: chosen,
    })
}

/// The draft of another round of a run: what was planned and its cases, but nothing of what came of
/// it, nor its tags, properties and CC people.
pub async fn draft_of_copy(ctx: &mut Ctx, run: Id) -> Result<Draft> {
    let run: TestRun = ctx.get(run).await?;
    let cases: Vec<Id> = sql::query_scalar(
        "SELECT case_id
         FROM test_execution
         WHERE run_id = $1
         GROUP BY case_id
         ORDER BY min(sortkey), min(id)",
    )
    .bind(run.id)
    .fetch_all(ctx.conn())
    .await?;
    Ok(Draft {
        summary: format!("Clone of {}", run.summary),
        notes: run.notes,
        plan: run.plan.id(),
        build: Some(run.build.id()),
        manager: run.manager.id(),
        default_tester: run.default_tester.map(Fk::id),
        planned_start: run.planned_start,
        planned_stop: run.planned_stop,
        unconfirmed: unconfirmed(ctx, &cases).await?,
        cases,
    })
}

/// Those of the cases that cannot be put into a run, in their order.
async fn unconfirmed(ctx: &mut Ctx, cases: &[Id]) -> Result<Vec<Id>> {
    let rows: Vec<(Id, bool)> = sql::query_as(
        "SELECT c.id, s.is_confirmed
         FROM unnest($1::int4[]) WITH ORDINALITY AS chosen (id, place)
         JOIN test_case c ON c.id = chosen.id
         JOIN test_case_status s ON s.id = c.case_status_id
         ORDER BY chosen.place",
    )
    .bind(cases)
    .fetch_all(ctx.conn())
    .await?;
    if rows.len() < cases.len() {
        return Err(Error::NotFound {
            entity: TestCase::META.name,
        });
    }
    let unconfirmed = rows.into_iter().filter(|(_, is_confirmed)| !is_confirmed);
    Ok(unconfirmed.map(|(case, _)| case).collect())
}
