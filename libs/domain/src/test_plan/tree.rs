//! The family tree of plans.

use std::collections::HashMap;

use entity::{Entity, Id, sql};

use super::TestPlan;
use crate::{Ctx, Error, Result};

/// One plan of a family, in depth-first order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Id of the plan.
    pub id: Id,
    /// Name.
    pub name: String,
    /// The parent; none for the root.
    pub parent_id: Option<Id>,
    /// Distance from the root.
    pub depth: i32,
    /// False for plans that are kept for the record.
    pub is_active: bool,
}

/// The whole family of a plan from its topmost ancestor: depth first, siblings by id.
pub async fn family(ctx: &mut Ctx, plan: Id) -> Result<Vec<Node>> {
    let rows: Vec<(Id, String, Option<Id>, bool)> = sql::query_as(
        "WITH RECURSIVE up AS (
             SELECT id, parent_id FROM test_plan WHERE id = $1
             UNION
             SELECT p.id, p.parent_id FROM test_plan p JOIN up ON p.id = up.parent_id
         ),
         down AS (
             SELECT p.id, p.name, p.parent_id, p.is_active
             FROM test_plan p
             WHERE p.id = (SELECT id FROM up WHERE parent_id IS NULL)
             UNION
             SELECT p.id, p.name, p.parent_id, p.is_active
             FROM test_plan p
             JOIN down ON p.parent_id = down.id
         )
         SELECT id, name, parent_id, is_active FROM down ORDER BY id",
    )
    .bind(plan)
    .fetch_all(ctx.conn())
    .await?;
    if rows.is_empty() {
        return Err(Error::NotFound {
            entity: TestPlan::META.name,
        });
    }
    Ok(depth_first(rows))
}

fn depth_first(rows: Vec<(Id, String, Option<Id>, bool)>) -> Vec<Node> {
    let mut children: HashMap<Option<Id>, Vec<Node>> = HashMap::new();
    for (id, name, parent_id, is_active) in rows.into_iter().rev() {
        let node = Node {
            id,
            name,
            parent_id,
            depth: 0,
            is_active,
        };
        children.entry(parent_id).or_default().push(node);
    }
    let mut tree = vec![];
    let mut waiting = children.remove(&None).unwrap_or_default();
    while let Some(node) = waiting.pop() {
        for mut child in children.remove(&Some(node.id)).unwrap_or_default() {
            child.depth = node.depth + 1;
            waiting.push(child);
        }
        tree.push(node);
    }
    tree
}

/// What is wrong with a parent: it is the plan itself or one of its descendants. Until the end of
/// the transaction no other plan of the tenant gets another parent, so that two cannot become
/// parents of each other.
pub(super) async fn cycle(ctx: &mut Ctx, plan: Id, parent: Id) -> Result<Option<&'static str>> {
    sql::query(
        "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.test_plan.parent_id'))",
    )
    .execute(ctx.conn())
    .await?;
    let (cycle,): (bool,) = sql::query_as(
        "WITH RECURSIVE up AS (
             SELECT id, parent_id FROM test_plan WHERE id = $2
             UNION
             SELECT p.id, p.parent_id FROM test_plan p JOIN up ON p.id = up.parent_id
         )
         SELECT EXISTS (SELECT 1 FROM up WHERE id = $1)",
    )
    .bind(plan)
    .bind(parent)
    .fetch_one(ctx.conn())
    .await?;
    Ok(cycle.then_some("A node cannot be made a descendant of itself."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_down_before_it_goes_on() {
        let row = |id, parent| (id, format!("plan {id}"), parent, true);
        let rows = vec![
            row(1, None),
            row(2, Some(1)),
            row(3, Some(1)),
            row(5, Some(2)),
        ];
        let shape: Vec<_> = depth_first(rows)
            .iter()
            .map(|node| (node.id, node.depth))
            .collect();
        assert_eq!(shape, [(1, 0), (2, 1), (5, 2), (3, 1)]);
    }
}
