//! Test plans: a document and an ordered collection of cases for one product version.

mod cases;
mod copy;
mod page;
mod tree;

use chrono::{DateTime, Utc};
use entity::{Computed, Entity, Fk, Id, Kind, Map, Relation, Relations};

pub(crate) use cases::append;
pub use cases::{add_case, add_tag, order_case, remove_case, remove_tag};
pub use copy::{Copying, copy, name_of_copy};
pub use page::{PlanCase, PlanDetails, PlanRun, details};
use tree::cycle;
pub use tree::{Node, family};

use crate::form::{Form, primary_key};
use crate::member::Member;
use crate::plan_type::PlanType;
use crate::product::Product;
use crate::tag::Tag;
use crate::test_case::{TestCase, TestCasePlan};
use crate::test_run::TestRun;
use crate::version::Version;
use crate::{Ctx, Result, notify};

/// A document and an ordered collection of cases for one product version.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_plan",
    wire = "testplans.TestPlan",
    title = "test plan",
    history
)]
pub struct TestPlan {
    #[doc = "Id"]
    pub id: Id,
    /// Parent
    pub parent: Option<Fk<Self>>,
    /// Name
    #[field(max = 255, list, search)]
    pub name: String,
    /// Text
    #[field(blank)]
    pub text: String,
    /// Created
    #[field(list)]
    pub create_date: DateTime<Utc>,
    /// Is active
    #[field(list)]
    pub is_active: bool,
    /// Reference link
    #[field(url = 1024)]
    pub extra_link: Option<String>,
    /// Product version
    pub product_version: Fk<Version>,
    /// Author
    #[field(list)]
    pub author: Fk<Member>,
    /// Product
    pub product: Fk<Product>,
    /// Type
    pub r#type: Fk<PlanType>,
}

impl Relations for TestPlan {
    const RELATIONS: &'static [Relation] = &[
        Relation::Many {
            name: "tag",
            to: || Tag::META,
            through: "test_plan_tag",
            near: "plan_id",
            far: "tag_id",
        },
        Relation::Many {
            name: "cases",
            to: || TestCase::META,
            through: "test_case_plan",
            near: "plan_id",
            far: "case_id",
        },
        Relation::Back {
            name: "testcaseplan",
            from: || TestCasePlan::META,
            column: "plan_id",
        },
        Relation::Back {
            name: "children",
            from: || Self::META,
            column: "parent_id",
        },
        Relation::Back {
            name: "testplantag",
            from: || TestPlanTag::META,
            column: "plan_id",
        },
        Relation::Same {
            name: "email_settings",
            to: || TestPlanEmailSettings::META,
        },
        Relation::Back {
            name: "run",
            from: || TestRun::META,
            column: "plan_id",
        },
    ];
    const COMPUTED: &'static [Computed] = &[Computed {
        name: "children__count",
        kind: Kind::Int,
        paths: &[],
        sql: "(SELECT count(*)::int4 FROM test_plan child WHERE child.parent_id = {t}.id)",
        queried: false,
    }];
}

/// Inserts a plan. Nobody is told about a new one.
pub async fn create(ctx: &mut Ctx, plan: &mut TestPlan) -> Result<()> {
    ctx.insert(plan).await
}

/// Changes a plan and tells the people whom its settings name. Refuses a parent that is the plan
/// itself or one of its descendants.
pub async fn update(ctx: &mut Ctx, plan: Id, values: &Map) -> Result<TestPlan> {
    let old: TestPlan = ctx.get_for_update(plan).await?;
    let mut new = old.clone();
    let mut form = Form::update(values).skip(&["create_date"]);
    let parent = values.get("parent").map(primary_key);
    if let Some(Ok(parent)) = parent
        && let Some(message) = cycle(ctx, plan, Id::try_from(parent).unwrap_or_default()).await?
    {
        form = form.error("__all__", message);
    }
    form.apply(ctx, &mut new).await?;
    ctx.update(&old, &new).await?;
    notify::test_plan_saved(ctx, &old, &new).await?;
    Ok(new)
}

/// A tag of a plan.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_plan_tag",
    wire = "testplans.TestPlanTag",
    title = "test plan tag"
)]
pub struct TestPlanTag {
    #[doc = "Id"]
    pub id: Id,
    /// Tag
    pub tag: Fk<Tag>,
    /// Plan
    pub plan: Fk<TestPlan>,
}

impl Relations for TestPlanTag {}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches, a column each"
)]
/// The notification settings of a plan; stored in the row of the plan itself.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_plan",
    wire = "testplans.TestPlanEmailSettings",
    title = "test plan email settings"
)]
pub struct TestPlanEmailSettings {
    #[doc = "Id"]
    pub id: Id,
    /// Plan
    #[field(column_name = "id")]
    pub plan: Fk<TestPlan>,
    /// To the author
    pub auto_to_plan_author: bool,
    /// To the authors of its cases
    pub auto_to_case_owner: bool,
    /// To the default testers of its cases
    pub auto_to_case_default_tester: bool,
    /// Mail after a change
    pub notify_on_plan_update: bool,
    /// Mail after a change of a case
    pub notify_on_case_update: bool,
}

impl Relations for TestPlanEmailSettings {}
