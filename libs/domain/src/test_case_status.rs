//! States of a test case; the confirmed ones may be put into runs.

use entity::{Entity, Id, Relation, Relations};

use crate::status::Status;
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

impl Status for TestCaseStatus {
    const LOCK: &'static str = "LOCK TABLE test_case_status IN SHARE ROW EXCLUSIVE MODE";
    const USED: &'static str = "SELECT s.name, count(*)
         FROM test_case_status s
         JOIN test_case u ON u.case_status_id = s.id
         WHERE s.id = ANY($1)
         GROUP BY s.id, s.name
         ORDER BY s.id
         LIMIT 1";
    const USERS: &'static str = "cases";
    const COMPLETE: &'static str = "SELECT count(DISTINCT is_confirmed) = 2 FROM test_case_status";
    const INCOMPLETE: &'static str = "1 confirmed & 1 uncomfirmed status required!";
}
