//! `Build.*`

use domain::build::Build;
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Changes, Pk, Query, Values, conditions};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "version", "version__value", "is_active"],
    distinct: true,
    order: &["version", "id"],
};

/// Finds builds and returns them version by version.
#[rpc("Build.filter", needs = "management.view_build")]
async fn filter(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<Build>(ctx, &conditions(query), &ROW).await
}

/// Adds a build; it is active unless said otherwise.
#[rpc("Build.create", needs = "management.add_build")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut values = values.0;
    values.entry("is_active".into()).or_insert(true.into());
    argument::create::<Build>(ctx, &values).await
}

/// Changes the given fields of a build.
#[rpc("Build.update", needs = "management.change_build")]
async fn update(ctx: &mut Ctx, build_id: Pk, values: Changes) -> Result<Map> {
    argument::update::<Build>(ctx, build_id.0, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE, UPDATE];
