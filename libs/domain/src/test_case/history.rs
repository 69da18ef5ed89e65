//! The records of a case, as clients ask for them.

use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Interval, Map, Relations, Table};

use super::TestCase;
use crate::category::Category;
use crate::member::Member;
use crate::priority::Priority;
use crate::query::{self, Selection};
use crate::test_case_status::TestCaseStatus;
use crate::{Ctx, Result};

/// A snapshot of a case, taken at a change.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "(SELECT r.id AS history_id,
                     r.object_id AS id,
                     (r.row ->> 'create_date')::timestamptz AS create_date,
                     (r.row ->> 'is_automated')::bool AS is_automated,
                     r.row ->> 'script' AS script,
                     r.row ->> 'arguments' AS arguments,
                     r.row ->> 'extra_link' AS extra_link,
                     r.row ->> 'summary' AS summary,
                     r.row ->> 'requirement' AS requirement,
                     r.row ->> 'notes' AS notes,
                     r.row ->> 'text' AS text,
                     (r.row ->> 'setup_duration')::interval AS setup_duration,
                     (r.row ->> 'testing_duration')::interval AS testing_duration,
                     (r.row ->> 'case_status_id')::int4 AS case_status_id,
                     (r.row ->> 'category_id')::int4 AS category_id,
                     (r.row ->> 'priority_id')::int4 AS priority_id,
                     (r.row ->> 'author_id')::int4 AS author_id,
                     (r.row ->> 'default_tester_id')::int4 AS default_tester_id,
                     (r.row ->> 'reviewer_id')::int4 AS reviewer_id,
                     r.at AS history_date,
                     r.reason AS history_change_reason,
                     r.type::text AS history_type,
                     r.by_id AS history_user_id
              FROM history r
              WHERE r.kind = 'testcase')",
    wire = "testcases.HistoricalTestCase",
    title = "historical test case"
)]
pub struct TestCaseRecord {
    /// Number of the record: the text version
    pub history_id: Id,
    /// Id of the case
    pub id: i32,
    /// Created
    pub create_date: Option<DateTime<Utc>>,
    /// Is automated
    pub is_automated: Option<bool>,
    /// Script
    pub script: Option<String>,
    /// Arguments
    pub arguments: Option<String>,
    /// Reference link
    pub extra_link: Option<String>,
    /// Summary
    pub summary: Option<String>,
    /// Requirement
    pub requirement: Option<String>,
    /// Notes
    pub notes: Option<String>,
    /// Text
    pub text: Option<String>,
    /// Set-up duration
    pub setup_duration: Option<Interval>,
    /// Testing duration
    pub testing_duration: Option<Interval>,
    /// Status
    pub case_status: Option<Fk<TestCaseStatus>>,
    /// Category
    pub category: Option<Fk<Category>>,
    /// Priority
    pub priority: Option<Fk<Priority>>,
    /// Author
    pub author: Option<Fk<Member>>,
    /// Default tester
    pub default_tester: Option<Fk<Member>>,
    /// Reviewer
    pub reviewer: Option<Fk<Member>>,
    /// When
    pub history_date: DateTime<Utc>,
    /// What changed
    pub history_change_reason: Option<String>,
    /// `+`, `~` or `-`
    #[field(max = 1)]
    pub history_type: String,
    /// Who
    pub history_user: Option<Fk<Member>>,
}

impl Relations for TestCaseRecord {}

const ROW: Selection = Selection {
    columns: &[
        "id",
        "create_date",
        "is_automated",
        "script",
        "arguments",
        "extra_link",
        "summary",
        "requirement",
        "notes",
        "text",
        "setup_duration",
        "testing_duration",
        "case_status AS case_status_id",
        "category AS category_id",
        "priority AS priority_id",
        "author AS author_id",
        "default_tester AS default_tester_id",
        "reviewer AS reviewer_id",
        "history_id",
        "history_date",
        "history_change_reason",
        "history_type",
        "history_user AS history_user_id",
    ],
    distinct: false,
    order: &["-history_id"],
};

/// The records of a case that meet the conditions, newest first.
pub async fn history(ctx: &mut Ctx, case: Id, conditions: &Map) -> Result<Table> {
    ctx.get::<TestCase>(case).await?;
    query::select_where::<TestCaseRecord>(ctx, conditions, ("id", case.into()), &ROW).await
}
