//! `Product.*`

use domain::form::Form;
use domain::product::{self, Product};
use domain::query::{self, Selection};
use domain::{Ctx, Result};
use entity::{Entity, Map, Table};
use macros::rpc;

use super::argument::{Query, Values, conditions};
use crate::Method;

const ROW: Selection = Selection {
    columns: &["id", "name", "description", "classification"],
    distinct: true,
    order: &["id"],
};

/// Finds products and returns them in the order of their ids.
#[rpc("Product.filter", needs = "management.view_product")]
async fn filter(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<Product>(ctx, &conditions(query), &ROW).await
}

/// Adds a product, with its default category, version and build.
#[rpc("Product.create", needs = "management.add_product")]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut product = Product::default();
    Form::create(&values.0).apply(ctx, &mut product).await?;
    product::create(ctx, &mut product).await?;
    Ok(product.to_map())
}

pub(super) const METHODS: &[Method] = &[FILTER, CREATE];
