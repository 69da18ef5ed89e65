//! Released or planned versions of a product.

use entity::{Entity, Fk, Id, Relation, Relations, Unique, repository};

use crate::bug::Bug;
use crate::build::Build;
use crate::product::{Product, UNSPECIFIED};
use crate::test_plan::TestPlan;
use crate::{Ctx, Result};

/// A released or planned version of a product.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "version",
    wire = "management.Version",
    title = "version",
    history
)]
pub struct Version {
    #[doc = "Id"]
    pub id: Id,
    /// Value
    #[field(max = 192, list, search)]
    pub value: String,
    /// Product
    #[field(list)]
    pub product: Fk<Product>,
}

impl Relations for Version {
    const RELATIONS: &'static [Relation] = &[
        Relation::Back {
            name: "build",
            from: || Build::META,
            column: "version_id",
        },
        Relation::Back {
            name: "plans",
            from: || TestPlan::META,
            column: "product_version_id",
        },
        Relation::Back {
            name: "bug",
            from: || Bug::META,
            column: "version_id",
        },
    ];
    const UNIQUE: &'static [Unique] = &[Unique {
        constraint: "version_product_id_value_key",
        fields: &["product", "value"],
    }];
}

/// Inserts a version together with its default build.
pub async fn create(ctx: &mut Ctx, version: &mut Version) -> Result<()> {
    ctx.insert(version).await?;
    ensure_default_build(ctx, version.id).await
}

/// Writes a changed version, and its default build where that is gone.
pub async fn update(ctx: &mut Ctx, old: &Version, new: &Version) -> Result<()> {
    ctx.update(old, new).await?;
    ensure_default_build(ctx, new.id).await
}

/// Makes sure that the version has the build `unspecified`.
pub async fn ensure_default_build(ctx: &mut Ctx, version: Id) -> Result<()> {
    let found: Vec<Build> = repository::find(
        ctx.conn(),
        &[("version_id", version.into()), ("name", UNSPECIFIED.into())],
    )
    .await?;
    if found.is_empty() {
        let name = UNSPECIFIED.to_owned();
        ctx.insert(&mut Build {
            id: 0,
            name,
            version: Fk::new(version),
            is_active: true,
        })
        .await?;
    }
    Ok(())
}
