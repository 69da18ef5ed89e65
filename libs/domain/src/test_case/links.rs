//! What can be attached to a case: plans, components, tags and properties.

use entity::{Entity, Fk, Id, Relations, Unique, repository};

use super::TestCase;
use crate::category::Category;
use crate::component::Component;
use crate::tag::{self, Tag};
use crate::test_plan::TestPlan;
use crate::{Ctx, Error, Result};

/// A case's place in a plan.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_case_plan",
    wire = "testcases.TestCasePlan",
    title = "test case plan"
)]
pub struct TestCasePlan {
    #[doc = "Id"]
    pub id: Id,
    /// Plan
    pub plan: Fk<TestPlan>,
    /// Case
    pub case: Fk<TestCase>,
    /// Position; ascending
    pub sortkey: Option<i32>,
}

impl Relations for TestCasePlan {
    const UNIQUE: &'static [Unique] = &[Unique {
        constraint: "test_case_plan_plan_id_case_id_key",
        fields: &["plan", "case"],
    }];
}

/// A case that tests a component.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_case_component",
    wire = "testcases.TestCaseComponent",
    title = "test case component"
)]
pub struct TestCaseComponent {
    #[doc = "Id"]
    pub id: Id,
    /// Case
    pub case: Fk<TestCase>,
    /// Component
    pub component: Fk<Component>,
}

impl Relations for TestCaseComponent {}

/// A tag of a case.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_case_tag",
    wire = "testcases.TestCaseTag",
    title = "test case tag"
)]
pub struct TestCaseTag {
    #[doc = "Id"]
    pub id: Id,
    /// Tag
    pub tag: Fk<Tag>,
    /// Case
    pub case: Fk<TestCase>,
}

impl Relations for TestCaseTag {}

/// One `name=value` pair of a case; several values under one name make it parametrised.
#[derive(Debug, Clone, Default, Entity)]
#[entity(
    table = "test_case_property",
    wire = "testcases.Property",
    title = "property"
)]
pub struct TestCaseProperty {
    #[doc = "Id"]
    pub id: Id,
    /// Case
    pub case: Fk<TestCase>,
    /// Name
    #[field(max = 255)]
    pub name: String,
    /// Value
    #[field(max = 255)]
    pub value: String,
}

impl Relations for TestCaseProperty {}

/// Attaches the component of this name in the product of the case; again is no change.
pub async fn add_component(ctx: &mut Ctx, case: Id, name: &str) -> Result<Component> {
    let case: TestCase = ctx.get(case).await?;
    let category: Category = ctx.get(case.category.id()).await?;
    let found: Vec<Component> = repository::find(
        ctx.conn(),
        &[
            ("name", name.into()),
            ("product_id", category.product.id().into()),
        ],
    )
    .await?;
    let component = found.into_iter().next().ok_or(Error::NotFound {
        entity: Component::META.name,
    })?;
    let mut link = TestCaseComponent {
        id: 0,
        case: Fk::new(case.id),
        component: Fk::new(component.id),
    };
    crate::link::attach(ctx, &mut link, &["case", "component"]).await?;
    Ok(component)
}

/// Detaches a component; one that is not attached is no change.
pub async fn remove_component(ctx: &mut Ctx, case: Id, component: Id) -> Result<()> {
    ctx.get::<TestCase>(case).await?;
    ctx.get::<Component>(component).await?;
    crate::link::detach::<TestCaseComponent>(
        ctx,
        &[("case_id", case.into()), ("component_id", component.into())],
    )
    .await
}

/// Attaches a tag by name.
pub async fn add_tag(ctx: &mut Ctx, case: Id, name: &str) -> Result<()> {
    let tag = tag::find_or_create(ctx, name).await?;
    ctx.get::<TestCase>(case).await?;
    let mut link = TestCaseTag {
        id: 0,
        tag: Fk::new(tag.id),
        case: Fk::new(case),
    };
    crate::link::attach(ctx, &mut link, &["tag", "case"]).await
}

/// Detaches a tag.
pub async fn remove_tag(ctx: &mut Ctx, case: Id, tag: &Tag) -> Result<()> {
    crate::link::detach::<TestCaseTag>(ctx, &[("case_id", case.into()), ("tag_id", tag.id.into())])
        .await
}

/// Adds a property; an equal one is returned as it is.
pub async fn add_property(
    ctx: &mut Ctx,
    case: Id,
    name: String,
    value: String,
) -> Result<TestCaseProperty> {
    let mut row = TestCaseProperty {
        id: 0,
        case: Fk::new(case),
        name,
        value,
    };
    crate::link::attach(ctx, &mut row, &["case", "name", "value"]).await?;
    Ok(row)
}
