//! `Template.*`

use domain::query::{self, Selection};
use domain::template::Template;
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "text"],
    distinct: true,
    order: &["id"],
};

/// Finds templates and returns them in the order of their ids.
#[rpc("Template.filter", needs = "testcases.view_template")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Template>(ctx, &query.0, &ROW).await
}

/// Adds one of the templates.
#[rpc("Template.create", needs = "testcases.add_template")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<Template>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
