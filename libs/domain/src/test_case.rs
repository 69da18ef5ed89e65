//! Test cases: what to do, and what should happen.

mod copy;
mod history;
mod links;
mod notification;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{Computed, Entity, Fk, Id, Interval, Kind, Map, Relation, Relations};

pub use copy::copy;
pub(crate) use copy::copy_into;
pub use history::{TestCaseRecord, history};
pub use links::{
    TestCaseComponent, TestCasePlan, TestCaseProperty, TestCaseTag, add_component, add_property,
    add_tag, remove_component, remove_tag,
};
pub use notification::{Addresses, TestCaseEmailSettings, add_cc, cc, remove_cc};

use crate::bulk::{self, Change};
use crate::category::Category;
use crate::component::Component;
use crate::form::Form;
use crate::member::Member;
use crate::priority::Priority;
use crate::tag::Tag;
use crate::test_case_status::TestCaseStatus;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::{Ctx, Result, notify};

/// One test: what to do, and what should happen.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_case",
    wire = "testcases.TestCase",
    title = "test case",
    history,
    stamp = "history_date"
)]
pub struct TestCase {
    #[doc = "Id"]
    pub id: Id,
    /// Created
    #[field(list)]
    pub create_date: DateTime<Utc>,
    /// Is automated
    pub is_automated: bool,
    /// Script
    #[field(empty_text)]
    pub script: Option<String>,
    /// Arguments
    #[field(empty_text)]
    pub arguments: Option<String>,
    /// Reference link
    #[field(url = 1024)]
    pub extra_link: Option<String>,
    /// Summary
    #[field(max = 255, list, search)]
    pub summary: String,
    /// Requirement
    #[field(max = 255)]
    pub requirement: Option<String>,
    /// Notes
    #[field(empty_text)]
    pub notes: Option<String>,
    /// Text
    #[field(blank)]
    pub text: String,
    /// Set-up duration
    pub setup_duration: Option<Interval>,
    /// Testing duration
    pub testing_duration: Option<Interval>,
    /// Status
    #[field(list)]
    pub case_status: Fk<TestCaseStatus>,
    /// Category
    #[field(list)]
    pub category: Fk<Category>,
    /// Priority
    #[field(list)]
    pub priority: Fk<Priority>,
    /// Author
    #[field(list)]
    pub author: Fk<Member>,
    /// Default tester
    pub default_tester: Option<Fk<Member>>,
    /// Reviewer
    pub reviewer: Option<Fk<Member>>,
}

impl Relations for TestCase {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "plan",
            to: || TestPlan::META,
            through: "test_case_plan",
            near: "case_id",
            far: "plan_id",
        },
        Relation::Many {
            name: "component",
            to: || Component::META,
            through: "test_case_component",
            near: "case_id",
            far: "component_id",
        },
        Relation::Many {
            name: "tag",
            to: || Tag::META,
            through: "test_case_tag",
            near: "case_id",
            far: "tag_id",
        },
        Relation::Back {
            name: "property",
            from: || TestCaseProperty::META,
            column: "case_id",
        },
        Relation::Back {
            name: "testcaseplan",
            from: || TestCasePlan::META,
            column: "case_id",
        },
        Relation::Back {
            name: "testcasecomponent",
            from: || TestCaseComponent::META,
            column: "case_id",
        },
        Relation::Back {
            name: "testcasetag",
            from: || TestCaseTag::META,
            column: "case_id",
        },
        Relation::Same {
            name: "email_settings",
            to: || TestCaseEmailSettings::META,
        },
        Relation::Back {
            name: "executions",
            from: || TestExecution::META,
            column: "case_id",
        },
    ];
    const COMPUTED: &'static [Computed] = &[
        Computed {
            name: "expected_duration",
            kind: Kind::Span,
            paths: &["setup_duration", "testing_duration"],
            sql: "COALESCE({0}, '0') + COALESCE({1}, '0')",
            queried: false,
        },
        Computed {
            name: "history_date",
            kind: Kind::Time,
            paths: &[],
            sql: "{t}.history_date",
            queried: false,
        },
    ];
}

/// Inserts a case with its first history record, which carries the date of creation, and tells the
/// people of the case.
pub async fn create(ctx: &mut Ctx, case: &mut TestCase) -> Result<()> {
    ctx.insert(case).await?;
    notify::test_case_created(ctx, case).await
}

/// Writes a changed case and tells the people whom its settings name.
pub async fn update(ctx: &mut Ctx, old: &TestCase, new: &TestCase) -> Result<()> {
    ctx.update(old, new).await?;
    notify::test_case_saved(ctx, old, new).await
}

/// Inserts many cases, checked like single ones; returns them in the order of the values.
pub async fn create_many(ctx: &mut Ctx, forms: Vec<Form<'_>>) -> Result<Vec<TestCase>> {
    bulk::insert(ctx, forms).await
}

/// Changes the given fields of many cases.
pub async fn update_many(ctx: &mut Ctx, changes: Vec<Change>) -> Result<Vec<TestCase>> {
    let locked = bulk::lock::<TestCase>(ctx, changes).await?;
    locked.change(ctx, changed_form).await
}

/// How the values for a case that changes are read.
pub fn changed_form(values: &Map) -> Form<'_> {
    Form::update(values)
        .skip(&["create_date"])
        .users(&["author", "default_tester", "reviewer"])
}

/// Numbers of the newest text versions of cases, by case: the ids of their newest history records.
pub async fn newest_versions(ctx: &mut Ctx, cases: &[Id]) -> Result<HashMap<Id, Id>> {
    crate::history::newest(ctx, "testcase", cases).await
}
