//! `TestExecution.*`

mod attachments;
mod comments;
mod parts;

use domain::form::Form;
use domain::query::{self, Selection};
use domain::tag::Tag;
use domain::test_execution::{self, TestExecution};
use domain::{Ctx, Result, deletion};
use entity::{Entity, Id, Map, Table, Value};
use macros::rpc;

use super::argument::{Pk, Query, Rows, Values, echo_zones};
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "id",
        "assignee",
        "assignee__username",
        "tested_by",
        "tested_by__username",
        "case_text_version",
        "start_date",
        "stop_date",
        "sortkey",
        "run",
        "case",
        "case__summary",
        "build",
        "build__name",
        "status",
        "status__name",
        "status__icon",
        "status__color",
        "expected_duration",
        "actual_duration",
    ],
    distinct: true,
    order: &["id"],
};

/// An execution as the writing methods return it.
pub(super) fn row(execution: &TestExecution, tags: &[Tag]) -> Map {
    let mut map = execution.to_map();
    let tags: Vec<Value> = tags.iter().map(|tag| tag.to_map().into()).collect();
    map.insert("tag".into(), tags.into());
    map
}

/// Finds executions and returns them in the order of their ids.
#[rpc("TestExecution.filter", needs = "testruns.view_testexecution")]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<TestExecution>(ctx, &query.0, &ROW).await
}

/// Adds an execution exactly as given.
#[rpc("TestExecution.create", needs = "testruns.add_testexecution", context)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut execution = TestExecution::default();
    let form = Form::create(&values.0).users(&["assignee", "tested_by"]);
    form.apply(ctx, &mut execution).await?;
    ctx.insert(&mut execution).await?;
    let mut answer = row(&execution, &[]);
    echo_zones(&mut answer, &values.0);
    Ok(answer)
}

/// Changes the given fields of an execution: records a result.
#[rpc(
    "TestExecution.update",
    needs = "testruns.change_testexecution",
    context
)]
async fn update(ctx: &mut Ctx, execution_id: Pk, values: Values) -> Result<Map> {
    let execution = test_execution::update(ctx, execution_id.0, &values.0).await?;
    let names = test_execution::references(ctx, execution.id).await?;
    let mut answer = row(&execution, &names.tags());
    answer.extend([
        ("assignee__username".into(), names.assignee.into()),
        ("tested_by__username".into(), names.tested_by.into()),
        ("case__summary".into(), names.case.into()),
        ("build__name".into(), names.build.into()),
        ("status__name".into(), names.status.into()),
    ]);
    echo_zones(&mut answer, &values.0);
    Ok(answer)
}

/// Changes executions, up to 10,000 at once: each object holds an `id` and the fields to be changed, as
/// for `TestExecution.update`. All of them are changed, or none if one cannot be. Returns the ids.
///
/// An addition: Kiwi TCMS has no such method.
#[rpc(
    "TestExecution.update_many",
    needs = "testruns.change_testexecution",
    context
)]
async fn update_many(ctx: &mut Ctx, values: Rows) -> Result<Vec<Value>> {
    let changed = test_execution::update_many(ctx, values.changes()?).await?;
    Ok(changed
        .iter()
        .map(|execution| execution.id.into())
        .collect())
}

/// The records of an execution, newest first.
#[rpc(
    "TestExecution.history",
    needs = "testruns.view_historicaltestexecution"
)]
async fn history(ctx: &mut Ctx, execution_id: Pk) -> Result<Vec<Value>> {
    let execution: TestExecution = ctx.get(execution_id.0).await?;
    let records = domain::history::records(ctx, "testexecution", execution.id).await?;
    let object = |record: domain::history::Record| {
        Value::object([
            ("history_user__username", record.username.into()),
            ("history_change_reason", record.reason.into()),
            ("history_date", record.at.into()),
        ])
    };
    Ok(records.into_iter().map(object).collect())
}

/// Deletes the executions that meet the conditions.
#[rpc("TestExecution.remove", needs = "testruns.delete_testexecution")]
async fn remove(ctx: &mut Ctx, query: Query) -> Result<()> {
    let ids: Vec<Id> = query::ids::<TestExecution>(ctx, &query.0).await?;
    deletion::delete::<TestExecution>(ctx, &ids).await?;
    Ok(())
}

pub(super) const METHODS: &[Method] = &[
    FILTER,
    CREATE,
    UPDATE,
    UPDATE_MANY,
    HISTORY,
    REMOVE,
    parts::ADD_LINK,
    parts::GET_LINKS,
    parts::REMOVE_LINK,
    parts::ADD_PROPERTY,
    parts::PROPERTIES,
    parts::ADD_TAG,
    parts::REMOVE_TAG,
    comments::ADD_COMMENT,
    comments::REMOVE_COMMENT,
    comments::GET_COMMENTS,
    attachments::ADD_ATTACHMENT,
    attachments::LIST_ATTACHMENTS,
];
