//! The page of a plan.

use axum::extract::Path;
use domain::test_plan::{PlanCase, PlanDetails, TestPlan, details};
use entity::Id;
use views::page::{Attachments, CaseRow, Named, Person, PlanPage, PlanRights, PlanRun, TreeNode};
use views::{Progress, SafeHtml, Statuses};

use super::{attachment, id, link, pairs, statuses};
use crate::error::Result;
use crate::visitor::Visitor;

/// `GET /plan/<id>/`
pub(crate) async fn show(visitor: Visitor, Path(plan): Path<String>) -> Result {
    page(visitor, id(&plan)?).await
}

/// `GET /plan/<id>/<slug>`: the same page; the slug is for people.
pub(crate) async fn show_with_slug(
    visitor: Visitor,
    Path((plan, slug)): Path<(String, String)>,
) -> Result {
    let is_slug = slug
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !is_slug {
        return Err(crate::error::Error::NotFound);
    }
    page(visitor, id(&plan)?).await
}

async fn page(visitor: Visitor, plan: Id) -> Result {
    let mut ctx = visitor.request.begin_read().await?;
    let details = details(&mut ctx, plan).await?;
    let statuses = statuses(&mut ctx, &visitor).await?;
    let can = PlanRights {
        view_runs: ctx.may("testruns.view_testrun"),
    };
    let files = attachment::shown::<TestPlan>(&visitor, &mut ctx, plan).await?;
    let page = visitor.page(&fill(details, &statuses, files, can))?;
    ctx.commit().await?;
    Ok(page)
}

fn fill(
    plan: PlanDetails,
    statuses: &Statuses,
    attachments: Option<Attachments>,
    can: PlanRights,
) -> PlanPage {
    let current = plan.id;
    let mut nodes = plan.tree.into_iter().map(|(node, cases)| {
        let shown = TreeNode {
            id: node.id,
            name: node.name,
            active: node.is_active,
            current: node.id == current,
            open: false,
            cases,
            children: Vec::new(),
        };
        (node.depth, shown)
    });
    let has_relatives = nodes.len() > 1;
    let mut tree = if has_relatives {
        nest(&mut nodes.by_ref().peekable(), 0)
    } else {
        Vec::new()
    };
    TreeNode::open_path(&mut tree);
    let runs = plan.runs.into_iter().map(|run| PlanRun {
        id: run.id,
        summary: run.summary,
        build: run.build,
        progress: Progress::new(statuses, &pairs(&run.counts), &[]),
    });
    PlanPage {
        id: plan.id,
        name: plan.name,
        active: plan.is_active,
        text: SafeHtml::from_markdown(&plan.text),
        author: Some(Person::new(plan.author_id, plan.author, &plan.author_name)),
        created: plan.create_date,
        product: Named::new(plan.product_id, plan.product),
        version: Named::new(plan.version_id, plan.version),
        kind: Named::new(plan.kind_id, plan.kind),
        link: plan.extra_link.and_then(link),
        parent: plan
            .parent_id
            .zip(plan.parent)
            .map(|(id, name)| Named::new(id, name)),
        tree,
        cases: plan.cases.into_iter().map(case).collect(),
        runs: runs.collect(),
        tags: plan.tags,
        attachments,
        can,
    }
}

/// Turns a list in depth-first order into a tree.
fn nest(
    nodes: &mut std::iter::Peekable<impl Iterator<Item = (i32, TreeNode)>>,
    depth: i32,
) -> Vec<TreeNode> {
    let mut siblings: Vec<TreeNode> = Vec::new();
    while let Some((next, _)) = nodes.peek() {
        if *next < depth {
            break;
        }
        if *next > depth {
            let children = nest(nodes, depth + 1);
            match siblings.last_mut() {
                Some(parent) => parent.children.extend(children),
                None => siblings.extend(children),
            }
        } else if let Some((_, node)) = nodes.next() {
            siblings.push(node);
        }
    }
    siblings
}

fn case(case: PlanCase) -> CaseRow {
    CaseRow {
        id: case.id,
        summary: case.summary,
        status: case.status,
        confirmed: case.is_confirmed,
        automated: case.is_automated,
        priority: case.priority,
        category: case.category,
        author: case.author,
        tester: case.tester,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_becomes_a_tree() {
        let node = |id| TreeNode {
            id,
            name: String::new(),
            active: true,
            current: false,
            open: false,
            cases: 0,
            children: Vec::new(),
        };
        let list = [(0, 1), (1, 2), (2, 5), (1, 3)].map(|(depth, id)| (depth, node(id)));
        let tree = nest(&mut list.into_iter().peekable(), 0);
        let shape = |nodes: &[TreeNode]| nodes.iter().map(|node| node.id).collect::<Vec<_>>();
        assert_eq!(shape(&tree), [1]);
        assert_eq!(shape(&tree[0].children), [2, 3]);
        assert_eq!(shape(&tree[0].children[0].children), [5]);
    }
}
