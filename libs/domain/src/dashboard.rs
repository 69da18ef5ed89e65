//! What a person sees first: their unfinished runs and their plans.

use chrono::{DateTime, Utc};
use entity::{Id, sql};

use crate::test_run::page::{StatusCount, counts_of};
use crate::{Ctx, Result};

/// Rows shown in each list.
const SHOWN: i64 = 15;

/// The lists of the dashboard.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// The newest unfinished runs in which the person takes part.
    pub runs: Vec<OpenRun>,
    /// How many there are.
    pub run_total: i64,
    /// The newest active plans of the person.
    pub plans: Vec<OwnPlan>,
    /// Plans of the person, active or not.
    pub plan_total: i64,
    /// Inactive plans of the person.
    pub plans_disabled: i64,
}

/// An unfinished run in which the person is manager, default tester or assignee.
#[derive(Debug, Clone, macros::Row)]
pub struct OpenRun {
    /// Id of the run.
    pub id: Id,
    /// Summary.
    pub summary: String,
    /// Id of the plan.
    pub plan_id: Id,
    /// Name of the plan.
    pub plan_name: String,
    /// Name of the product.
    pub product: String,
    /// Name of the build.
    pub build: String,
    /// When it was started.
    pub start_date: Option<DateTime<Utc>>,
    /// When it ought to end.
    pub planned_stop: Option<DateTime<Utc>>,
    /// Executions assigned to the person that are not done yet.
    pub mine: i64,
    /// Executions by status.
    #[later]
    pub counts: Vec<StatusCount>,
}

/// An active plan of the person.
#[derive(Debug, Clone, macros::Row)]
pub struct OwnPlan {
    /// Id of the plan.
    pub id: Id,
    /// Name.
    pub name: String,
    /// Name of the product.
    pub product: String,
    /// Version of the product.
    pub version: String,
    /// Name of the plan type.
    pub kind: String,
    /// Number of cases.
    pub cases: i64,
    /// Number of runs.
    pub runs: i64,
}

/// The dashboard of the caller.
pub async fn show(ctx: &mut Ctx) -> Result<Dashboard> {
    let me = ctx.user()?.id;
    let mut runs: Vec<OpenRun> = sql::query_as(
        "SELECT r.id, r.summary, r.plan_id, p.name AS plan_name, d.name AS product,
                b.name AS build, r.start_date, r.planned_stop,
                (SELECT count(*)
                 FROM test_execution e
                 JOIN test_execution_status s ON s.id = e.status_id
                 WHERE e.run_id = r.id AND e.assignee_id = $1 AND s.weight = 0) AS mine
         FROM test_run r
         JOIN test_plan p ON p.id = r.plan_id
         JOIN build b ON b.id = r.build_id
         JOIN version v ON v.id = b.version_id
         JOIN product d ON d.id = v.product_id
         WHERE r.stop_date IS NULL
           AND (r.manager_id = $1 OR r.default_tester_id = $1
                OR r.id IN (SELECT run_id FROM test_execution WHERE assignee_id = $1))
         ORDER BY r.id DESC
         LIMIT $2",
    )
    .bind(me)
    .bind(SHOWN)
    .fetch_all(ctx.conn())
    .await?;
    let ids: Vec<Id> = runs.iter().map(|run| run.id).collect();
    let mut counts = counts_of(ctx, &ids).await?;
    for run in &mut runs {
        run.counts = counts.remove(&run.id).unwrap_or_default();
    }
    let plans: Vec<OwnPlan> = sql::query_as(
        "SELECT p.id, p.name, d.name AS product, v.value AS version, t.name AS kind,
                (SELECT count(*) FROM test_case_plan c WHERE c.plan_id = p.id) AS cases,
                (SELECT count(*) FROM test_run r WHERE r.plan_id = p.id) AS runs
         FROM test_plan p
         JOIN product d ON d.id = p.product_id
         JOIN version v ON v.id = p.product_version_id
         JOIN plan_type t ON t.id = p.type_id
         WHERE p.author_id = $1 AND p.is_active
         ORDER BY p.id DESC
         LIMIT $2",
    )
    .bind(me)
    .bind(SHOWN)
    .fetch_all(ctx.conn())
    .await?;
    let (run_total, plan_total, plans_disabled): (i64, i64, i64) = sql::query_as(
        "SELECT (SELECT count(*)
                 FROM test_run r
                 WHERE r.stop_date IS NULL
                   AND (r.manager_id = $1 OR r.default_tester_id = $1
                        OR r.id IN (SELECT run_id FROM test_execution WHERE assignee_id = $1))),
                (SELECT count(*) FROM test_plan WHERE author_id = $1),
                (SELECT count(*) FROM test_plan WHERE author_id = $1 AND NOT is_active)",
    )
    .bind(me)
    .fetch_one(ctx.conn())
    .await?;
    Ok(Dashboard {
        runs,
        run_total,
        plans,
        plan_total,
        plans_disabled,
    })
}
