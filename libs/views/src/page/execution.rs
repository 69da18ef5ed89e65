//! One execution in full: what to do, what was found, what happened before.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Named, Person};
use crate::{SafeHtml, Status, Statuses};

/// The right half of the run page.
#[derive(Debug, Clone, Serialize)]
pub struct ExecutionPanel {
    /// Its id.
    pub id: i32,
    /// The run it belongs to.
    pub run: Named,
    /// Id of the case.
    pub case_id: i32,
    /// Title of the case.
    pub summary: String,
    /// What to do, as it was when the execution was created or last brought up to date.
    pub text: SafeHtml,
    /// Set-up hints and the like.
    pub notes: SafeHtml,
    /// Number of that version of the text.
    pub text_version: Option<i32>,
    /// Whether the case has a newer text.
    pub outdated: bool,
    /// Its status now.
    pub status: Status,
    /// All statuses, for the buttons.
    pub statuses: Statuses,
    /// Name of the priority.
    pub priority: String,
    /// Name of the category.
    pub category: String,
    /// Whether a program executes the case.
    pub automated: bool,
    /// Name of the build it was executed on.
    pub build: String,
    /// Who ought to do it.
    pub assignee: Option<Person>,
    /// Who did it.
    pub tested_by: Option<Person>,
    /// When it was begun.
    pub started: Option<DateTime<Utc>>,
    /// When it was done.
    pub finished: Option<DateTime<Utc>>,
    /// Parameters of this execution.
    pub properties: Vec<Property>,
    /// Comments, oldest first.
    pub comments: Vec<Comment>,
    /// Bugs and other addresses.
    pub links: Vec<Link>,
    /// What changed, newest first; absent when the visitor may not see it.
    pub history: Option<Vec<HistoryEntry>>,
    /// Where it is in the list; absent when the list is not known.
    pub neighbours: Option<Neighbours>,
    /// Address of the page to come back to from the form, with its filter but without `focus`.
    pub back: String,
    /// The statuses the list of the page is limited to; the form sends them back.
    pub filter: Vec<i32>,
    /// What the visitor may do.
    pub can: ExecutionRights,
}

/// What the visitor may do with executions.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct ExecutionRights {
    /// May set statuses (`testruns.change_testexecution`).
    pub change: bool,
    /// May comment (`django_comments.add_comment`).
    pub comment: bool,
}

/// Position of an execution in the list it is shown in.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Neighbours {
    /// Counted from one.
    pub position: usize,
    /// Length of the list.
    pub total: usize,
    /// Id of the one before.
    pub previous: Option<i32>,
    /// Id of the one after.
    pub next: Option<i32>,
}

/// A parameter.
#[derive(Debug, Clone, Serialize)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A comment.
#[derive(Debug, Clone, Serialize)]
pub struct Comment {
    /// Its id.
    pub id: i32,
    /// Display name of who wrote it.
    pub author: String,
    /// Letters for the round mark.
    pub initials: String,
    /// When.
    pub submitted: DateTime<Utc>,
    /// What it says.
    pub text: SafeHtml,
}

/// An address attached to an execution.
#[derive(Debug, Clone, Serialize)]
pub struct Link {
    /// Its id.
    pub id: i32,
    /// Its name, else the address.
    pub name: String,
    /// The address; only http, https, ftp and ftps.
    pub url: String,
    /// Whether it is a bug.
    pub defect: bool,
}

/// One change of an execution.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// User name of who did it.
    pub by: String,
    /// What is different since.
    pub changes: Vec<Change>,
}

/// One field of a change.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// Name of the field.
    pub field: String,
    /// Its value before.
    pub old: String,
    /// Its value after.
    pub new: String,
}
