//! `Category.*`

use domain::category::Category;
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "product", "description"],
    distinct: true,
    order: &["id"],
};

/// Finds categories and returns them in the order of their ids.
#[rpc("Category.filter", needs = "testcases.view_category")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Category>(ctx, &query.0, &ROW).await
}

/// Adds one of the categories.
#[rpc("Category.create", needs = "testcases.add_category")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<Category>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
