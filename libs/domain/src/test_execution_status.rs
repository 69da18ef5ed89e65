//! Results of an execution.

use entity::{Entity, Id, Relation, Relations, repository};

use crate::status::Status;
use crate::test_execution::TestExecution;
use crate::{Ctx, Result};

/// A result: good above weight 0, not done at 0, bad below.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_execution_status",
    wire = "testruns.TestExecutionStatus",
    title = "test execution status"
)]
pub struct TestExecutionStatus {
    #[doc = "Id"]
    pub id: Id,
    /// Name
    #[field(max = 60, unique, blank, list, search)]
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

impl Relations for TestExecutionStatus {
    const RELATIONS: &'static [Relation] = &[Relation::Back {
        name: "testexecution",
        from: || TestExecution::META,
        column: "status_id",
    }];
}

/// All statuses, by weight descending, then by name: the order of buttons and digits.
pub async fn all(ctx: &mut Ctx) -> Result<Vec<TestExecutionStatus>> {
    let mut statuses: Vec<TestExecutionStatus> = repository::find(ctx.conn(), &[]).await?;
    statuses.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.name.cmp(&b.name)));
    Ok(statuses)
}

impl Status for TestExecutionStatus {
    const LOCK: &'static str = "LOCK TABLE test_execution_status IN SHARE ROW EXCLUSIVE MODE";
    const USED: &'static str = "SELECT s.name, count(*)
         FROM test_execution_status s
         JOIN test_execution u ON u.status_id = s.id
         WHERE s.id = ANY($1)
         GROUP BY s.id, s.name
         ORDER BY s.id
         LIMIT 1";
    const USERS: &'static str = "executions";
    const COMPLETE: &'static str =
        "SELECT count(DISTINCT sign(weight)) = 3 FROM test_execution_status";
    const INCOMPLETE: &'static str = "1 negative, 1 neutral & 1 positive status required!";
}
