//! What can be attached to a case.

use domain::query::{self, Selection};
use domain::test_case::{self, Addresses, TestCase, TestCaseProperty};
use domain::{Ctx, Error, Result};
use entity::{Entity, Map, Table, Value, python};
use macros::rpc;

use super::super::argument::{LatePk, Pk, Query, conditions, existing_tag, text};

const PROPERTY: Selection = Selection {
    columns: &["id", "case", "name", "value"],
    distinct: true,
    order: &["case", "name", "value"],
};

/// Attaches a component by name, looked up in the product of the case.
#[rpc("TestCase.add_component", needs = "testcases.add_testcasecomponent")]
pub(super) async fn add_component(ctx: &mut Ctx, case_id: Pk, component: Value) -> Result<Map> {
    let name = python::text(&component);
    Ok(test_case::add_component(ctx, case_id.0, &name)
        .await?
        .to_map())
}

/// Detaches a component by its id.
#[rpc(
    "TestCase.remove_component",
    needs = "testcases.delete_testcasecomponent"
)]
pub(super) async fn remove_component(
    ctx: &mut Ctx,
    case_id: Pk,
    component_id: LatePk,
) -> Result<()> {
    let component = component_id.read_after::<TestCase>(ctx, case_id).await?;
    test_case::remove_component(ctx, case_id.0, component).await
}

/// Attaches a tag by name; a new one is made if the caller may make tags.
#[rpc("TestCase.add_tag", needs = "testcases.add_testcasetag", context)]
pub(super) async fn add_tag(ctx: &mut Ctx, case_id: Pk, tag: Value) -> Result<()> {
    test_case::add_tag(ctx, case_id.0, &text(&tag, "name")?).await
}

/// Detaches a tag by name.
#[rpc("TestCase.remove_tag", needs = "testcases.delete_testcasetag")]
pub(super) async fn remove_tag(ctx: &mut Ctx, case_id: Pk, tag: Value) -> Result<()> {
    let case: TestCase = ctx.get(case_id.0).await?;
    let tag = existing_tag(ctx, &tag).await?;
    test_case::remove_tag(ctx, case.id, &tag).await
}

/// Adds addresses to those that hear about the case.
#[rpc("TestCase.add_notification_cc", needs = "testcases.change_testcase")]
pub(super) async fn add_notification_cc(
    ctx: &mut Ctx,
    case_id: LatePk,
    cc_list: Value,
) -> Result<()> {
    let addresses = addresses(cc_list)?;
    test_case::add_cc(ctx, case_id.read()?, &addresses).await
}

/// Removes addresses from those that hear about the case.
#[rpc("TestCase.remove_notification_cc", needs = "testcases.change_testcase")]
pub(super) async fn remove_notification_cc(
    ctx: &mut Ctx,
    case_id: LatePk,
    cc_list: Value,
) -> Result<()> {
    let addresses = addresses(cc_list)?;
    test_case::remove_cc(ctx, case_id.read()?, &addresses).await
}

/// The addresses that hear about the case, in the order in which they were added.
#[rpc("TestCase.get_notification_cc", needs = "testcases.view_testcase")]
pub(super) async fn get_notification_cc(ctx: &mut Ctx, case_id: Pk) -> Result<Vec<String>> {
    test_case::cc(ctx, case_id.0).await
}

fn addresses(list: Value) -> Result<Addresses> {
    let Value::List(values) = list else {
        return Err(Error::Type("cc_list should be a list object.".to_owned()));
    };
    let text = |value: Value| match value {
        Value::Text(text) => Ok(text),
        other => {
            let kind = python::type_name(&other);
            Err(Error::Type(format!(
                "cc_list should hold texts, not {kind}"
            )))
        }
    };
    Addresses::new(values.into_iter().map(text).collect::<Result<_>>()?)
}

/// Adds a property to a case; an equal one is returned as it is.
#[rpc("TestCase.add_property", needs = "testcases.add_property")]
pub(super) async fn add_property(
    ctx: &mut Ctx,
    case_id: Pk,
    name: Value,
    value: Value,
) -> Result<Map> {
    let (name, value) = (text(&name, "name")?, text(&value, "value")?);
    Ok(test_case::add_property(ctx, case_id.0, name, value)
        .await?
        .to_map())
}

/// Finds properties of cases.
#[rpc("TestCase.properties", needs = "testcases.view_property")]
pub(super) async fn properties(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<TestCaseProperty>(ctx, &conditions(query), &PROPERTY).await
}

/// Removes all properties that meet the conditions.
#[rpc("TestCase.remove_property", needs = "testcases.delete_property")]
pub(super) async fn remove_property(ctx: &mut Ctx, query: Query) -> Result<()> {
    let ids = query::ids::<TestCaseProperty>(ctx, &query.0).await?;
    ctx.delete::<TestCaseProperty>(&ids).await?;
    Ok(())
}
