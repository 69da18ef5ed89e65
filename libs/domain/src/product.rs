//! The thing being tested; everything else hangs under a product.

use entity::{Entity, Fk, Id, Relation, Relations, repository};

use crate::bug::Bug;
use crate::category::Category;
use crate::classification::Classification;
use crate::component::Component;
use crate::test_plan::TestPlan;
use crate::version::{self, Version};
use crate::{Ctx, Result};

/// A product under test.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "product",
    wire = "management.Product",
    title = "product",
    history
)]
pub struct Product {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, unique, list, search)]
    pub name: String,
    /// Classification
    #[field(list)]
    pub classification: Fk<Classification>,
    /// Description
    #[field(blank)]
    pub description: String,
}

impl Relations for Product {
    const RELATIONS: &'static [Relation] = &[
        Relation::Back {
            name: "component",
            from: || Component::META,
            column: "product_id",
        },
        Relation::Back {
            name: "version",
            from: || Version::META,
            column: "product_id",
        },
        Relation::Back {
            name: "category",
            from: || Category::META,
            column: "product_id",
        },
        Relation::Back {
            name: "plan",
            from: || TestPlan::META,
            column: "product_id",
        },
        Relation::Back {
            name: "bug",
            from: || Bug::META,
            column: "product_id",
        },
    ];
}

/// Name of the category that every product has.
pub const DEFAULT_CATEGORY: &str = "--default--";
/// Name of the version and of the build that every product has.
pub const UNSPECIFIED: &str = "unspecified";

/// Inserts a product together with its default category, version and build (spec 01 §4.1).
pub async fn create(ctx: &mut Ctx, product: &mut Product) -> Result<()> {
    ctx.insert(product).await?;
    ensure_defaults(ctx, product).await
}

/// Writes a changed product, and its defaults where they are gone.
pub async fn update(ctx: &mut Ctx, old: &Product, new: &Product) -> Result<()> {
    ctx.update(old, new).await?;
    ensure_defaults(ctx, new).await
}

/// Makes sure that the default category, version and build exist; they come back after every save.
pub async fn ensure_defaults(ctx: &mut Ctx, product: &Product) -> Result<()> {
    let own = Fk::new(product.id);
    let categories: Vec<Category> = repository::find(
        ctx.conn(),
        &[
            ("product_id", product.id.into()),
            ("name", DEFAULT_CATEGORY.into()),
        ],
    )
    .await?;
    if categories.is_empty() {
        let name = DEFAULT_CATEGORY.to_owned();
        ctx.insert(&mut Category {
            id: 0,
            name,
            product: own,
            description: String::new(),
        })
        .await?;
    }
    let versions: Vec<Version> = repository::find(
        ctx.conn(),
        &[
            ("product_id", product.id.into()),
            ("value", UNSPECIFIED.into()),
        ],
    )
    .await?;
    if let Some(found) = versions.first() {
        return version::ensure_default_build(ctx, found.id).await;
    }
    let value = UNSPECIFIED.to_owned();
    version::create(
        ctx,
        &mut Version {
            id: 0,
            value,
            product: own,
        },
    )
    .await
}
