//! Priorities of test cases.

use entity::{Entity, Id, Relation, Relations};

use crate::test_case::TestCase;

/// A label for cases; inactive ones are not offered in forms.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "priority", wire = "management.Priority", title = "priority")]
pub struct Priority {
    #[doc = "Id"]
    pub id: Id,
    /// Value
    #[field(max = 64, unique, list, search)]
    pub value: String,
    /// Is active
    #[field(list)]
    pub is_active: bool,
}

impl Relations for Priority {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "priority_case",
        from: || TestCase::META,
        column: "priority_id",
    }];
}
