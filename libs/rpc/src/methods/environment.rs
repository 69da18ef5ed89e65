//! `Environment.*`

use domain::environment::{self, Environment, EnvironmentProperty};
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Entity, Map, Table, Value};
use macros::rpc;

use super::argument::{self, Pk, Query, Values, conditions, text};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "description"],
    distinct: true,
    order: &["name", "description"],
};

const PROPERTY: Selection = Selection {
    columns: &["id", "environment", "name", "value"],
    distinct: true,
    order: &["environment", "name", "value"],
};

/// Finds environments and returns them by name.
#[rpc("Environment.filter", needs = "testruns.view_environment")]
async fn filter(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<Environment>(ctx, &conditions(query), &ROW).await
}

/// Adds an environment.
#[rpc("Environment.create", needs = "testruns.add_environment")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    argument::create::<Environment>(ctx, &values.0).await
}

/// Finds properties of environments.
#[rpc("Environment.properties", needs = "testruns.view_environmentproperty")]
async fn properties(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<EnvironmentProperty>(ctx, &conditions(query), &PROPERTY).await
}

/// Adds a property to an environment; an equal one is returned as it is.
#[rpc("Environment.add_property", needs = "testruns.add_environmentproperty")]
async fn add_property(ctx: &mut Ctx, environment_id: Pk, name: Value, value: Value) -> Result<Map> {
    let (name, value) = (text(&name, "name")?, text(&value, "value")?);
    Ok(
        environment::add_property(ctx, environment_id.0, name, value)
            .await?
            .to_map(),
    )
}

/// Removes all properties that meet the conditions.
#[rpc(
    "Environment.remove_property",
    needs = "testruns.delete_environmentproperty"
)]
async fn remove_property(ctx: &mut Ctx, query: Query) -> Result<()> {
    let ids = query::ids::<EnvironmentProperty>(ctx, &query.0).await?;
    ctx.delete::<EnvironmentProperty>(&ids).await?;
    Ok(())
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE, PROPERTIES, ADD_PROPERTY, REMOVE_PROPERTY];
