//! `Severity.*`

use domain::query::{self, Selection};
use domain::severity::Severity;
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

/// Finds severities and returns them in the order of their ids.
#[rpc(
    "Severity.filter",
    function = "severity_filter",
    needs = "bugs.view_severity",
    bugs
)]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Severity>(ctx, &query.0, &ROW).await
}

/// Adds one of the severities.
#[rpc(
    "Severity.create",
    function = "severity_create",
    needs = "bugs.add_severity",
    bugs
)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<Severity>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
