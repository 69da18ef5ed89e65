//! `Bug.*`

use domain::bug::{self, Bug};
use domain::comment::Subject;
use domain::form::Form;
use domain::query::{self, Selection};
use domain::tracker::{self, Filed};
use domain::{Ctx, Error, Result, deletion};
use entity::{Entity, Map, Table, Value, python};
use macros::rpc;

use super::argument::{Pk, Query, Values, echo_zones, existing_tag, is_empty, text};
use super::attachment::{self, Content};
use super::comment;
use crate::Method;

const ROW: Selection = Selection {
    columns: &[
        "pk",
        "summary",
        "created_at",
        "product__name",
        "version__value",
        "build__name",
        "reporter__username",
        "assignee__username",
        "severity__name",
        "severity__color",
        "severity__icon",
    ],
    distinct: true,
    order: &["id"],
};

const CANONICAL: Selection = Selection {
    columns: &[
        "id",
        "summary",
        "created_at",
        "status",
        "reporter",
        "assignee",
        "product",
        "version",
        "build",
        "severity",
    ],
    distinct: true,
    order: &["id"],
};

/// Finds bugs and returns them with the names of what they refer to.
#[rpc("Bug.filter", needs = "bugs.view_bug", bugs)]
async fn filter(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Bug>(ctx, &query.0, &ROW).await
}

/// Finds bugs and returns them with the ids of what they refer to.
#[rpc("Bug.filter_canonical", needs = "bugs.view_bug", bugs)]
async fn filter_canonical(ctx: &mut Ctx, query: Query) -> Result<Table> {
    query::select::<Bug>(ctx, &query.0, &CANONICAL).await
}

/// Adds a bug. It is open and reported by the caller unless said otherwise.
#[rpc("Bug.create", needs = "bugs.add_bug", bugs, context)]
async fn create(ctx: &mut Ctx, values: Values) -> Result<Map> {
    let mut values = values.0;
    values.entry("status".into()).or_insert(true.into());
    if is_empty(values.get("reporter")) {
        values.insert("reporter".into(), ctx.user()?.id.into());
    }
    let mut bug = Bug::default();
    let form = Form::create(&values)
        .users(&["assignee"])
        .last(&["created_at"]);
    form.apply(ctx, &mut bug).await?;
    ctx.insert(&mut bug).await?;
    let mut answer = bug.to_map();
    echo_zones(&mut answer, &values);
    answer.insert("executions".into(), Value::List(vec![]));
    answer.insert("tags".into(), Value::List(vec![]));
    Ok(answer)
}

/// Deletes the bugs that meet the conditions.
#[rpc("Bug.remove", needs = "bugs.delete_bug", bugs)]
async fn remove(ctx: &mut Ctx, query: Query) -> Result<()> {
    let ids = query::ids::<Bug>(ctx, &query.0).await?;
    deletion::delete::<Bug>(ctx, &ids).await?;
    Ok(())
}

/// Attaches a tag by name; a new one is made if the caller may make tags.
#[rpc("Bug.add_tag", needs = "bugs.add_bug_tags", bugs, context)]
async fn add_tag(ctx: &mut Ctx, bug_id: Pk, tag: Value) -> Result<()> {
    bug::add_tag(ctx, bug_id.0, &text(&tag, "name")?).await
}

/// Detaches a tag by name.
#[rpc("Bug.remove_tag", needs = "bugs.delete_bug_tags", bugs)]
async fn remove_tag(ctx: &mut Ctx, bug_id: Pk, tag: Value) -> Result<()> {
    let bug: Bug = ctx.get(bug_id.0).await?;
    let tag = existing_tag(ctx, &tag).await?;
    bug::remove_tag(ctx, bug.id, &tag).await
}

/// Connects a bug with an execution.
#[rpc("Bug.add_execution", needs = "bugs.add_bug_executions", bugs)]
async fn add_execution(ctx: &mut Ctx, bug_id: Pk, execution_id: Pk) -> Result<()> {
    bug::add_execution(ctx, bug_id.0, execution_id.0).await
}

/// Posts a comment. Superusers may name another author and another time.
#[rpc(
    "Bug.add_comment",
    needs = "django_comments.add_comment",
    bugs,
    context
)]
async fn add_comment(
    ctx: &mut Ctx,
    bug_id: Pk,
    comment: Value,
    user_id: Option<Value>,
    submit_date: Option<Value>,
) -> Result<Map> {
    comment::known_author(ctx, user_id.as_ref()).await?;
    comment::add::<Bug>(ctx, Subject::Bug, bug_id.0, &comment, user_id, submit_date).await
}

/// The comments of a bug, oldest first.
#[rpc("Bug.get_comments", needs = "django_comments.view_comment", bugs)]
async fn get_comments(ctx: &mut Ctx, bug_id: Pk) -> Result<Vec<Map>> {
    comment::list::<Bug>(ctx, Subject::Bug, bug_id.0).await
}

/// What the tracker that owns a URL knows about the issue behind it; nothing without such a tracker.
#[rpc("Bug.details", login, context, read)]
async fn details(ctx: &mut Ctx, url: Value) -> Result<Map> {
    let Value::Text(url) = &url else {
        let kind = python::type_name(&url);
        return Err(Error::Type(format!("url must be a text, not {kind}")));
    };
    let details = tracker::details(ctx, url).await?;
    Ok(details.map(Map::from).unwrap_or_default())
}

/// Files an issue about an execution in a tracker and links it. `rc` is 0 and `response` the URL of
/// the issue, or `rc` is 1 and `response` says why not. Needs `testruns.view_testexecution` too.
#[rpc("Bug.report", needs = "linkreference.add_linkreference", context)]
async fn report(ctx: &mut Ctx, execution_id: Pk, tracker_id: Pk) -> Result<Map> {
    ctx.require("testruns.view_testexecution")?;
    let (rc, response) = match tracker::report(ctx, execution_id.0, tracker_id.0).await? {
        Filed::At(url) => (0, url),
        Filed::Not(reason) => (1, reason),
    };
    Ok(Map::from_iter([
        ("rc".into(), rc.into()),
        ("response".into(), response.into()),
    ]))
}

/// Attaches a file to a bug.
#[rpc("Bug.add_attachment", needs = "attachments.add_attachment", context)]
async fn add_attachment(
    ctx: &mut Ctx,
    bug_id: Pk,
    filename: Value,
    b64content: Content,
) -> Result<()> {
    attachment::add::<Bug>(ctx, bug_id.0, &filename, b64content).await?;
    Ok(())
}

/// The files of a bug, newest first.
#[rpc("Bug.list_attachments", needs = "attachments.view_attachment", context)]
async fn list_attachments(ctx: &mut Ctx, bug_id: Pk) -> Result<Vec<Map>> {
    attachment::list::<Bug>(ctx, bug_id.0).await
}

pub(super) const METHODS: &[Method] = &[
    FILTER,
    FILTER_CANONICAL,
    CREATE,
    REMOVE,
    ADD_TAG,
    REMOVE_TAG,
    ADD_EXECUTION,
    ADD_COMMENT,
    GET_COMMENTS,
    DETAILS,
    REPORT,
    ADD_ATTACHMENT,
    LIST_ATTACHMENTS,
];
