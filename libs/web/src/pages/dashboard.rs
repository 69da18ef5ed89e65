//! `/`: what is left to do for the person who is logged in.

use views::Progress;
use views::page::{DashboardPage, Named, PlanSummary, RunSummary};

use super::{pairs, statuses};
use crate::error::Result;
use crate::visitor::Visitor;

/// `GET /`
pub(crate) async fn show(visitor: Visitor) -> Result {
    visitor.user()?;
    let mut ctx = visitor.request.begin_read().await?;
    let dashboard = domain::dashboard::show(&mut ctx).await?;
    let statuses = statuses(&mut ctx, &visitor).await?;
    let now = ctx.now;
    let runs = dashboard.runs.into_iter().map(|run| RunSummary {
        id: run.id,
        plan: Named::new(run.plan_id, run.plan_name),
        product: run.product,
        build: run.build,
        started: run.start_date,
        late: run.planned_stop.is_some_and(|stop| stop < now),
        planned_stop: run.planned_stop,
        mine: run.mine,
        progress: Progress::new(&statuses, &pairs(&run.counts), &[]),
        summary: run.summary,
    });
    let plans = dashboard.plans.into_iter().map(|plan| PlanSummary {
        id: plan.id,
        name: plan.name,
        product: plan.product,
        version: plan.version,
        kind: plan.kind,
        cases: plan.cases,
        runs: plan.runs,
    });
    let page = visitor.page(&DashboardPage {
        runs: runs.collect(),
        run_total: dashboard.run_total,
        plans: plans.collect(),
        plan_total: dashboard.plan_total,
        plans_disabled: dashboard.plans_disabled,
    })?;
    ctx.commit().await?;
    Ok(page)
}
