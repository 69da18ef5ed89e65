//! The ordered cases of a plan, and its tags.

use std::collections::HashMap;

use entity::{Fk, Id, sql};

use super::{TestPlan, TestPlanTag};
use crate::tag::{self, Tag};
use crate::test_case::{TestCase, TestCasePlan};
use crate::{Ctx, Result};

/// Puts a case at the end of a plan; one that is there already keeps its place.
///
/// The new sort key is the highest one + 10, or 0 in an empty plan; rows without one are ignored.
pub async fn add_case(ctx: &mut Ctx, plan: Id, case: Id) -> Result<(TestCase, Option<i32>)> {
    ctx.get::<TestPlan>(plan).await?;
    let case: TestCase = ctx.get(case).await?;
    let (sortkey,): (Option<i32>,) = sql::query_as(
        "WITH added AS (
             INSERT INTO test_case_plan (plan_id, case_id, sortkey)
             SELECT $1, $2, COALESCE(max(sortkey) + 10, 0)
             FROM test_case_plan
             WHERE plan_id = $1
             ON CONFLICT (plan_id, case_id) DO NOTHING
             RETURNING sortkey
         )
         SELECT sortkey FROM added
         UNION ALL
         SELECT sortkey FROM test_case_plan WHERE plan_id = $1 AND case_id = $2
         LIMIT 1",
    )
    .bind(plan)
    .bind(case.id)
    .fetch_one(ctx.conn())
    .await?;
    Ok((case, sortkey))
}

/// Puts cases at the end of plans, in this order; those that are in a plan already keep their places.
pub(crate) async fn append(ctx: &mut Ctx, plans: &[Id], cases: &[Id]) -> Result<()> {
    sql::query(
        "INSERT INTO test_case_plan (plan_id, case_id, sortkey)
         SELECT p.id, c.id, COALESCE(last.sortkey + 10, 0) + 10 * (c.place::int4 - 1)
         FROM unnest($1::int4[]) AS p (id)
         CROSS JOIN LATERAL (SELECT max(sortkey) AS sortkey
                             FROM test_case_plan
                             WHERE plan_id = p.id) AS last
         CROSS JOIN unnest($2::int4[]) WITH ORDINALITY AS c (id, place)
         ORDER BY p.id, c.place
         ON CONFLICT (plan_id, case_id) DO NOTHING",
    )
    .bind(plans)
    .bind(cases)
    .execute(ctx.conn())
    .await?;
    Ok(())
}

/// Takes a case out of a plan; the case stays.
pub async fn remove_case(ctx: &mut Ctx, plan: Id, case: Id) -> Result<()> {
    crate::link::detach::<TestCasePlan>(ctx, &[("plan_id", plan.into()), ("case_id", case.into())])
        .await
}

/// Moves a case inside a plan; one that is not there is no change. Writes no history.
pub async fn order_case(ctx: &mut Ctx, plan: Id, case: Id, sortkey: Option<i32>) -> Result<()> {
    sql::query("UPDATE test_case_plan SET sortkey = $3 WHERE plan_id = $1 AND case_id = $2")
        .bind(plan)
        .bind(case)
        .bind(sortkey)
        .execute(ctx.conn())
        .await?;
    Ok(())
}

/// Attaches a tag by name.
pub async fn add_tag(ctx: &mut Ctx, plan: Id, name: &str) -> Result<()> {
    let tag = tag::find_or_create(ctx, name).await?;
    ctx.get::<TestPlan>(plan).await?;
    let mut link = TestPlanTag {
        id: 0,
        tag: Fk::new(tag.id),
        plan: Fk::new(plan),
    };
    crate::link::attach(ctx, &mut link, &["tag", "plan"]).await
}

/// Detaches a tag.
pub async fn remove_tag(ctx: &mut Ctx, plan: Id, tag: &Tag) -> Result<()> {
    ctx.get::<TestPlan>(plan).await?;
    crate::link::detach::<TestPlanTag>(ctx, &[("plan_id", plan.into()), ("tag_id", tag.id.into())])
        .await
}

/// The number of cases in each of these plans.
pub(super) async fn numbers(ctx: &mut Ctx, plans: &[Id]) -> Result<HashMap<Id, i64>> {
    let rows: Vec<(Id, i64)> = sql::query_as(
        "SELECT plan_id, count(*) FROM test_case_plan WHERE plan_id = ANY($1) GROUP BY plan_id",
    )
    .bind(plans)
    .fetch_all(ctx.conn())
    .await?;
    Ok(rows.into_iter().collect())
}
