//! Concrete builds of a version.

use entity::{Entity, Fk, Id, Relation, Relations, Unique};

use crate::bug::Bug;
use crate::test_execution::TestExecution;
use crate::test_run::TestRun;
use crate::version::Version;

/// A concrete build of a version; runs and executions record the build that was tested.
#[derive(Debug, Clone, Default, Entity)]
#[entity(table = "build", wire = "management.Build", title = "build", history)]
pub struct Build {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, list, search)]
    pub name: String,
    /// Version
    #[field(list)]
    pub version: Fk<Version>,
    /// Is active
    #[field(list)]
    pub is_active: bool,
}

impl Relations for Build {
    const RELATIONS: &'static [Relation] = &[
        Relation::Back {
            name: "build_run",
            from: || TestRun::META,
            column: "build_id",
        },
        Relation::Back {
            name: "testexecution",
            from: || TestExecution::META,
            column: "build_id",
        },
        Relation::Back {
            name: "bug",
            from: || Bug::META,
            column: "build_id",
        },
    ];
    const UNIQUE: &'static [Unique] = &[Unique {
        constraint: "build_version_id_name_key",
        fields: &["version", "name"],
    }];
}
