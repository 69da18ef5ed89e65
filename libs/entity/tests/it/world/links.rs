//! What hangs on cases and plans.

use entity::{Entity, Fk, Id, Relations};

use super::{Tag, TestCase, TestPlan};

/// The settings of a case, in its own row.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_case",
    wire = "testcases.TestCaseEmailSettings",
    title = "settings"
)]
pub(crate) struct EmailSettings {
    pub(crate) id: Id,
    /// Case
    #[field(column_name = "id")]
    pub(crate) case: Fk<TestCase>,
    /// Mail after a change
    pub(crate) notify_on_case_update: bool,
}

impl Relations for EmailSettings {}

/// A property of a case.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_case_property",
    wire = "testcases.Property",
    title = "property"
)]
pub(crate) struct Property {
    pub(crate) id: Id,
    /// Case
    pub(crate) case: Fk<TestCase>,
    /// Name
    #[field(max = 255)]
    pub(crate) name: String,
    /// Value
    #[field(max = 255)]
    pub(crate) value: String,
}

impl Relations for Property {}

/// A case in a plan.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_case_plan",
    wire = "testcases.TestCasePlan",
    title = "test case plan"
)]
pub(crate) struct TestCasePlan {
    pub(crate) id: Id,
    /// Plan
    pub(crate) plan: Fk<TestPlan>,
    /// Case
    pub(crate) case: Fk<TestCase>,
    /// Sort key
    pub(crate) sortkey: Option<i32>,
}

impl Relations for TestCasePlan {}

/// A tag of a case.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_case_tag",
    wire = "testcases.TestCaseTag",
    title = "test case tag"
)]
pub(crate) struct TestCaseTag {
    pub(crate) id: Id,
    /// Tag
    pub(crate) tag: Fk<Tag>,
    /// Case
    pub(crate) case: Fk<TestCase>,
}

impl Relations for TestCaseTag {}

/// A tag of a plan.
#[derive(Debug, Clone, Default, PartialEq, Entity)]
#[entity(
    table = "test_plan_tag",
    wire = "testplans.TestPlanTag",
    title = "test plan tag"
)]
pub(crate) struct TestPlanTag {
    pub(crate) id: Id,
    /// Tag
    pub(crate) tag: Fk<Tag>,
    /// Plan
    pub(crate) plan: Fk<TestPlan>,
}

impl Relations for TestPlanTag {}
