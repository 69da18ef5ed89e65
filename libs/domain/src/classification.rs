//! Headings under which products are grouped.

use entity::{Entity, Id, Relation, Relations};

use crate::product::Product;

/// A heading under which similar products are grouped.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "classification",
    wire = "management.Classification",
    title = "classification"
)]
pub struct Classification {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 64, unique, list, search)]
    pub name: String,
}

impl Relations for Classification {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "product",
        from: || Product::META,
        column: "classification_id",
    }];
}
