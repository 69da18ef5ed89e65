//! `TestPlan.*`

use domain::form::{self, Form};
use domain::query::{self, Selection};
use domain::test_plan::{self, TestPlan};
use domain::{Ctx, Error, Result, site};
use entity::{Entity, Map, Table, Value};
use macros::rpc;

use super::argument::{
    Changes, LatePk, Pk, Query, Values, conditions, echo_zones, existing_tag, is_empty, text,
};
use super::attachment::{self, Content};
use super::test_case::full;
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "id",
        "name",
        "text",
        "create_date",
        "is_active",
        "extra_link",
        "product_version",
        "product_version__value",
        "product",
        "product__name",
        "author",
        "author__username",
        "type",
        "type__name",
        "parent",
        "children__count",
    ],
    distinct: true,
    order: &["product", "id"],
};

/// Finds plans and returns them product by product.
#[rpc("TestPlan.filter", needs = "testplans.view_testplan")]
async fn filter(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<TestPlan>(ctx, &conditions(query), &ROW).await
}

/// Adds a plan. It is active, even when a false value is sent; its author is the caller unless said otherwise.
#[rpc("TestPlan.create", needs = "testplans.add_testplan", context)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut values = values.0;
    let product = values
        .get("product")
        .ok_or_else(|| Error::refused("'product'"))?;
    let product = match product {
        empty if is_empty(Some(empty)) && empty.as_int().is_none() => None,
        product => Some(form::primary_key(product)?),
    };
    if is_empty(values.get("is_active")) {
        values.insert("is_active".into(), true.into());
    }
    if is_empty(values.get("author")) {
        values.insert("author".into(), ctx.user()?.id.into());
    }
    let mut form = Form::create(&values).last(&["create_date"]);
    if let Some(product) = product {
        form = form.limit("product_version", "product_id = $", vec![product.into()]);
    }
    let mut plan = TestPlan::default();
    form.apply(ctx, &mut plan).await?;
    test_plan::create(ctx, &mut plan).await?;
    let mut answer = plan.to_map();
    echo_zones(&mut answer, &values);
    Ok(answer)
}

/// Changes the given fields of a plan.
#[rpc("TestPlan.update", needs = "testplans.change_testplan", context)]
async fn update(ctx: &mut Ctx, plan_id: Pk, values: Changes) -> Result<Map> {
    let plan = test_plan::update(ctx, plan_id.0, &values.0).await?;
    Ok(plan.to_map())
}

/// Puts a case at the end of a plan; one that is there already keeps its place.
#[rpc("TestPlan.add_case", needs = "testcases.add_testcaseplan")]
async fn add_case(ctx: &mut Ctx, plan_id: Pk, case_id: LatePk) -> Result<Map> {
    let case = case_id.read_after::<TestPlan>(ctx, plan_id).await?;
    let (case, sortkey) = test_plan::add_case(ctx, plan_id.0, case).await?;
    let mut answer = full(&case);
    answer.insert("sortkey".into(), sortkey.into());
    Ok(answer)
}

/// Takes a case out of a plan; the case stays.
#[rpc("TestPlan.remove_case", needs = "testcases.delete_testcaseplan")]
async fn remove_case(ctx: &mut Ctx, plan_id: Pk, case_id: Pk) -> Result<()> {
    test_plan::remove_case(ctx, plan_id.0, case_id.0).await
}

/// Moves a case inside a plan; fractions of the sort key are cut off.
#[rpc("TestPlan.update_case_order", needs = "testcases.change_testcaseplan")]
async fn update_case_order(ctx: &mut Ctx, plan_id: Pk, case_id: Pk, sortkey: Value) -> Result<()> {
    let sortkey = match &sortkey {
        Value::Null => None,
        value => {
            let number = form::number(value, "sortkey")?;
            Some(i32::try_from(number).map_err(|_| Error::refused("integer out of range"))?)
        }
    };
    test_plan::order_case(ctx, plan_id.0, case_id.0, sortkey).await
}

/// Attaches a tag by name; a new one is made if the caller may make tags.
#[rpc("TestPlan.add_tag", needs = "testplans.add_testplantag", context)]
async fn add_tag(ctx: &mut Ctx, plan_id: Pk, tag_name: Value) -> Result<()> {
    test_plan::add_tag(ctx, plan_id.0, &text(&tag_name, "name")?).await
}

/// Detaches a tag by name.
#[rpc("TestPlan.remove_tag", needs = "testplans.delete_testplantag")]
async fn remove_tag(ctx: &mut Ctx, plan_id: LatePk, tag_name: Value) -> Result<()> {
    let tag = existing_tag(ctx, &tag_name).await?;
    test_plan::remove_tag(ctx, plan_id.read()?, &tag).await
}

/// The whole family of a plan from its topmost ancestor, depth first.
#[rpc("TestPlan.tree", needs = "testplans.view_testplan")]
async fn tree(ctx: &mut Ctx, plan_id: Pk) -> Result<Vec<Value>> {
    let family = test_plan::family(ctx, plan_id.0).await?;
    let site = site::domain(ctx).await?;
    let node = |node: test_plan::Node| {
        Value::object([
            ("id", node.id.into()),
            ("name", node.name.into()),
            ("parent_id", node.parent_id.into()),
            ("tree_depth", node.depth.into()),
            ("url", format!("https://{site}/plan/{}", node.id).into()),
        ])
    };
    Ok(family.into_iter().map(node).collect())
}

/// Attaches a file to a plan.
#[rpc(
    "TestPlan.add_attachment",
    needs = "attachments.add_attachment",
    context
)]
async fn add_attachment(
    ctx: &mut Ctx,
    plan_id: Pk,
    filename: Value,
    b64content: Content,
) -> Result<()> {
    attachment::add::<TestPlan>(ctx, plan_id.0, &filename, b64content).await?;
    Ok(())
}

/// The files of a plan, newest first.
#[rpc(
    "TestPlan.list_attachments",
    needs = "attachments.view_attachment",
    context
)]
async fn list_attachments(ctx: &mut Ctx, plan_id: Pk) -> Result<Vec<Map>> {
    attachment::list::<TestPlan>(ctx, plan_id.0).await
}

pub(super) const METHODS: &[Method] = &[
    FILTER,
    CREATE,
    UPDATE,
    ADD_CASE,
    REMOVE_CASE,
    UPDATE_CASE_ORDER,
    ADD_TAG,
    REMOVE_TAG,
    TREE,
    ADD_ATTACHMENT,
    LIST_ATTACHMENTS,
];
