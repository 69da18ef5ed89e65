//! States of a test case; the confirmed ones may be put into runs.

use entity::{Entity, Id, Relation, Relations};

use crate::test_case::TestCase;

/// A state of a case; only cases in a confirmed one may be put into a run.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_case_status",
    wire = "testcases.TestCaseStatus",
    title = "test case status"
)]
pub struct TestCaseStatus {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 255, list, search)]
    pub name: String,
    /// Description
    #[field(empty_text)]
    pub description: Option<String>,
    /// Is confirmed
    #[field(list)]
    pub is_confirmed: bool,
}

impl Relations for TestCaseStatus {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "testcase",
        from: || TestCase::META,
        column: "case_status_id",
    }];
}
