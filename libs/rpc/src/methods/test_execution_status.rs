//! `TestExecutionStatus.*`

use domain::query::{self, Selection};
use domain::test_execution_status::TestExecutionStatus;
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "weight", "icon", "color"],
    distinct: true,
    order: &["id"],
};

/// Finds results of executions and returns them in the order of their ids.
#[rpc(
    "TestExecutionStatus.filter",
    needs = "testruns.view_testexecutionstatus"
)]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<TestExecutionStatus>(ctx, &query.0, &ROW).await
}

/// Adds one of the results of executions.
#[rpc(
    "TestExecutionStatus.create",
    needs = "testruns.add_testexecutionstatus"
)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<TestExecutionStatus>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
