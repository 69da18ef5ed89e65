//! Links, properties and tags of an execution.

use domain::form::Form;
use domain::link_reference::LinkReference;
use domain::query::{self, Selection};
use domain::tag::Tag;
use domain::test_execution::{self, TestExecution, TestExecutionProperty};
use domain::{Ctx, Error, Result, tracker};
use entity::{Entity, Map, Table, Value};
use macros::rpc;

use super::super::argument::{Pk, Query, Values, existing_tag, is_empty, text};

const LINK: Selection = Selection {
    columns: &["id", "name", "url", "execution", "created_on", "is_defect"],
    distinct: false,
    order: &["id"],
};

const PROPERTY: Selection = Selection {
    columns: &["id", "name", "value", "execution"],
    distinct: false,
    order: &["id"],
};

/// Adds a link to an execution. A link into the built-in tracker also connects the bug.
#[rpc(
    "TestExecution.add_link",
    needs = "linkreference.add_linkreference",
    context
)]
pub(super) async fn add_link(
    ctx: &mut Ctx,
    values: Values,
    update_tracker: Option<Value>,
) -> Result<Map> {
    let mut values = values.0;
    if !is_empty(values.get("execution_id")) {
        let alias = values.get("execution_id").cloned().unwrap_or_default();
        values.insert("execution".into(), alias);
    }
    let mut link = LinkReference::default();
    Form::create(&values)
        .skip(&["created_on"])
        .apply(ctx, &mut link)
        .await?;
    link.created_on = ctx.now;
    ctx.insert(&mut link).await?;
    tracker::linked(ctx, &link, !is_empty(update_tracker.as_ref())).await?;
    let mut answer = link.to_map();
    answer.shift_remove("created_on");
    Ok(answer)
}

/// Finds links of executions.
#[rpc("TestExecution.get_links", needs = "linkreference.view_linkreference")]
pub(super) async fn get_links(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<LinkReference>(ctx, &query.0, &LINK).await
}

/// Removes all links that meet the conditions.
#[rpc(
    "TestExecution.remove_link",
    needs = "linkreference.delete_linkreference"
)]
pub(super) async fn remove_link(ctx: &mut Ctx, query: Query) -> Result<()> {
    let ids = query::ids::<LinkReference>(ctx, &query.0).await?;
    ctx.delete::<LinkReference>(&ids).await?;
    Ok(())
}

/// Adds a property to an execution; an equal one is returned as it is.
#[rpc(
    "TestExecution.add_property",
    needs = "testruns.add_testexecutionproperty"
)]
pub(super) async fn add_property(
    ctx: &mut Ctx,
    execution_id: Pk,
    name: Value,
    value: Value,
) -> Result<Map> {
    let (name, value) = (text(&name, "name")?, text(&value, "value")?);
    Ok(
        test_execution::add_property(ctx, execution_id.0, name, value)
            .await?
            .to_map(),
    )
}

/// Finds properties of executions.
#[rpc(
    "TestExecution.properties",
    needs = "testruns.view_testexecutionproperty"
)]
pub(super) async fn properties(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<TestExecutionProperty>(ctx, &query.0, &PROPERTY).await
}

/// Attaches a tag by name and returns all tags of the execution.
#[rpc(
    "TestExecution.add_tag",
    needs = "testruns.add_testexecutiontag",
    context
)]
pub(super) async fn add_tag(ctx: &mut Ctx, execution_id: Pk, tag_name: Value) -> Result<Vec<Map>> {
    let tags = test_execution::add_tag(ctx, execution_id.0, &text(&tag_name, "name")?).await?;
    Ok(tags.iter().map(Tag::to_map).collect())
}

/// Detaches a tag by name and returns the remaining tags; an unknown tag is no error.
#[rpc("TestExecution.remove_tag", needs = "testruns.delete_testexecutiontag")]
pub(super) async fn remove_tag(
    ctx: &mut Ctx,
    execution_id: Pk,
    tag_name: Value,
) -> Result<Vec<Map>> {
    let execution: TestExecution = ctx.get(execution_id.0).await?;
    match existing_tag(ctx, &tag_name).await {
        Ok(tag) => test_execution::remove_tag(ctx, execution.id, &tag).await?,
        Err(Error::NotFound { .. }) => {}
        Err(other) => return Err(other),
    }
    let tags = test_execution::tags(ctx, execution.id).await?;
    Ok(tags.iter().map(Tag::to_map).collect())
}
