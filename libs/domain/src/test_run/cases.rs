//! Putting cases into a run and taking them out.

use std::collections::HashMap;

use entity::{Entity, Fk, Id, Value, repository, sql};

use super::TestRun;
use crate::bulk::{self, RowErrors};
use crate::member::Member;
use crate::test_case::TestCase;
use crate::test_execution::matrix::Matrix;
use crate::test_execution::{self, TestExecution, TestExecutionProperty};
use crate::{Ctx, Error, Result};

/// An execution together with the property values that it stands for.
#[derive(Debug, Clone)]
pub struct Added {
    /// The execution.
    pub execution: TestExecution,
    /// Its `name=value` pairs, by id.
    pub properties: Vec<(String, String)>,
    /// It was in the run already.
    pub existed: bool,
}

/// Executions that one case may get in one run.
const MOST_COMBINATIONS: usize = 1000;

/// What is needed to put a case into a run.
#[derive(macros::Row)]
pub(super) struct Situation {
    case_id: Id,
    pub(super) default_tester_id: Option<Id>,
    is_confirmed: bool,
    newest_version: Option<Id>,
    has_executions: bool,
    names: Vec<String>,
    values: Vec<String>,
}

/// Makes sure that the case is in the run, and returns its executions.
///
/// A case that is there already is left as it is. Otherwise one execution is made for each
/// combination of the properties of run and case, at the end of the run (spec 01 §4.7).
/// The run is locked, so that two callers cannot add the same case twice.
pub async fn add_case(ctx: &mut Ctx, run: Id, case: Id) -> Result<Vec<Added>> {
    let run: TestRun = ctx.get_for_update(run).await?;
    let mut found = situations(ctx, run.id, &[case]).await?;
    let situation = fit(case, found.remove(&case), Matrix::Full)?;
    if situation.has_executions {
        return existing(ctx, run.id, &[case]).await;
    }
    let places = at_the_end(ctx, &run, vec![(case, situation)]).await?;
    put(ctx, &run, places, Matrix::Full).await
}

/// Makes sure that the cases are in the run, each as with [`add_case`]; all of them, or none if one
/// cannot be. Returns their executions in the order of the cases.
pub async fn add_cases(ctx: &mut Ctx, run: Id, cases: &[Id]) -> Result<Vec<Added>> {
    bulk::limit(cases.len())?;
    let run: TestRun = ctx.get_for_update(run).await?;
    let mut found = situations(ctx, run.id, cases).await?;
    let mut errors = RowErrors::default();
    let (mut old, mut new, mut seen) = (vec![], vec![], HashMap::new());
    for (place, case) in cases.iter().copied().enumerate() {
        if seen.contains_key(&case) {
            continue;
        }
        seen.insert(case, place);
        match fit(case, found.remove(&case), Matrix::Full) {
            Ok(situation) if situation.has_executions => old.push(case),
            Ok(situation) => new.push((case, situation)),
            Err(error) => errors.note(place, "case", error)?,
        }
    }
    errors.into_result()?;
    let places = at_the_end(ctx, &run, new).await?;
    let mut added = put(ctx, &run, places, Matrix::Full).await?;
    if !old.is_empty() {
        added.extend(existing(ctx, run.id, &old).await?);
    }
    added.sort_by_key(|added| {
        (
            seen.get(&added.execution.case.id()).copied(),
            added.execution.id,
        )
    });
    Ok(added)
}

/// What is known about cases that are to be put into a run, by case.
pub(super) async fn situations(
    ctx: &mut Ctx,
    run: Id,
    cases: &[Id],
) -> Result<HashMap<Id, Situation>> {
    let rows: Vec<Situation> = sql::query_as(
        "SELECT c.id AS case_id,
                c.default_tester_id,
                s.is_confirmed,
                (SELECT max(h.id) FROM history h WHERE h.kind = 'testcase' AND h.object_id = c.id)
                    AS newest_version,
                EXISTS (SELECT 1 FROM test_execution e WHERE e.run_id = $1 AND e.case_id = c.id)
                    AS has_executions,
                p.names,
                p.values
         FROM test_case c
         JOIN test_case_status s ON s.id = c.case_status_id
         CROSS JOIN LATERAL (
             SELECT COALESCE(array_agg(u.name), '{}') AS names,
                    COALESCE(array_agg(u.value), '{}') AS values
             FROM (
                 SELECT name, value FROM test_run_property WHERE run_id = $1
                 UNION
                 SELECT name, value FROM test_case_property WHERE case_id = c.id
             ) u
         ) p
         WHERE c.id = ANY($2)",
    )
    .bind(run)
    .bind(cases)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.case_id, row)).collect())
}

/// Refuses a case that does not exist, and one that is to be added and cannot be.
pub(super) fn fit(case: Id, found: Option<Situation>, matrix: Matrix) -> Result<Situation> {
    let situation = found.ok_or(Error::NotFound {
        entity: TestCase::META.name,
    })?;
    if situation.has_executions {
        return Ok(situation);
    }
    if !situation.is_confirmed {
        return Err(Error::refused(format!("TC-{case} status is not confirmed")));
    }
    let times = matrix.size(&situation.names, &situation.values);
    if times > MOST_COMBINATIONS {
        return Err(Error::refused(format!(
            "TC-{case} has {times} combinations of properties, more than {MOST_COMBINATIONS}"
        )));
    }
    Ok(situation)
}

/// A case that is put into a run, and how.
pub(super) struct Place {
    pub(super) case: Id,
    pub(super) situation: Situation,
    pub(super) sortkey: i32,
    pub(super) assignee: Option<Fk<Member>>,
}

/// The places of cases at the end of a run, in this order; each for its default tester, else for that
/// of the run.
async fn at_the_end(
    ctx: &mut Ctx,
    run: &TestRun,
    cases: Vec<(Id, Situation)>,
) -> Result<Vec<Place>> {
    if cases.is_empty() {
        return Ok(vec![]);
    }
    let last: Option<i32> =
        sql::query_scalar("SELECT max(sortkey) FROM test_execution WHERE run_id = $1")
            .bind(run.id)
            .fetch_one(ctx.conn())
            .await?;
    let mut sortkey = last.unwrap_or_default();
    let place = |(case, situation): (Id, Situation)| {
        sortkey = sortkey.saturating_add(10);
        Place {
            case,
            sortkey,
            assignee: situation
                .default_tester_id
                .map(Fk::new)
                .or(run.default_tester),
            situation,
        }
    };
    Ok(cases.into_iter().map(place).collect())
}

/// Puts cases into a run: an execution for each combination of their properties, none of them done.
pub(super) async fn put(
    ctx: &mut Ctx,
    run: &TestRun,
    places: Vec<Place>,
    matrix: Matrix,
) -> Result<Vec<Added>> {
    if places.is_empty() {
        return Ok(vec![]);
    }
    let status: Option<Id> =
        sql::query_scalar("SELECT min(id) FROM test_execution_status WHERE weight = 0")
            .fetch_one(ctx.conn())
            .await?;
    let status = status.ok_or_else(|| {
        Error::Conflict("there is no execution status with weight 0; add one first".to_owned())
    })?;
    let (mut executions, mut combinations) = (vec![], vec![]);
    for place in places {
        let situation = place.situation;
        let execution = TestExecution {
            id: 0,
            assignee: place.assignee,
            tested_by: None,
            case_text_version: situation.newest_version.unwrap_or_default(),
            start_date: None,
            stop_date: None,
            sortkey: Some(place.sortkey),
            run: Fk::new(run.id),
            case: Fk::new(place.case),
            status: Fk::new(status),
            build: run.build,
        };
        let pairs = situation.names.into_iter().zip(situation.values).collect();
        let own = matrix.combine(pairs);
        executions.extend(std::iter::repeat_n(execution, own.len()));
        combinations.extend(own);
    }
    bulk::limit(executions.len())?;
    ctx.insert_many(&mut executions).await?;
    let mut rows: Vec<TestExecutionProperty> = vec![];
    for (execution, properties) in executions.iter().zip(&combinations) {
        rows.extend(
            properties
                .iter()
                .map(|(name, value)| TestExecutionProperty {
                    id: 0,
                    execution: Fk::new(execution.id),
                    name: name.clone(),
                    value: value.clone(),
                }),
        );
    }
    if !rows.is_empty() {
        ctx.insert_many(&mut rows).await?;
    }
    let added = |(execution, properties)| Added {
        execution,
        properties,
        existed: false,
    };
    Ok(executions
        .into_iter()
        .zip(combinations)
        .map(added)
        .collect())
}

async fn existing(ctx: &mut Ctx, run: Id, cases: &[Id]) -> Result<Vec<Added>> {
    let cases: Vec<Value> = cases.iter().map(|case| (*case).into()).collect();
    let executions: Vec<TestExecution> = repository::find(
        ctx.conn(),
        &[("run_id", run.into()), ("case_id", cases.into())],
    )
    .await?;
    let ids: Vec<Id> = executions.iter().map(|execution| execution.id).collect();
    let mut properties = test_execution::properties_of(ctx, &ids).await?;
    let with_properties = |execution: TestExecution| {
        let properties = properties.remove(&execution.id).unwrap_or_default();
        Added {
            execution,
            properties,
            existed: true,
        }
    };
    Ok(executions.into_iter().map(with_properties).collect())
}

/// Takes a case out of a run: deletes all its executions there.
pub async fn remove_case(ctx: &mut Ctx, run: Id, case: Id) -> Result<()> {
    let found: Vec<TestExecution> = repository::find(
        ctx.conn(),
        &[("run_id", run.into()), ("case_id", case.into())],
    )
    .await?;
    let ids: Vec<Id> = found.iter().map(|execution| execution.id).collect();
    crate::deletion::delete::<TestExecution>(ctx, &ids).await?;
    Ok(())
}
