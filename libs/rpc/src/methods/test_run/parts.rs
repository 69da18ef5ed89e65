//! Tags, people and properties of a run.

use domain::query::{self, Selection};
use domain::tag::Tag;
use domain::test_run::{self, TestRun, TestRunProperty};
use domain::{Ctx, Result, form};
use entity::{Entity, Map, Table, Value};
use macros::rpc;

use super::super::argument::{LatePk, Pk, Query, conditions, existing_tag, text};

const PROPERTY: Selection = Selection {
    columns: &["id", "run", "name", "value"],
    distinct: true,
    order: &["run", "name", "value"],
};

/// Attaches a tag by name and returns all tags of the run.
#[rpc("TestRun.add_tag", needs = "testruns.add_testruntag", context)]
pub(super) async fn add_tag(ctx: &mut Ctx, run_id: Pk, tag_name: Value) -> Result<Vec<Map>> {
    let tags = test_run::add_tag(ctx, run_id.0, &text(&tag_name, "name")?).await?;
    Ok(tags.iter().map(Tag::to_map).collect())
}

/// Detaches a tag by name and returns the remaining tags of the run.
#[rpc("TestRun.remove_tag", needs = "testruns.delete_testruntag")]
pub(super) async fn remove_tag(ctx: &mut Ctx, run_id: LatePk, tag_name: Value) -> Result<Vec<Map>> {
    let tag = existing_tag(ctx, &tag_name).await?;
    let tags = test_run::remove_tag(ctx, run_id.read()?, &tag).await?;
    Ok(tags.iter().map(Tag::to_map).collect())
}

/// Adds a person, given as id, user name or address, to those who hear about the run.
#[rpc("TestRun.add_cc", needs = "testruns.change_testrun", context)]
pub(super) async fn add_cc(ctx: &mut Ctx, run_id: Pk, username: Value) -> Result<()> {
    let run: TestRun = ctx.get(run_id.0).await?;
    let user = form::find_user(ctx, &username).await?;
    test_run::add_cc(ctx, run.id, user).await
}

/// Removes a person, given as id, user name or address, from those who hear about the run.
#[rpc("TestRun.remove_cc", needs = "testruns.change_testrun", context)]
pub(super) async fn remove_cc(ctx: &mut Ctx, run_id: Pk, username: Value) -> Result<()> {
    let run: TestRun = ctx.get(run_id.0).await?;
    let user = form::find_user(ctx, &username).await?;
    test_run::remove_cc(ctx, run.id, user).await
}

/// Addresses of the people who hear about the run, by user name.
#[rpc("TestRun.get_cc", needs = "testruns.view_testrun")]
pub(super) async fn get_cc(ctx: &mut Ctx, run_id: Pk) -> Result<Vec<String>> {
    test_run::cc(ctx, run_id.0).await
}

/// Adds a property to a run; an equal one is returned as it is.
#[rpc("TestRun.add_property", needs = "testruns.add_property")]
pub(super) async fn add_property(
    ctx: &mut Ctx,
    run_id: Pk,
    name: Value,
    value: Value,
) -> Result<Map> {
    let (name, value) = (text(&name, "name")?, text(&value, "value")?);
    Ok(test_run::add_property(ctx, run_id.0, name, value)
        .await?
        .to_map())
}

/// Finds properties of runs.
#[rpc("TestRun.properties", needs = "testruns.view_property")]
pub(super) async fn properties(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<TestRunProperty>(ctx, &conditions(query), &PROPERTY).await
}
