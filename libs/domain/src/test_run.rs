//! Test runs: one round of execution of some cases of a plan against a build.

mod cases;
pub mod page;
mod people;
mod start;

use chrono::{DateTime, Utc};
use entity::{Entity, Fk, Id, Relation, Relations, Unique};

pub use cases::{Added, add_case, add_cases, remove_case};
pub use people::{add_cc, add_property, add_tag, cc, remove_cc, remove_tag, tags};
pub use start::{Contents, Draft, draft, draft_of_copy, start};

use crate::build::Build;
use crate::member::Member;
use crate::tag::Tag;
use crate::test_execution::TestExecution;
use crate::test_plan::TestPlan;
use crate::{Ctx, Result, notify};

/// One round of execution of some cases of a plan against a build.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_run",
    wire = "testruns.TestRun",
    title = "test run",
    history
)]
pub struct TestRun {
    #[doc = "Id"]
    pub id: Id,
    /// Started at
    #[field(list)]
    pub start_date: Option<DateTime<Utc>>,
    /// Finished at
    #[field(list)]
    pub stop_date: Option<DateTime<Utc>>,
    /// Planned start
    pub planned_start: Option<DateTime<Utc>>,
    /// Planned stop
    pub planned_stop: Option<DateTime<Utc>>,
    /// Summary
    #[field(list, search)]
    pub summary: String,
    /// Notes
    #[field(blank)]
    pub notes: String,
    /// Plan
    #[field(list)]
    pub plan: Fk<TestPlan>,
    /// Build
    #[field(list)]
    pub build: Fk<Build>,
    /// Manager
    #[field(list)]
    pub manager: Fk<Member>,
    /// Default tester
    pub default_tester: Option<Fk<Member>>,
}

impl Relations for TestRun {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "tag",
            to: || Tag::META,
            through: "test_run_tag",
            near: "run_id",
            far: "tag_id",
        },
        Relation::Many {
            name: "cc",
            to: || Member::META,
            through: "test_run_cc",
            near: "run_id",
            far: "user_id",
        },
        Relation::Back {
            name: "executions",
            from: || TestExecution::META,
            column: "run_id",
        },
        Relation::Back {
            name: "tags",
            from: || TestRunTag::META,
            column: "run_id",
        },
        Relation::Back {
            name: "cc_list",
            from: || TestRunCc::META,
            column: "run_id",
        },
        Relation::Back {
            name: "property",
            from: || TestRunProperty::META,
            column: "run_id",
        },
    ];
}

/// A condition for the builds that a run of the plan `$` may have.
pub const BUILD_OF_PLAN: &str =
    "is_active AND version_id = (SELECT product_version_id FROM test_plan WHERE id = $)";

/// Inserts a run and tells the people in it.
pub async fn create(ctx: &mut Ctx, run: &mut TestRun) -> Result<()> {
    ctx.insert(run).await?;
    notify::test_run_created(ctx, run).await
}

/// Writes a changed run and tells the people in it.
pub async fn update(ctx: &mut Ctx, old: &TestRun, new: &TestRun) -> Result<()> {
    ctx.update(old, new).await?;
    notify::test_run_saved(ctx, old, new).await
}

/// A tag of a run.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_run_tag",
    wire = "testruns.TestRunTag",
    title = "test run tag"
)]
pub struct TestRunTag {
    #[doc = "Id"]
    pub id: Id,
    /// Tag
    pub tag: Fk<Tag>,
    /// Run
    pub run: Fk<TestRun>,
}

impl Relations for TestRunTag {}

/// A person who hears about a run.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_run_cc",
    wire = "testruns.TestRunCC",
    title = "test run cc"
)]
pub struct TestRunCc {
    #[doc = "Id"]
    pub id: Id,
    /// Run
    pub run: Fk<TestRun>,
    /// User
    pub user: Fk<Member>,
}

impl Relations for TestRunCc {
    const UNIQUE: &'static [Unique] = &[Unique {
        constraint: "test_run_cc_run_id_user_id_key",
        fields: &["run", "user"],
    }];
}

/// One `name=value` pair of a run.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_run_property",
    wire = "testruns.Property",
    title = "property"
)]
pub struct TestRunProperty {
    #[doc = "Id"]
    pub id: Id,
    /// Run
    pub run: Fk<TestRun>,
    /// Name
    #[field(max = 255)]
    pub name: String,
    /// Value
    #[field(max = 255)]
    pub value: String,
}

impl Relations for TestRunProperty {}
