//! One struct per page and per fragment; the template has the same path under `templates/`.

mod account;
mod attachments;
mod dashboard;
mod error;
mod execution;
mod execution_rows;
mod form;
#[cfg(any(test, debug_assertions))]
pub mod gallery;
mod person;
mod profile;
mod recovery;
mod reference;
mod setup;
mod site;
mod social;
mod system;
mod test_plan;
mod test_run;
mod tracker_token;

use serde::Serialize;

pub use account::{AccountForm, AccountNotice, EmailPage, Field, FormWords, LoginPage};
pub use attachments::{AttachPage, AttachedFile, Attachments};
pub use dashboard::{DashboardPage, PlanSummary, RunSummary};
pub use error::{Details, ErrorPage, Refusal};
pub use execution::{
    Change, Comment, ExecutionPanel, ExecutionRights, HistoryEntry, Link, Neighbours, Property,
};
pub use form::Errors;
pub use person::{Named, Person};
pub use profile::{PersonalFacts, ProfileItem, ProfilePage, ProfileResult, Section};
pub use recovery::RecoveryPage;
pub use reference::{MethodClass, MethodEntry, MethodMember, MethodParameter, ReferencePage};
pub use setup::{AdministratorPage, DatabasePage, Offer};
pub use site::{SiteListPage, SiteNotice, SitePage};
pub use social::{ConnectPage, ProviderLink};
pub use system::{Fact, Finding, Piece, Subject, SystemPage, TaskRow, TaskState};
pub use test_plan::{CaseRow, PlanPage, PlanRights, PlanRun, TreeNode};
pub use test_run::{ExecutionRow, PanelFragment, ProgressFragment, RowsFragment, RunPage};
pub use tracker_token::{
    TrackerTokenDeletePage, TrackerTokenListPage, TrackerTokenPage, TrackerTokenRow,
};

/// A whole document: the frame and what is in it.
pub trait Page: Serialize {
    /// Path of the template below `templates/`, without extension.
    const TEMPLATE: &'static str;
    /// The `id` of `<body>`; outside scripts know some of them.
    const BODY: &'static str;
    /// What the window is called, after the name of the product.
    fn title(&self) -> Title<'_>;
    /// The `class` of `<body>`.
    fn class(&self) -> &'static str {
        ""
    }
}

/// A message that is the title of a page.
#[derive(Debug, Clone)]
pub struct Title<'a> {
    /// Key of the message.
    pub key: &'static str,
    /// Number of the record, for messages with `{ $id }`.
    pub id: Option<i32>,
    /// Name of the record, for messages with `{ $name }`.
    pub name: &'a str,
}

impl Title<'_> {
    /// A title that is the same for every record.
    fn plain(key: &'static str) -> Self {
        Self {
            key,
            id: None,
            name: "",
        }
    }
}

/// A piece of a page that a script puts into the document.
pub trait Fragment: Serialize {
    /// Path of the template below `templates/`, without extension.
    const TEMPLATE: &'static str;
}
