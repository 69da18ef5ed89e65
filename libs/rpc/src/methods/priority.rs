//! `Priority.*`

use domain::priority::Priority;
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "value", "is_active"],
    distinct: true,
    order: &["id"],
};

/// Finds priorities and returns them in the order of their ids.
#[rpc("Priority.filter", needs = "management.view_priority")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Priority>(ctx, &query.0, &ROW).await
}

/// Adds one of the priorities.
#[rpc("Priority.create", needs = "management.add_priority")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<Priority>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
