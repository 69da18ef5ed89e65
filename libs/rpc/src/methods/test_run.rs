//! `TestRun.*`

mod attachments;
mod cases;
mod parts;

use domain::form::{self, Form};
use domain::query::{self, Selection};
use domain::test_case::TestCase;
use domain::test_plan::TestPlan;
use domain::test_run::{self, BUILD_OF_PLAN, TestRun};
use domain::{Ctx, Error, Result, deletion};
use entity::{Entity, Id, Map, Probe, Table, Value, probe, python};
use macros::rpc;

use super::argument::{Changes, Pk, Query, Values, conditions, echo_zones, is_empty};
use super::test_case::removed;
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "id",
        "start_date",
        "stop_date",
        "planned_start",
        "planned_stop",
        "summary",
        "notes",
        "plan",
        "plan__name",
        "build",
        "build__name",
        "build__version",
        "build__version__value",
        "build__version__product",
        "manager",
        "manager__username",
        "default_tester",
        "default_tester__username",
    ],
    distinct: true,
    order: &["id"],
};

/// Finds runs and returns them in the order of their ids.
#[rpc("TestRun.filter", needs = "testruns.view_testrun")]
async fn filter(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<TestRun>(ctx, &conditions(query), &ROW).await
}

/// Adds a run without executions. Its default tester is the caller unless said otherwise; its
/// build must be an active one of the plan's version.
#[rpc("TestRun.create", needs = "testruns.add_testrun", context)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut values = values.0;
    let plan = match values.get("plan") {
        empty if is_empty(empty) => None,
        Some(plan) => Some(find_plan(ctx, plan).await?),
        None => None,
    };
    if is_empty(values.get("default_tester")) {
        values.insert("default_tester".into(), ctx.user()?.id.into());
    }
    let plan_id: Id = plan.as_ref().map_or(0, |plan| plan.id);
    let mut form = Form::create(&values)
        .users(&["manager", "default_tester"])
        .limit("build", BUILD_OF_PLAN, vec![plan_id.into()]);
    for (field, message) in checked_extras(ctx, &values, plan.as_ref()).await? {
        form = form.error(field, message);
    }
    let mut run = TestRun::default();
    form.apply(ctx, &mut run).await?;
    test_run::create(ctx, &mut run).await?;
    let mut answer = run.to_map();
    echo_zones(&mut answer, &values);
    Ok(answer)
}

async fn find_plan(ctx: &mut Ctx, plan: &Value) -> Result<TestPlan> {
    let id = Id::try_from(form::primary_key(plan)?).unwrap_or_default();
    ctx.get(id).await.map_err(|error| match error {
        Error::NotFound { .. } => Error::refused("'NoneType' object has no attribute 'product_id'"),
        other => other,
    })
}

/// Checks the values that belong to the form of the page and are otherwise ignored here.
async fn checked_extras(
    ctx: &mut Ctx,
    values: &Map,
    plan: Option<&TestPlan>,
) -> Result<Vec<(&'static str, String)>> {
    let mut errors = vec![];
    let confirmed = "case_status_id IN (SELECT id FROM test_case_status WHERE is_confirmed)";
    if let Some(message) = wrong_list::<TestCase>(ctx, values.get("case"), confirmed).await? {
        errors.push(("case", message));
    }
    let product = values
        .get("product")
        .filter(|value| !value.is_null() && value.as_text() != Some(""));
    let own = plan.map(|plan| i64::from(plan.product.id()));
    if product.is_some_and(|product| form::primary_key(product).ok() != own) {
        errors.push(("product", form::CHOICE.to_owned()));
    }
    let matrix = values
        .get("matrix_type")
        .filter(|value| !is_empty(Some(value)));
    if let Some(other) = matrix
        .map(python::text)
        .filter(|text| text != "full" && text != "pairwise")
    {
        let message =
            format!("Select a valid choice. {other} is not one of the available choices.");
        errors.push(("matrix_type", message));
    }
    let environments = values.get("environment");
    if let Some(message) =
        wrong_list::<domain::environment::Environment>(ctx, environments, "TRUE").await?
    {
        errors.push(("environment", message));
    }
    Ok(errors)
}

/// What is wrong with a list of ids, if anything.
async fn wrong_list<E: Entity>(
    ctx: &mut Ctx,
    value: Option<&Value>,
    condition: &str,
) -> Result<Option<String>> {
    let ids = match value {
        empty if is_empty(empty) => return Ok(None),
        Some(Value::List(ids)) => ids,
        _ => return Ok(Some("Enter a list of values.".to_owned())),
    };
    for id in ids {
        let Ok(number) = form::primary_key(id) else {
            return Ok(Some(format!(
                "“{}” is not a valid value.",
                python::text(id)
            )));
        };
        let question = Probe::new(E::META)
            .equal("id", number.into())
            .and(condition, vec![]);
        if probe(ctx.conn(), &[question]).await?.concat().is_empty() {
            let text = python::text(id);
            let message =
                format!("Select a valid choice. {text} is not one of the available choices.");
            return Ok(Some(message));
        }
    }
    Ok(None)
}

/// Changes the given fields of a run. A build must be an active one of the plan's version, unless
/// the plan changes too.
#[rpc("TestRun.update", needs = "testruns.change_testrun", context)]
async fn update(ctx: &mut Ctx, run_id: Pk, values: Changes) -> Result<Map> {
    let values = values.0;
    let old: TestRun = ctx.get_for_update(run_id.0).await?;
    let mut new = old.clone();
    let mut form = Form::update(&values).users(&["manager", "default_tester"]);
    if !values.contains_key("plan") {
        form = form.limit("build", BUILD_OF_PLAN, vec![old.plan.id().into()]);
    }
    form.apply(ctx, &mut new).await?;
    test_run::update(ctx, &old, &new).await?;
    let mut answer = new.to_map();
    echo_zones(&mut answer, &values);
    Ok(answer)
}

/// Deletes the runs that meet the conditions, with everything that hangs on them.
#[rpc("TestRun.remove", needs = "testruns.delete_testrun")]
async fn remove(ctx: &mut Ctx, query: Query) -> Result<(i64, Map)> {
    let ids = query::ids::<TestRun>(ctx, &query.0).await?;
    Ok(removed(deletion::delete::<TestRun>(ctx, &ids).await?))
}

pub(super) const METHODS: &[Method] = &[
    FILTER,
    CREATE,
    UPDATE,
    REMOVE,
    cases::ADD_CASE,
    cases::ADD_CASES,
    cases::REMOVE_CASE,
    cases::GET_CASES,
    parts::ADD_TAG,
    parts::REMOVE_TAG,
    parts::ADD_CC,
    parts::REMOVE_CC,
    parts::GET_CC,
    parts::ADD_PROPERTY,
    parts::PROPERTIES,
    attachments::ADD_ATTACHMENT,
    attachments::LIST_ATTACHMENTS,
];
