//! The cases of a run.

use domain::query::{self, Selection};
use domain::test_execution::TestExecution;
use domain::test_run::{self, TestRun};
use domain::{Ctx, Result, test_execution};
use entity::{Id, Map, Table, Value};
use macros::rpc;

use super::super::argument::{Ids, LatePk, Pk};
use super::super::test_execution::row;

/// Makes sure that a case is in a run, and returns its executions: existing ones as they are, or
/// one for each combination of the properties of run and case.
#[rpc("TestRun.add_case", needs = "testruns.add_testexecution")]
pub(super) async fn add_case(ctx: &mut Ctx, run_id: Pk, case_id: LatePk) -> Result<Vec<Map>> {
    let case = case_id.read_after::<TestRun>(ctx, run_id).await?;
    let added = test_run::add_case(ctx, run_id.0, case).await?;
    answer(ctx, added).await
}

/// Makes sure that cases are in a run, up to 10,000 at once, each as with `TestRun.add_case`. All of
/// them are added, or none if one cannot be. Returns the executions in the order of the cases.
///
/// An addition: Kiwi TCMS has no such method.
#[rpc("TestRun.add_cases", needs = "testruns.add_testexecution")]
pub(super) async fn add_cases(ctx: &mut Ctx, run_id: Pk, case_ids: Ids) -> Result<Vec<Map>> {
    let added = test_run::add_cases(ctx, run_id.0, &case_ids.0).await?;
    answer(ctx, added).await
}

async fn answer(ctx: &mut Ctx, added: Vec<test_run::Added>) -> Result<Vec<Map>> {
    let mut tags = if added.iter().any(|added| added.existed) {
        let ids: Vec<Id> = added.iter().map(|added| added.execution.id).collect();
        test_execution::tags_of(ctx, &ids).await?
    } else {
        std::collections::HashMap::new()
    };
    let answer = |added: test_run::Added| {
        let tags = tags.remove(&added.execution.id).unwrap_or_default();
        let mut map = row(&added.execution, &tags);
        let pair = |(name, value): (String, String)| {
            Value::object([("name", name.into()), ("value", value.into())])
        };
        let properties: Vec<Value> = added.properties.into_iter().map(pair).collect();
        map.insert("properties".into(), properties.into());
        map
    };
    Ok(added.into_iter().map(answer).collect())
}

/// Takes a case out of a run: deletes all its executions there.
#[rpc("TestRun.remove_case", needs = "testruns.delete_testexecution")]
pub(super) async fn remove_case(ctx: &mut Ctx, run_id: Pk, case_id: Pk) -> Result<()> {
    test_run::remove_case(ctx, run_id.0, case_id.0).await
}

const EXECUTED: Selection = Selection {
    columns: &[
        "case AS id",
        "case__create_date AS create_date",
        "case__is_automated AS is_automated",
        "case__script AS script",
        "case__arguments AS arguments",
        "case__extra_link AS extra_link",
        "case__summary AS summary",
        "case__requirement AS requirement",
        "case__notes AS notes",
        "case__text AS text",
        "case__case_status AS case_status",
        "case__category AS category",
        "case__priority AS priority",
        "case__author AS author",
        "case__default_tester AS default_tester",
        "case__reviewer AS reviewer",
        "id AS execution_id",
        "status__name AS status",
    ],
    distinct: false,
    order: &["id"],
};

/// The cases of a run, one row an execution.
#[rpc("TestRun.get_cases", needs = "testruns.view_testrun")]
pub(super) async fn get_cases(ctx: &mut Ctx, run_id: Pk) -> Result<Table> {
    let conditions = Map::from_iter([("run".into(), run_id.0.into())]);
    query::select::<TestExecution>(ctx, &conditions, &EXECUTED).await
}
