//! Everything that is shown about one execution.

use chrono::{DateTime, Utc};
use entity::{Id, repository, sql};

use super::properties_of;
use crate::comment::{self, Comment, Subject};
use crate::link_reference::LinkReference;
use crate::{Ctx, Error, Result};

/// An execution with the names of what it refers to, and the text in the version that it follows.
#[derive(Debug, Clone, macros::Row)]
pub struct ExecutionDetails {
    /// Id of the execution.
    pub id: Id,
    /// Id of the run.
    pub run_id: Id,
    /// Summary of the run.
    pub run: String,
    /// Id of the case.
    pub case_id: Id,
    /// Summary of the case.
    pub summary: String,
    /// Markdown, in the version that the execution follows.
    pub text: String,
    /// Markdown, of the case as it is now.
    pub notes: String,
    /// The version of the text that the execution follows.
    pub text_version: Id,
    /// Newer versions exist, and their text differs.
    pub outdated: bool,
    /// Id of the status.
    pub status_id: Id,
    /// Priority of the case.
    pub priority: String,
    /// Category of the case.
    pub category: String,
    /// The case is run by a script.
    pub is_automated: bool,
    /// Name of the build.
    pub build: String,
    /// Id of who ought to do it.
    pub assignee_id: Option<Id>,
    /// User name of who ought to do it.
    pub assignee: Option<String>,
    /// Full name of who ought to do it.
    pub assignee_name: Option<String>,
    /// Id of who did it.
    pub tested_by_id: Option<Id>,
    /// User name of who did it.
    pub tested_by: Option<String>,
    /// Full name of who did it.
    pub tested_by_name: Option<String>,
    /// Started at.
    pub start_date: Option<DateTime<Utc>>,
    /// Finished at.
    pub stop_date: Option<DateTime<Utc>>,
    /// `name=value` pairs.
    #[later]
    pub properties: Vec<(String, String)>,
    /// Comments, oldest first; empty without the permission to read them.
    #[later]
    pub comments: Vec<Comment>,
    /// Links, oldest first; empty without the permission to read them.
    #[later]
    pub links: Vec<LinkReference>,
    /// What happened, newest first; `None` without the permission to read it.
    #[later]
    pub history: Option<Vec<Event>>,
}

/// One moment in the life of an execution, with the names as they are now.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the server itself.
    pub by: Option<String>,
    /// What changed: field, before, after.
    pub changes: Vec<(&'static str, String, String)>,
}

/// The neighbours of an execution in the list of its run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbours {
    /// Position, counted from 1.
    pub position: usize,
    /// Length of the list.
    pub total: usize,
    /// The one before.
    pub previous: Option<Id>,
    /// The one after.
    pub next: Option<Id>,
}

/// Reads an execution; a missing one comes before a missing permission.
pub async fn details(ctx: &mut Ctx, execution: Id) -> Result<ExecutionDetails> {
    let found: Option<ExecutionDetails> = sql::query_as(
        "SELECT e.id, e.run_id, r.summary AS run, e.case_id, c.summary,
                COALESCE(h.row ->> 'text', c.text) AS text, COALESCE(c.notes, '') AS notes,
                e.case_text_version AS text_version,
                COALESCE(h.row ->> 'text', c.text) <> c.text AS outdated,
                e.status_id, p.value AS priority, g.name AS category, c.is_automated,
                b.name AS build,
                e.assignee_id, a.username AS assignee,
                concat_ws(' ', NULLIF(a.first_name, ''), NULLIF(a.last_name, ''))
                    AS assignee_name,
                e.tested_by_id, t.username AS tested_by,
                concat_ws(' ', NULLIF(t.first_name, ''), NULLIF(t.last_name, ''))
                    AS tested_by_name,
                e.start_date, e.stop_date
         FROM test_execution e
         JOIN test_run r ON r.id = e.run_id
         JOIN test_case c ON c.id = e.case_id
         JOIN priority p ON p.id = c.priority_id
         JOIN category g ON g.id = c.category_id
         JOIN build b ON b.id = e.build_id
         LEFT JOIN member a ON a.id = e.assignee_id
         LEFT JOIN member t ON t.id = e.tested_by_id
         LEFT JOIN history h
             ON h.id = e.case_text_version AND h.kind = 'testcase' AND h.object_id = e.case_id
         WHERE e.id = $1",
    )
    .bind(execution)
    .fetch_optional(ctx.conn())
    .await?;
    let mut details = found.ok_or(Error::NotFound {
        entity: "TestExecution",
    })?;
    ctx.require("testruns.view_testrun")?;
    details.properties = properties_of(ctx, &[execution])
        .await?
        .remove(&execution)
        .unwrap_or_default();
    if ctx.may("django_comments.view_comment") {
        details.comments = comment::list(ctx, Subject::TestExecution, execution).await?;
    }
    if ctx.may("linkreference.view_linkreference") {
        details.links = repository::find(ctx.conn(), &[("execution_id", execution.into())]).await?;
    }
    if ctx.may("testruns.view_historicaltestexecution") {
        details.history = Some(events(ctx, execution).await?);
    }
    Ok(details)
}

/// One snapshot with names in place of ids.
#[derive(macros::Row)]
struct Snapshot {
    at: DateTime<Utc>,
    by: Option<String>,
    status: Option<String>,
    assignee: Option<String>,
    tested_by: Option<String>,
    build: Option<String>,
    text_version: Option<String>,
}

async fn events(ctx: &mut Ctx, execution: Id) -> Result<Vec<Event>> {
    let snapshots: Vec<Snapshot> = sql::query_as(
        "SELECT h.at, m.username AS by, s.name AS status, a.username AS assignee,
                t.username AS tested_by, b.name AS build,
                h.row ->> 'case_text_version' AS text_version
         FROM history h
         LEFT JOIN member m ON m.id = h.by_id
         LEFT JOIN test_execution_status s ON s.id = (h.row ->> 'status_id')::int4
         LEFT JOIN member a ON a.id = (h.row ->> 'assignee_id')::int4
         LEFT JOIN member t ON t.id = (h.row ->> 'tested_by_id')::int4
         LEFT JOIN build b ON b.id = (h.row ->> 'build_id')::int4
         WHERE h.kind = 'testexecution' AND h.object_id = $1
         ORDER BY h.id",
    )
    .bind(execution)
    .fetch_all(ctx.conn())
    .await?;
    let mut events: Vec<Event> = vec![];
    for (index, snapshot) in snapshots.iter().enumerate() {
        let before = index.checked_sub(1).map(|index| &snapshots[index]);
        let changes = before
            .map(|before| changes(before, snapshot))
            .unwrap_or_default();
        events.push(Event {
            at: snapshot.at,
            by: snapshot.by.clone(),
            changes,
        });
    }
    events.reverse();
    Ok(events)
}

fn changes(before: &Snapshot, after: &Snapshot) -> Vec<(&'static str, String, String)> {
    let pairs = [
        ("status", &before.status, &after.status),
        ("assignee", &before.assignee, &after.assignee),
        ("tested_by", &before.tested_by, &after.tested_by),
        ("build", &before.build, &after.build),
        (
            "case_text_version",
            &before.text_version,
            &after.text_version,
        ),
    ];
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let changed = pairs
        .into_iter()
        .filter(|(_, before, after)| before != after);
    changed
        .map(|(field, before, after)| (field, text(before), text(after)))
        .collect()
}

/// Where the execution stands in the list of its run, limited to some statuses.
pub async fn neighbours(
    ctx: &mut Ctx,
    run: Id,
    execution: Id,
    statuses: &[Id],
) -> Result<Option<Neighbours>> {
    let rows: Vec<(Id,)> = sql::query_as(
        "SELECT id
         FROM test_execution
         WHERE run_id = $1
           AND (cardinality($2::int4[]) = 0 OR status_id = ANY($2) OR id = $3)
         ORDER BY sortkey, id",
    )
    .bind(run)
    .bind(statuses)
    .bind(execution)
    .fetch_all(ctx.conn())
    .await?;
    let ids: Vec<Id> = rows.into_iter().map(|(id,)| id).collect();
    let Some(index) = ids.iter().position(|id| *id == execution) else {
        return Ok(None);
    };
    Ok(Some(Neighbours {
        position: index + 1,
        total: ids.len(),
        previous: index.checked_sub(1).map(|before| ids[before]),
        next: ids.get(index + 1).copied(),
    }))
}
