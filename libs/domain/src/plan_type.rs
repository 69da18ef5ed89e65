//! Kinds of testing that plans describe.

use entity::{Entity, Id, Relation, Relations};

use crate::test_plan::TestPlan;

/// The kind of testing that a plan describes.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "plan_type", wire = "testplans.PlanType", title = "plan type")]
pub struct PlanType {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 64, unique, list, search)]
    pub name: String,
    /// Description
    #[field(empty_text)]
    pub description: Option<String>,
}

impl Relations for PlanType {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "testplan",
        from: || TestPlan::META,
        column: "type_id",
    }];
}
