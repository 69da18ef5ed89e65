//! Results of an execution.

use entity::{Entity, Id, Map, Relation, Relations, repository};

use crate::form::Form;
use crate::test_execution::TestExecution;
use crate::{Ctx, Error, Result};

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

/// Changes the given fields of a status. Refuses to take the last positive, neutral or negative one
/// away.
pub async fn update(ctx: &mut Ctx, status: Id, values: &Map) -> Result<TestExecutionStatus> {
    lock(ctx).await?;
    let old: TestExecutionStatus = ctx.get(status).await?;
    let mut new = old.clone();
    Form::update(values).apply(ctx, &mut new).await?;
    ctx.update(&old, &new).await?;
    keep_each(ctx).await?;
    Ok(new)
}

/// Deletes statuses. Refuses one that executions have, and to take the last positive, neutral or
/// negative one away.
pub async fn delete(ctx: &mut Ctx, statuses: &[Id]) -> Result<()> {
    lock(ctx).await?;
    let used: Option<(String, i64)> = sqlx::query_as(
        "SELECT s.name, count(*)
         FROM test_execution_status s
         JOIN test_execution e ON e.status_id = s.id
         WHERE s.id = ANY($1)
         GROUP BY s.id, s.name
         ORDER BY s.id
         LIMIT 1",
    )
    .bind(statuses)
    .fetch_optional(ctx.conn())
    .await?;
    if let Some((name, executions)) = used {
        let text = format!("test execution status {name} is in use by {executions} executions");
        return Err(Error::Conflict(text));
    }
    ctx.delete::<TestExecutionStatus>(statuses).await?;
    keep_each(ctx).await
}

/// Lets nobody else change statuses until the end of the transaction.
async fn lock(ctx: &mut Ctx) -> Result<()> {
    sqlx::query("LOCK TABLE test_execution_status IN SHARE ROW EXCLUSIVE MODE")
        .execute(ctx.conn())
        .await?;
    Ok(())
}

async fn keep_each(ctx: &mut Ctx) -> Result<()> {
    let each: bool =
        sqlx::query_scalar("SELECT count(DISTINCT sign(weight)) = 3 FROM test_execution_status")
            .fetch_one(ctx.conn())
            .await?;
    if each {
        Ok(())
    } else {
        let text = "1 negative, 1 neutral & 1 positive status required!";
        Err(Error::Conflict(text.to_owned()))
    }
}
