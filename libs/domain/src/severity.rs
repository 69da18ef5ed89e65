//! Severities of bugs.

use entity::{Entity, Id, Relation, Relations};

use crate::bug::Bug;

/// How bad a bug is.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "severity", wire = "bugs.Severity", title = "severity")]
pub struct Severity {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 64, unique, list, search)]
    pub name: String,
    /// Weight
    #[field(list)]
    pub weight: i32,
    /// Icon
    #[field(max = 64)]
    pub icon: String,
    /// Color
    #[field(max = 25, colour)]
    pub color: String,
}

impl Relations for Severity {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "bug",
        from: || Bug::META,
        column: "severity_id",
    }];
}
