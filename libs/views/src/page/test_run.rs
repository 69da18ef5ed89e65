//! A run: how it stands and what is left to do.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::execution_rows;
use super::{
    Attachments, ExecutionPanel, ExecutionRights, Fragment, Named, Page, Person, Property, Title,
};
use crate::{Progress, SafeHtml, Status, Statuses};

/// `/runs/<id>/`
#[derive(Debug, Clone, Serialize)]
pub struct RunPage {
    /// Its id.
    pub id: i32,
    /// Its title.
    pub summary: String,
    /// Its notes.
    pub notes: SafeHtml,
    /// The plan it executes.
    pub plan: Named,
    /// The product.
    pub product: Named,
    /// The version.
    pub version: Named,
    /// The build.
    pub build: Named,
    /// Who is responsible.
    pub manager: Option<Person>,
    /// Who tests what nobody else is assigned to.
    pub default_tester: Option<Person>,
    /// When it ought to begin.
    pub planned_start: Option<DateTime<Utc>>,
    /// When it began.
    pub started: Option<DateTime<Utc>>,
    /// When it ought to end.
    pub planned_stop: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished: Option<DateTime<Utc>>,
    /// Its parameters.
    pub properties: Vec<Property>,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// Its files; absent when the visitor may not see them.
    pub attachments: Option<Attachments>,
    /// How far it has got; always of the whole run, whatever the filter.
    pub progress: Progress,
    /// All statuses, for the menu.
    pub statuses: Statuses,
    /// The statuses the list is limited to (`?status_id=`, may be repeated).
    pub filter: Vec<i32>,
    /// The executions that pass the filter, in order; templates see their HTML.
    #[serde(serialize_with = "execution_rows::as_html")]
    pub executions: Vec<ExecutionRow>,
    /// The execution of `?focus=<id>`.
    pub panel: Option<ExecutionPanel>,
    /// What the visitor may do.
    pub can: ExecutionRights,
}

/// One line of the list.
#[derive(Debug, Clone)]
pub struct ExecutionRow {
    /// Its id.
    pub id: i32,
    /// Id of the case.
    pub case_id: i32,
    /// Title of the case.
    pub summary: String,
    /// Its status.
    pub status: Status,
    /// Name of the priority.
    pub priority: String,
    /// Name of the category.
    pub category: String,
    /// User name of who ought to do it.
    pub assignee: Option<String>,
    /// User name of who did it.
    pub tested_by: Option<String>,
    /// Whether it is the one shown in the panel.
    pub focused: bool,
}

impl Page for RunPage {
    const TEMPLATE: &'static str = "test_run/show";
    const BODY: &'static str = "page-testruns-get";

    fn title(&self) -> Title<'_> {
        Title {
            key: "run-title",
            id: Some(self.id),
            name: &self.summary,
        }
    }

    fn class(&self) -> &'static str {
        if self.panel.is_some() {
            "cards-pf workspace workspace-focus"
        } else {
            "cards-pf workspace"
        }
    }
}

/// Lines of the list on their own, for answers to scripts.
#[derive(Debug, Clone, Serialize)]
pub struct RowsFragment {
    /// The lines; templates see their HTML.
    #[serde(serialize_with = "execution_rows::as_html")]
    pub executions: Vec<ExecutionRow>,
}

impl Fragment for RowsFragment {
    const TEMPLATE: &'static str = "test_run/rows";
}

/// The bar and the counts of a run on their own, for answers to scripts.
#[derive(Debug, Clone, Serialize)]
pub struct ProgressFragment {
    /// Id of the run.
    pub id: i32,
    /// How far it has got.
    pub progress: Progress,
}

impl Fragment for ProgressFragment {
    const TEMPLATE: &'static str = "test_run/progress";
}

/// `GET /ui/executions/<id>/panel/`
#[derive(Debug, Clone, Serialize)]
pub struct PanelFragment {
    /// The execution.
    pub panel: ExecutionPanel,
}

impl Fragment for PanelFragment {
    const TEMPLATE: &'static str = "test_run/panel";
}
