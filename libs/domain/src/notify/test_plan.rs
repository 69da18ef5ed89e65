//! Mail about plans.

use entity::sql;

use super::{Audience, actor, changes, send};
use crate::mail::{Letter, moment};
use crate::test_plan::TestPlan;
use crate::{Ctx, Result};

/// A plan was saved again. Goes to its author and to the authors and default testers of its cases, as
/// far as its settings say so.
pub(crate) async fn test_plan_saved(ctx: &mut Ctx, old: &TestPlan, plan: &TestPlan) -> Result<()> {
    let people: Vec<String> = sql::query_scalar(
        "SELECT m.email::text
         FROM (SELECT p.author_id AS id
               FROM test_plan p
               WHERE p.id = $1 AND p.notify_on_plan_update AND p.auto_to_plan_author
               UNION
               SELECT c.author_id
               FROM test_plan p
               JOIN test_case_plan l ON l.plan_id = p.id
               JOIN test_case c ON c.id = l.case_id
               WHERE p.id = $1 AND p.notify_on_plan_update AND p.auto_to_case_owner
               UNION
               SELECT c.default_tester_id
               FROM test_plan p
               JOIN test_case_plan l ON l.plan_id = p.id
               JOIN test_case c ON c.id = l.case_id
               WHERE p.id = $1 AND p.notify_on_plan_update AND p.auto_to_case_default_tester
              ) AS named
         JOIN member m ON m.id = named.id
         WHERE m.is_active
           AND m.is_authorised
           AND m.email <> ''
         ORDER BY m.email",
    )
    .bind(plan.id)
    .fetch_all(ctx.conn())
    .await?;
    let audience = Audience::of_people(people).without_caller(ctx);
    let (at, by) = (moment(ctx.now), actor(ctx));
    send(ctx, audience, &format!("test-plan-{}", plan.id), |base| {
        Letter::Updated {
            kind: "TestPlan".to_owned(),
            id: plan.id,
            // the one address of the product that ends without a slash
            url: format!("{base}/plan/{}", plan.id),
            title: plan.name.clone(),
            at,
            by,
            changes: changes(old, plan),
            comment: None,
        }
    })
    .await
}
