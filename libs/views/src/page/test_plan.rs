//! A plan: its document, its family and its cases.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Attachments, Named, Page, Person, Title};
use crate::{Progress, SafeHtml};

/// `/plan/<id>/`
#[derive(Debug, Clone, Serialize)]
pub struct PlanPage {
    /// Its id.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub active: bool,
    /// Its document.
    pub text: SafeHtml,
    /// Who wrote it.
    pub author: Option<Person>,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// Its product.
    pub product: Named,
    /// Its version.
    pub version: Named,
    /// Its type.
    pub kind: Named,
    /// Reference link; only http, https, ftp and ftps addresses.
    pub link: Option<String>,
    /// The plan above it.
    pub parent: Option<Named>,
    /// The family from its root, when there are relatives.
    pub tree: Vec<TreeNode>,
    /// Its cases in order.
    pub cases: Vec<CaseRow>,
    /// The newest unfinished runs.
    pub runs: Vec<PlanRun>,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// Its files; absent when the visitor may not see them.
    pub attachments: Option<Attachments>,
    /// What the visitor may do.
    pub can: PlanRights,
}

/// What the visitor may do with a plan.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct PlanRights {
    /// May see runs.
    pub view_runs: bool,
}

/// A plan in the family tree.
#[derive(Debug, Clone, Serialize)]
pub struct TreeNode {
    /// Its id.
    pub id: i32,
    /// Its name.
    pub name: String,
    /// Whether it is in use.
    pub active: bool,
    /// Whether it is the plan of this page.
    pub current: bool,
    /// Whether the plan of this page is below it.
    pub open: bool,
    /// Number of its own cases.
    pub cases: i64,
    /// Plans below it.
    pub children: Vec<Self>,
}

/// A case of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct CaseRow {
    /// Its id.
    pub id: i32,
    /// Its title.
    pub summary: String,
    /// Name of its status as stored; the template translates the shipped ones.
    pub status: String,
    /// Whether it may be executed.
    pub confirmed: bool,
    /// Whether a program executes it.
    pub automated: bool,
    /// Name of its priority.
    pub priority: String,
    /// Name of its category.
    pub category: String,
    /// User name of its author.
    pub author: String,
    /// User name of the default tester.
    pub tester: Option<String>,
}

/// An unfinished run of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct PlanRun {
    /// Its id.
    pub id: i32,
    /// Its title.
    pub summary: String,
    /// Name of the build.
    pub build: String,
    /// How far it has got.
    pub progress: Progress,
}

impl TreeNode {
    /// Marks the path to the current plan; answers whether it is here or below.
    pub fn open_path(nodes: &mut [Self]) -> bool {
        let mut found = false;
        for node in nodes {
            node.open = Self::open_path(&mut node.children);
            found |= node.open || node.current;
        }
        found
    }
}

impl Page for PlanPage {
    const TEMPLATE: &'static str = "test_plan/show";
    const BODY: &'static str = "page-testplans-get";

    fn title(&self) -> Title<'_> {
        Title {
            key: "plan-title",
            id: Some(self.id),
            name: &self.name,
        }
    }

    fn class(&self) -> &'static str {
        "cards-pf"
    }
}
