//! Categories: every case has exactly one, and belongs to a product through it.

use entity::{Entity, Fk, Id, Relation, Relations, Unique};

use crate::product::Product;
use crate::test_case::TestCase;

/// A way to group cases inside one product; every case has exactly one.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "category", wire = "testcases.Category", title = "category")]
pub struct Category {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, list, search)]
    pub name: String,
    /// Product
    #[field(list)]
    pub product: Fk<Product>,
    /// Description
    #[field(blank)]
    pub description: String,
}

impl Relations for Category {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "category_case",
        from: || TestCase::META,
        column: "category_id",
    }];
    const UNIQUE: &'static [Unique] = &[Unique {
        constraint: "category_product_id_name_key",
        fields: &["product", "name"],
    }];
}
