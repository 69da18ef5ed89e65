//! States of a test case; the confirmed ones may be put into runs.

use entity::{Entity, Id, Map, Relation, Relations};

use crate::form::Form;
use crate::test_case::TestCase;
use crate::{Ctx, Error, Result};

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

/// Changes the given fields of a status. Refuses to take the last confirmed or the last unconfirmed
/// one away.
pub async fn update(ctx: &mut Ctx, status: Id, values: &Map) -> Result<TestCaseStatus> {
    lock(ctx).await?;
    let old: TestCaseStatus = ctx.get(status).await?;
    let mut new = old.clone();
    Form::update(values).apply(ctx, &mut new).await?;
    ctx.update(&old, &new).await?;
    keep_both(ctx).await?;
    Ok(new)
}

/// Deletes statuses. Refuses one that cases have, and to take the last confirmed or the last
/// unconfirmed one away.
pub async fn delete(ctx: &mut Ctx, statuses: &[Id]) -> Result<()> {
    lock(ctx).await?;
    let used: Option<(String, i64)> = sqlx::query_as(
        "SELECT s.name, count(*)
         FROM test_case_status s
         JOIN test_case c ON c.case_status_id = s.id
         WHERE s.id = ANY($1)
         GROUP BY s.id, s.name
         ORDER BY s.id
         LIMIT 1",
    )
    .bind(statuses)
    .fetch_optional(ctx.conn())
    .await?;
    if let Some((name, cases)) = used {
        let text = format!("test case status {name} is in use by {cases} cases");
        return Err(Error::Conflict(text));
    }
    ctx.delete::<TestCaseStatus>(statuses).await?;
    keep_both(ctx).await
}

/// Lets nobody else change statuses until the end of the transaction.
async fn lock(ctx: &mut Ctx) -> Result<()> {
    sqlx::query("LOCK TABLE test_case_status IN SHARE ROW EXCLUSIVE MODE")
        .execute(ctx.conn())
        .await?;
    Ok(())
}

async fn keep_both(ctx: &mut Ctx) -> Result<()> {
    let both: bool =
        sqlx::query_scalar("SELECT count(DISTINCT is_confirmed) = 2 FROM test_case_status")
            .fetch_one(ctx.conn())
            .await?;
    if both {
        Ok(())
    } else {
        // spelt as clients know it
        let text = "1 confirmed & 1 uncomfirmed status required!";
        Err(Error::Conflict(text.to_owned()))
    }
}
