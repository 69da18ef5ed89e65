//! `TestCase.*`

mod attachments;
mod comments;
mod parts;

use domain::form::Form;
use domain::query::{self, Selection};
use domain::test_case::{self, TestCase};
use domain::{Ctx, Result, deletion};
use entity::{Entity, Id, Map, Row, Table, Value};
use macros::rpc;

use super::argument::{Changes, Pk, Query, Rows, Values, conditions, echo_zones, is_empty};
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "id",
        "create_date",
        "history_date",
        "is_automated",
        "script",
        "arguments",
        "extra_link",
        "summary",
        "requirement",
        "notes",
        "text",
        "case_status",
        "case_status__name",
        "category",
        "category__name",
        "priority",
        "priority__value",
        "author",
        "author__username",
        "default_tester",
        "default_tester__username",
        "reviewer",
        "reviewer__username",
        "setup_duration",
        "testing_duration",
        "expected_duration",
    ],
    distinct: true,
    order: &["id"],
};

const NAMES: Selection = Selection {
    columns: &[
        "case_status__name",
        "category__name",
        "priority__value",
        "author__username",
        "default_tester__username",
        "reviewer__username",
    ],
    distinct: false,
    order: &["id"],
};

/// A case as `create`, `update` and `TestPlan.add_case` return it.
pub(super) fn full(case: &TestCase) -> Map {
    case.to_map()
}

/// The same with durations as text, where null is the text `None`.
fn with_durations_as_text(case: &TestCase) -> Map {
    let mut map = full(case);
    for (name, span) in [
        ("setup_duration", case.setup_duration),
        ("testing_duration", case.testing_duration),
    ] {
        let text = span.map_or_else(|| "None".to_owned(), |span| span.to_string());
        map.insert(name.into(), text.into());
    }
    map
}

/// Finds cases and returns them in the order of their ids.
#[rpc("TestCase.filter", needs = "testcases.view_testcase")]
async fn filter(ctx: &mut Ctx, query: Option<Query>) -> Result<Table> {
    query::select::<TestCase>(ctx, &conditions(query), &ROW).await
}

/// Adds a case. Its author is the caller unless said otherwise.
#[rpc("TestCase.create", needs = "testcases.add_testcase", context)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let values = with_author(values.0, ctx.user()?.id);
    let mut case = TestCase::default();
    new_form(&values).apply(ctx, &mut case).await?;
    test_case::create(ctx, &mut case).await?;
    let mut answer = with_durations_as_text(&case);
    echo_zones(&mut answer, &values);
    Ok(answer)
}

/// Adds cases, up to 10,000 at once: each object is one as for `TestCase.create`. All of them are
/// added, or none if one cannot be. Returns the ids in the order of the objects.
///
/// An addition: Kiwi TCMS has no such method.
#[rpc("TestCase.create_many", needs = "testcases.add_testcase", context)]
async fn create_many(ctx: &mut Ctx, values: Rows) -> Result<Vec<Value>> {
    let me = ctx.user()?.id;
    let rows: Vec<Map> = values
        .0
        .into_iter()
        .map(|row| with_author(row, me))
        .collect();
    let made = test_case::create_many(ctx, rows.iter().map(new_form).collect()).await?;
    Ok(made.iter().map(|case| case.id.into()).collect())
}

/// The values of a new case, whose author is the caller unless somebody is named.
fn with_author(mut values: Map, me: Id) -> Map {
    if is_empty(values.get("author")) && is_empty(values.get("author_id")) {
        values.insert("author".into(), me.into());
    }
    values
}

/// How the values of a new case are read.
fn new_form(values: &Map) -> Form<'_> {
    Form::create(values)
        .skip(&["reviewer"])
        .last(&["create_date"])
}

/// Changes cases, up to 10,000 at once: each object holds an `id` and the fields to be changed, as for
/// `TestCase.update`. All of them are changed, or none if one cannot be. Returns the ids.
///
/// An addition: Kiwi TCMS has no such method.
#[rpc("TestCase.update_many", needs = "testcases.change_testcase", context)]
async fn update_many(ctx: &mut Ctx, values: Rows) -> Result<Vec<Value>> {
    let changed = test_case::update_many(ctx, values.changes()?).await?;
    Ok(changed.iter().map(|case| case.id.into()).collect())
}

/// Changes the given fields of a case.
#[rpc("TestCase.update", needs = "testcases.change_testcase", context)]
async fn update(ctx: &mut Ctx, case_id: Pk, values: Changes) -> Result<Map> {
    let old: TestCase = ctx.get_for_update(case_id.0).await?;
    let mut new = old.clone();
    test_case::changed_form(&values.0)
        .apply(ctx, &mut new)
        .await?;
    test_case::update(ctx, &old, &new).await?;
    let mut answer = with_durations_as_text(&new);
    let own = Map::from_iter([("id".into(), new.id.into())]);
    let names = query::select::<TestCase>(ctx, &own, &NAMES).await?;
    answer.extend(names.to_maps().into_iter().flatten());
    Ok(answer)
}

/// The places of cases in plans: an object from case to sort key.
#[rpc("TestCase.sortkeys", needs = "testcases.view_testcase")]
async fn sortkeys(ctx: &mut Ctx, query: Option<Query>) -> Result<Map> {
    const PLACE: Selection = Selection {
        columns: &["case", "sortkey"],
        distinct: false,
        order: &["id"],
    };
    let places = query::select::<test_case::TestCasePlan>(ctx, &conditions(query), &PLACE).await?;
    let pair = |row: Row<'_>| {
        let case = row.get(0).as_int().unwrap_or_default();
        (case.to_string().into(), row.get(1).into())
    };
    Ok(places.rows().map(pair).collect())
}

/// The records of a case, newest first.
#[rpc("TestCase.history", needs = "testcases.view_testcase")]
async fn history(ctx: &mut Ctx, case_id: Pk, query: Option<Query>) -> Result<Table> {
    test_case::history(ctx, case_id.0, &conditions(query)).await
}

/// Deletes the cases that meet the conditions, with everything that hangs on them.
#[rpc("TestCase.remove", needs = "testcases.delete_testcase")]
async fn remove(ctx: &mut Ctx, query: Query) -> Result<(i64, Map)> {
    let ids = query::ids::<TestCase>(ctx, &query.0).await?;
    Ok(removed(deletion::delete::<TestCase>(ctx, &ids).await?))
}

/// The number of deleted rows, and what they were.
pub(super) fn removed(counts: deletion::Counts) -> (i64, Map) {
    let total = counts.iter().map(|(_, count)| count).sum();
    (
        total,
        counts
            .into_iter()
            .map(|(label, count)| (label.into(), count.into()))
            .collect(),
    )
}

pub(super) const METHODS: &[Method] = &[
    FILTER,
    CREATE,
    CREATE_MANY,
    UPDATE,
    UPDATE_MANY,
    SORTKEYS,
    HISTORY,
    REMOVE,
    parts::ADD_COMPONENT,
    parts::REMOVE_COMPONENT,
    parts::ADD_TAG,
    parts::REMOVE_TAG,
    parts::ADD_NOTIFICATION_CC,
    parts::REMOVE_NOTIFICATION_CC,
    parts::GET_NOTIFICATION_CC,
    parts::ADD_PROPERTY,
    parts::PROPERTIES,
    parts::REMOVE_PROPERTY,
    comments::ADD_COMMENT,
    comments::REMOVE_COMMENT,
    comments::COMMENTS,
    attachments::ADD_ATTACHMENT,
    attachments::LIST_ATTACHMENTS,
];
