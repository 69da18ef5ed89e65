//! `Component.*`

use domain::component::Component;
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Map, Table};
use macros::rpc;

use super::argument::{self, Changes, Pk, Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "id",
        "name",
        "product",
        "initial_owner",
        "description",
        "cases",
    ],
    distinct: true,
    order: &["id"],
};

/// Finds components; one row for each case that a component has, or one without.
#[rpc("Component.filter", needs = "management.view_component")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Component>(ctx, &query.0, &ROW).await
}

/// Adds a component. Its owner is the caller unless said otherwise.
#[rpc("Component.create", needs = "management.add_component", context)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut values = values.0;
    values
        .entry("initial_owner".into())
        .or_insert(ctx.user()?.id.into());
    values
        .entry("description".into())
        .or_insert("Created via API".into());
    argument::create::<Component>(ctx, &values).await
}

/// Changes the given fields of a component.
#[rpc("Component.update", needs = "management.change_component", context)]
async fn update(ctx: &mut Ctx, component_id: Pk, values: Changes) -> Result<Map> {
    argument::update::<Component>(ctx, component_id.0, &values.0).await
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE, UPDATE];
