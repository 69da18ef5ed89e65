//! Everything that the page of a plan shows.

use chrono::{DateTime, Utc};
use entity::{Id, sql};

use super::cases;
use super::tree::{Node, family};
use crate::test_run::page::{StatusCount, counts_of};
use crate::{Ctx, Error, Result};

/// Unfinished runs shown on the page.
const RUNS_SHOWN: i64 = 5;

/// A plan with the names of what it refers to.
#[derive(Debug, Clone, macros::Row)]
pub struct PlanDetails {
    /// Id of the plan.
    pub id: Id,
    /// Name.
    pub name: String,
    /// Markdown.
    pub text: String,
    /// False for plans that are kept for the record.
    pub is_active: bool,
    /// Created at.
    pub create_date: DateTime<Utc>,
    /// Reference link.
    pub extra_link: Option<String>,
    /// Id of the author.
    pub author_id: Id,
    /// User name of the author.
    pub author: String,
    /// Full name of the author.
    pub author_name: String,
    /// Id of the product.
    pub product_id: Id,
    /// Name of the product.
    pub product: String,
    /// Id of the version.
    pub version_id: Id,
    /// Version.
    pub version: String,
    /// Id of the plan type.
    pub kind_id: Id,
    /// Name of the plan type.
    pub kind: String,
    /// Id of the parent.
    pub parent_id: Option<Id>,
    /// Name of the parent.
    pub parent: Option<String>,
    /// Names of the tags, ascending.
    pub tags: Vec<String>,
    /// The family, depth first; one node for a plan without relatives.
    #[later]
    pub tree: Vec<(Node, i64)>,
    /// The cases in their order.
    #[later]
    pub cases: Vec<PlanCase>,
    /// The newest unfinished runs.
    #[later]
    pub runs: Vec<PlanRun>,
}

/// A case in the list of a plan.
#[derive(Debug, Clone, macros::Row)]
pub struct PlanCase {
    /// Id of the case.
    pub id: Id,
    /// Summary.
    pub summary: String,
    /// Name of the status.
    pub status: String,
    /// May be put into runs.
    pub is_confirmed: bool,
    /// Is run by a script.
    pub is_automated: bool,
    /// Priority.
    pub priority: String,
    /// Category.
    pub category: String,
    /// User name of the author.
    pub author: String,
    /// User name of the default tester.
    pub tester: Option<String>,
}

/// An unfinished run of a plan.
#[derive(Debug, Clone, macros::Row)]
pub struct PlanRun {
    /// Id of the run.
    pub id: Id,
    /// Summary.
    pub summary: String,
    /// Name of the build.
    pub build: String,
    /// Executions by status.
    #[later]
    pub counts: Vec<StatusCount>,
}

/// Reads the page of a plan; a missing plan comes before a missing permission.
pub async fn details(ctx: &mut Ctx, plan: Id) -> Result<PlanDetails> {
    let found: Option<PlanDetails> = sql::query_as(
        "SELECT p.id, p.name, p.text, p.is_active, p.create_date, p.extra_link,
                p.author_id, a.username AS author,
                concat_ws(' ', NULLIF(a.first_name, ''), NULLIF(a.last_name, '')) AS author_name,
                p.product_id, d.name AS product,
                p.product_version_id AS version_id, v.value AS version,
                p.type_id AS kind_id, t.name AS kind,
                p.parent_id, o.name AS parent,
                ARRAY(SELECT g.name::text
                      FROM tag g
                      JOIN test_plan_tag l ON l.tag_id = g.id
                      WHERE l.plan_id = p.id
                      ORDER BY g.name) AS tags
         FROM test_plan p
         JOIN member a ON a.id = p.author_id
         JOIN product d ON d.id = p.product_id
         JOIN version v ON v.id = p.product_version_id
         JOIN plan_type t ON t.id = p.type_id
         LEFT JOIN test_plan o ON o.id = p.parent_id
         WHERE p.id = $1",
    )
    .bind(plan)
    .fetch_optional(ctx.conn())
    .await?;
    let mut details = found.ok_or(Error::NotFound { entity: "TestPlan" })?;
    ctx.require("testplans.view_testplan")?;
    details.tree = tree(ctx, plan).await?;
    details.cases = cases_of(ctx, plan).await?;
    if ctx.may("testruns.view_testrun") {
        details.runs = runs_of(ctx, plan).await?;
    }
    Ok(details)
}

async fn tree(ctx: &mut Ctx, plan: Id) -> Result<Vec<(Node, i64)>> {
    let nodes = family(ctx, plan).await?;
    let ids: Vec<Id> = nodes.iter().map(|node| node.id).collect();
    let mut numbers = cases::numbers(ctx, &ids).await?;
    let numbered = |node: Node| {
        let number = numbers.remove(&node.id).unwrap_or_default();
        (node, number)
    };
    Ok(nodes.into_iter().map(numbered).collect())
}

async fn cases_of(ctx: &mut Ctx, plan: Id) -> Result<Vec<PlanCase>> {
    Ok(sql::query_as(
        "SELECT c.id, c.summary, s.name AS status, s.is_confirmed, c.is_automated,
                p.value AS priority, g.name AS category, a.username AS author,
                t.username AS tester
         FROM test_case_plan l
         JOIN test_case c ON c.id = l.case_id
         JOIN test_case_status s ON s.id = c.case_status_id
         JOIN priority p ON p.id = c.priority_id
         JOIN category g ON g.id = c.category_id
         JOIN member a ON a.id = c.author_id
         LEFT JOIN member t ON t.id = c.default_tester_id
         WHERE l.plan_id = $1
         ORDER BY l.sortkey, c.id",
    )
    .bind(plan)
    .fetch_all(ctx.conn())
    .await?)
}

async fn runs_of(ctx: &mut Ctx, plan: Id) -> Result<Vec<PlanRun>> {
    let mut runs: Vec<PlanRun> = sql::query_as(
        "SELECT r.id, r.summary, b.name AS build
         FROM test_run r
         JOIN build b ON b.id = r.build_id
         WHERE r.plan_id = $1 AND r.stop_date IS NULL
         ORDER BY r.id DESC
         LIMIT $2",
    )
    .bind(plan)
    .bind(RUNS_SHOWN)
    .fetch_all(ctx.conn())
    .await?;
    let ids: Vec<Id> = runs.iter().map(|run| run.id).collect();
    let mut counts = counts_of(ctx, &ids).await?;
    for run in &mut runs {
        run.counts = counts.remove(&run.id).unwrap_or_default();
    }
    Ok(runs)
}
