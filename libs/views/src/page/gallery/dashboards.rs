//! Samples of the start page.

use super::world::{before, progress};
use crate::Statuses;
use crate::page::{DashboardPage, Named, PlanSummary, RunSummary};

pub(super) fn dashboard(statuses: &Statuses) -> DashboardPage {
    let runs = [
        (
            "Release 4.2, payment",
            "Checkout",
            "4.2-rc3",
            Some(3_000),
            None,
            21,
            160,
        ),
        (
            "Nightly regression of the shop with an unusually long title that has to be cut",
            "Regression",
            "4.3-dev.118",
            Some(600),
            Some(-2_000),
            0,
            500,
        ),
        (
            "Accessibility round, autumn",
            "Accessibility",
            "4.2-rc3",
            None,
            Some(9_000),
            4,
            12,
        ),
    ];
    let plans = [
        ("Checkout", "Function", 60, 4),
        ("Accessibility", "Acceptance", 12, 1),
        ("Smoke", "Smoke", 1, 31),
    ];
    DashboardPage {
        run_total: 3,
        runs: (9..)
            .zip(runs)
            .map(
                |(id, (summary, plan, build, started, planned, mine, total))| RunSummary {
                    id,
                    summary: summary.to_owned(),
                    plan: Named::new(id, plan),
                    product: "Web shop 4.2".to_owned(),
                    build: build.to_owned(),
                    started: started.map(before),
                    planned_stop: planned.map(|minutes: i64| before(-minutes)),
                    late: planned.is_some_and(|minutes| minutes < 0),
                    mine,
                    progress: progress(statuses, total, &[]),
                },
            )
            .collect(),
        plan_total: 4,
        plans_disabled: 1,
        plans: (3..)
            .zip(plans)
            .map(|(id, (name, kind, cases, runs))| PlanSummary {
                id,
                name: name.to_owned(),
                product: "Web shop".to_owned(),
                version: "4.2".to_owned(),
                kind: kind.to_owned(),
                cases,
                runs,
            })
            .collect(),
    }
}

pub(super) fn empty_dashboard() -> DashboardPage {
    DashboardPage {
        runs: Vec::new(),
        run_total: 0,
        plans: Vec::new(),
        plan_total: 0,
        plans_disabled: 0,
    }
}
