//! `Version.*`

use domain::form::Form;
use domain::query::{self, Selection};
use domain::version::{self, Version};
use domain::{Ctx, Result};
use entity::{Entity, Map, Table};
use macros::rpc;

use super::argument::{Query, Values};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "value", "product", "product__name"],
    distinct: true,
    order: &["product", "id"],
};

/// Finds versions and returns them product by product.
#[rpc("Version.filter", needs = "management.view_version")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Version>(ctx, &query.0, &ROW).await
}

/// Adds a version, with the build `unspecified` in it.
#[rpc("Version.create", needs = "management.add_version")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut version = Version::default();
    Form::create(&values.0)
        .first(&["product"])
        .apply(ctx, &mut version)
        .await?;
    version::create(ctx, &mut version).await?;
    Ok(version.to_map())
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
