//! Putting cases into a run and taking them out.

use entity::{Entity, Fk, Id, repository};

use super::TestRun;
use crate::test_case::TestCase;
use crate::test_execution::{self, TestExecution, TestExecutionProperty, matrix};
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

/// What is needed to put a case into a run; read in one statement.
#[derive(macros::Row)]
struct Situation {
    default_tester_id: Option<Id>,
    is_confirmed: bool,
    newest_version: Option<Id>,
    next_sortkey: i32,
    neutral_status: Option<Id>,
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
    let situation: Situation = sqlx::query_as(
        "SELECT c.default_tester_id,
                s.is_confirmed,
                (SELECT max(h.id) FROM history h WHERE h.kind = 'testcase' AND h.object_id = c.id)
                    AS newest_version,
                COALESCE((SELECT max(e.sortkey) FROM test_execution e WHERE e.run_id = $1), 0) + 10
                    AS next_sortkey,
                (SELECT min(n.id) FROM test_execution_status n WHERE n.weight = 0)
                    AS neutral_status,
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
         WHERE c.id = $2",
    )
    .bind(run.id)
    .bind(case)
    .fetch_optional(ctx.conn())
    .await?
    .ok_or(Error::NotFound {
        entity: TestCase::META.name,
    })?;

    if situation.has_executions {
        return existing(ctx, run.id, case).await;
    }
    if !situation.is_confirmed {
        return Err(Error::refused(format!("TC-{case} status is not confirmed")));
    }
    let status = situation.neutral_status.ok_or_else(|| {
        Error::Conflict("there is no execution status with weight 0; add one first".to_owned())
    })?;
    let template = TestExecution {
        id: 0,
        assignee: situation
            .default_tester_id
            .map(Fk::new)
            .or(run.default_tester),
        tested_by: None,
        case_text_version: situation.newest_version.unwrap_or_default(),
        start_date: None,
        stop_date: None,
        sortkey: Some(situation.next_sortkey),
        run: Fk::new(run.id),
        case: Fk::new(case),
        status: Fk::new(status),
        build: run.build,
    };
    let properties = situation.names.into_iter().zip(situation.values).collect();
    create_for(ctx, template, matrix::full(properties)).await
}

async fn create_for(
    ctx: &mut Ctx,
    template: TestExecution,
    combinations: Vec<Vec<(String, String)>>,
) -> Result<Vec<Added>> {
    let mut executions = vec![template; combinations.len()];
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

async fn existing(ctx: &mut Ctx, run: Id, case: Id) -> Result<Vec<Added>> {
    let executions: Vec<TestExecution> = repository::find(
        ctx.conn(),
        &[("run_id", run.into()), ("case_id", case.into())],
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
    crate::deletion::executions(ctx, &ids).await?;
    Ok(())
}
