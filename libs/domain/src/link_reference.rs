//! Links of executions to anything outside, defects above all.

use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relations};

use crate::test_execution::TestExecution;

/// A URL attached to an execution; a bug report when it is marked as a defect.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "link_reference",
    wire = "linkreference.LinkReference",
    title = "link reference"
)]
pub struct LinkReference {
    #[doc = "Id"]
    pub id: Id,
    /// Execution
    pub execution: Fk<TestExecution>,
    /// Name
    #[field(max = 64, blank)]
    pub name: String,
    /// URL
    #[field(url = 200)]
    pub url: String,
    /// Created on
    pub created_on: DateTime<Utc>,
    /// Is a defect
    pub is_defect: bool,
}

impl Relations for LinkReference {}
