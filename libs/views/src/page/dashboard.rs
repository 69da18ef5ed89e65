//! The start page of somebody who is logged in.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Named, Page, Title};
use crate::Progress;

/// `/`
#[derive(Debug, Clone, Serialize)]
pub struct DashboardPage {
    /// The newest unfinished runs the user manages, tests or has executions in.
    pub runs: Vec<RunSummary>,
    /// How many such runs there are.
    pub run_total: i64,
    /// The newest active plans the user wrote.
    pub plans: Vec<PlanSummary>,
    /// How many such plans there are, active and disabled.
    pub plan_total: i64,
    /// How many of them are disabled.
    pub plans_disabled: i64,
}

/// A run in a list.
#[derive(Debug, Clone, Serialize)]
pub struct RunSummary {
    /// Its id.
    pub id: i32,
    /// Its title.
    pub summary: String,
    /// The plan it executes.
    pub plan: Named,
    /// Name of product and version.
    pub product: String,
    /// Name of the build.
    pub build: String,
    /// When it was started.
    pub started: Option<DateTime<Utc>>,
    /// When it ought to be finished.
    pub planned_stop: Option<DateTime<Utc>>,
    /// Whether that time has passed.
    pub late: bool,
    /// Unfinished executions assigned to the user.
    pub mine: i64,
    /// How far it has got.
    pub progress: Progress,
}

/// A plan in a list.
#[derive(Debug, Clone, Serialize)]
pub struct PlanSummary {
    /// Its id.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Name of the product.
    pub product: String,
    /// Name of the version.
    pub version: String,
    /// Name of the plan type.
    pub kind: String,
    /// Number of cases.
    pub cases: i64,
    /// Number of runs.
    pub runs: i64,
}

impl Page for DashboardPage {
    const TEMPLATE: &'static str = "dashboard/show";
    const BODY: &'static str = "page-dashboard";

    fn title(&self) -> Title<'_> {
        Title::plain("dashboard-title")
    }
}
