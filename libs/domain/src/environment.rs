//! Reusable named sets of properties.

use entity::{Entity, Fk, Id, Relation, Relations};

use crate::{Ctx, Result};

/// A named set of properties that a new run can take over.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "environment",
    wire = "testruns.Environment",
    title = "environment"
)]
pub struct Environment {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, unique, list, search)]
    pub name: String,
    /// Description
    #[field(blank)]
    pub description: String,
}

impl Relations for Environment {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "environmentproperty",
        from: || EnvironmentProperty::META,
        column: "environment_id",
    }];
}

/// One `name=value` pair of an environment.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "environment_property",
    wire = "testruns.EnvironmentProperty",
    title = "environment property"
)]
pub struct EnvironmentProperty {
    #[doc = "Id"]
    pub id: Id,
    /// Environment
    pub environment: Fk<Environment>,
    /// Name
    #[field(max = 255)]
    pub name: String,
    /// Value
    #[field(max = 255)]
    pub value: String,
}

impl Relations for EnvironmentProperty {}

/// Adds a property; an equal one is returned as it is.
pub async fn add_property(
    ctx: &mut Ctx,
    environment: Id,
    name: String,
    value: String,
) -> Result<EnvironmentProperty> {
    let mut row = EnvironmentProperty {
        id: 0,
        environment: Fk::new(environment),
        name,
        value,
    };
    crate::link::attach(ctx, &mut row, &["environment", "name", "value"]).await?;
    Ok(row)
}
