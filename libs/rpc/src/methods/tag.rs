//! `Tag.*`

use domain::query::{self, Selection};
use domain::tag::Tag;
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "case", "plan", "run", "execution", "bugs"],
    distinct: true,
    order: &["id"],
};

/// Finds tags, one row for each combination of what carries them, in the order of their ids.
#[rpc("Tag.filter", needs = "management.view_tag")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Tag>(ctx, &query.0, &ROW).await
}

/// Adds a tag; names are unique.
#[rpc("Tag.create", needs = "management.add_tag")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<Tag>(ctx, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
