//! `Classification.*`

use domain::classification::Classification;
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name"],
    distinct: true,
    order: &["id"],
};

/// Finds classifications and returns them in the order of their ids.
#[rpc("Classification.filter", needs = "management.view_classification")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Classification>(ctx, &query.0, &ROW).await
}

/// Adds one of the classifications.
#[rpc("Classification.create", needs = "management.add_classification")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<Classification>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
