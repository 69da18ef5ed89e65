//! `PlanType.*`

use domain::plan_type::PlanType;
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "description"],
    distinct: true,
    order: &["id"],
};

/// Finds plan types and returns them in the order of their ids.
#[rpc("PlanType.filter", needs = "testplans.view_plantype")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<PlanType>(ctx, &query.0, &ROW).await
}

/// Adds one of the plan types.
#[rpc("PlanType.create", needs = "testplans.add_plantype")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<PlanType>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
