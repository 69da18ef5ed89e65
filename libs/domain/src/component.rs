//! Parts of a product.

use entity::{Entity, Fk, Id, Relation, Relations, Unique};

use crate::member::Member;
use crate::product::Product;
use crate::test_case::{TestCase, TestCaseComponent};

/// A part of a product, with the person who gets its bugs first.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "component",
    wire = "management.Component",
    title = "component"
)]
pub struct Component {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 64, list, search)]
    pub name: String,
    /// Product
    #[field(list)]
    pub product: Fk<Product>,
    /// Initial owner
    #[field(required)]
    pub initial_owner: Option<Fk<Member>>,
    /// Description
    pub description: String,
}

impl Relations for Component {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "cases",
            to: || TestCase::META,
            through: "test_case_component",
            near: "component_id",
            far: "case_id",
        },
        Relation::Back {
            name: "testcasecomponent",
            from: || TestCaseComponent::META,
            column: "component_id",
        },
    ];
    const UNIQUE: &'static [Unique] = &[Unique {
        constraint: "component_product_id_name_key",
        fields: &["product", "name"],
    }];
}
