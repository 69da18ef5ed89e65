//! `/`: what is left to do for the person who is logged in.

use domain::{Ctx, site};
use http::StatusCode;
use views::page::{DashboardPage, Named, PlanSummary, RunSummary};
use views::{Level, Message, Progress};

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
    let notices = notices(&mut ctx, &visitor).await?;
    let page = DashboardPage {
        runs: runs.collect(),
        run_total: dashboard.run_total,
        plans: plans.collect(),
        plan_total: dashboard.plan_total,
        plans_disabled: dashboard.plans_disabled,
    };
    let page = visitor.page_below(notices, StatusCode::OK, &page)?;
    ctx.commit().await?;
    Ok(page)
}

/// What is wrong with the installation, for those who can do something about it.
async fn notices(ctx: &mut Ctx, visitor: &Visitor) -> Result<Vec<Message>> {
    let user = visitor.user()?;
    let mut notices = vec![];
    if user.is_superuser {
        let steps = ctx.domain().tenancy().steps_behind(ctx.tenant());
        if steps > 0 {
            notices.push(Message {
                level: Level::Danger,
                text: visitor.count("notice-migrations", steps.into()),
                link: None,
            });
        }
        if !visitor.request.secure {
            notices.push(Message {
                level: Level::Warning,
                text: visitor.words("notice-insecure"),
                link: None,
            });
        }
    }
    if ctx.may(site::CHANGE) && !site::show(ctx).await?.is_set() {
        notices.push(Message {
            level: Level::Danger,
            text: visitor.words("notice-site"),
            link: Some((
                visitor.words("notice-site-link"),
                super::site::PATH.to_owned(),
            )),
        });
    }
    Ok(notices)
}
