//! `TestCaseStatus.*`

use domain::query::{self, Selection};
use domain::test_case_status::TestCaseStatus;
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "description", "is_confirmed"],
    distinct: true,
    order: &["id"],
};

/// Finds states of test cases and returns them in the order of their ids.
#[rpc("TestCaseStatus.filter", needs = "testcases.view_testcasestatus")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<TestCaseStatus>(ctx, &query.0, &ROW).await
}

/// Adds one of the states of test cases.
#[rpc("TestCaseStatus.create", needs = "testcases.add_testcasestatus")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<TestCaseStatus>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
