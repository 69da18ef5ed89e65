//! Everything that the page of a run shows.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{Column, Id, Map, Value, sql};

use crate::query::{self, Selection};
use crate::test_execution::TestExecution;
use crate::{Ctx, Error, Result};

/// How many executions have a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, macros::Row)]
pub struct StatusCount {
    /// Id of the status.
    pub status: Id,
    /// Number of executions.
    pub count: i64,
}

/// A run with the names of what it refers to.
#[derive(Debug, Clone, macros::Row)]
pub struct RunDetails {
    /// Id of the run.
    pub id: Id,
    /// Summary.
    pub summary: String,
    /// Markdown.
    pub notes: String,
    /// Id of the plan.
    pub plan_id: Id,
    /// Name of the plan.
    pub plan: String,
    /// Id of the product.
    pub product_id: Id,
    /// Name of the product.
    pub product: String,
    /// Id of the version.
    pub version_id: Id,
    /// Version.
    pub version: String,
    /// Id of the build.
    pub build_id: Id,
    /// Name of the build.
    pub build: String,
    /// Id of the manager.
    pub manager_id: Id,
    /// User name of the manager.
    pub manager: String,
    /// Full name of the manager.
    pub manager_name: String,
    /// Id of the default tester.
    pub default_tester_id: Option<Id>,
    /// User name of the default tester.
    pub default_tester: Option<String>,
    /// Full name of the default tester.
    pub default_tester_name: Option<String>,
    /// When it ought to begin.
    pub planned_start: Option<DateTime<Utc>>,
    /// When it began.
    pub start_date: Option<DateTime<Utc>>,
    /// When it ought to end.
    pub planned_stop: Option<DateTime<Utc>>,
    /// When it ended.
    pub stop_date: Option<DateTime<Utc>>,
    /// Names of the tags, ascending.
    pub tags: Vec<String>,
    /// Names of the properties, parallel to `property_values`.
    pub property_names: Vec<String>,
    /// Values of the properties.
    pub property_values: Vec<String>,
    /// Executions by status, of the whole run.
    #[later]
    pub counts: Vec<StatusCount>,
}

/// One line of the list of executions.
#[derive(Debug, Clone)]
pub struct ExecutionLine {
    /// Id of the execution.
    pub id: Id,
    /// Id of the case.
    pub case_id: Id,
    /// Summary of the case.
    pub summary: String,
    /// Id of the status.
    pub status_id: Id,
    /// Priority of the case.
    pub priority: String,
    /// Category of the case.
    pub category: String,
    /// User name of who ought to do it.
    pub assignee: Option<String>,
    /// User name of who did it.
    pub tested_by: Option<String>,
}

/// Reads a run; a missing run comes before a missing permission.
pub async fn details(ctx: &mut Ctx, run: Id) -> Result<RunDetails> {
    let found: Option<RunDetails> = sql::query_as(
        "SELECT r.id, r.summary, r.notes, r.plan_id, p.name AS plan,
                v.product_id, d.name AS product, b.version_id, v.value AS version,
                r.build_id, b.name AS build,
                r.manager_id, m.username AS manager,
                concat_ws(' ', NULLIF(m.first_name, ''), NULLIF(m.last_name, '')) AS manager_name,
                r.default_tester_id, t.username AS default_tester,
                concat_ws(' ', NULLIF(t.first_name, ''), NULLIF(t.last_name, ''))
                    AS default_tester_name,
                r.planned_start, r.start_date, r.planned_stop, r.stop_date,
                ARRAY(SELECT g.name::text
                      FROM tag g
                      JOIN test_run_tag l ON l.tag_id = g.id
                      WHERE l.run_id = r.id
                      ORDER BY g.name) AS tags,
                ARRAY(SELECT name::text FROM test_run_property WHERE run_id = r.id
                      ORDER BY name, value) AS property_names,
                ARRAY(SELECT value::text FROM test_run_property WHERE run_id = r.id
                      ORDER BY name, value) AS property_values
         FROM test_run r
         JOIN test_plan p ON p.id = r.plan_id
         JOIN build b ON b.id = r.build_id
         JOIN version v ON v.id = b.version_id
         JOIN product d ON d.id = v.product_id
         JOIN member m ON m.id = r.manager_id
         LEFT JOIN member t ON t.id = r.default_tester_id
         WHERE r.id = $1",
    )
    .bind(run)
    .fetch_optional(ctx.conn())
    .await?;
    let mut details = found.ok_or(Error::NotFound { entity: "TestRun" })?;
    ctx.require("testruns.view_testrun")?;
    details.counts = counts(ctx, run).await?;
    Ok(details)
}

/// The executions of a run in their order; with `statuses` only those that have one of them.
pub async fn lines(ctx: &mut Ctx, run: Id, statuses: &[Id]) -> Result<Vec<ExecutionLine>> {
    lines_where(ctx, run, statuses, &[]).await
}

/// Some executions of a run in their order.
pub async fn some_lines(ctx: &mut Ctx, run: Id, executions: &[Id]) -> Result<Vec<ExecutionLine>> {
    lines_where(ctx, run, &[], executions).await
}

/// An empty list of statuses or executions means all of them.
async fn lines_where(
    ctx: &mut Ctx,
    run: Id,
    statuses: &[Id],
    executions: &[Id],
) -> Result<Vec<ExecutionLine>> {
    const LINE: Selection = Selection {
        columns: &[
            "id",
            "case",
            "case__summary",
            "status",
            "case__priority__value",
            "case__category__name",
            "assignee__username",
            "tested_by__username",
        ],
        distinct: false,
        order: &["sortkey", "id"],
    };
    let mut conditions = Map::from_iter([("run".into(), run.into())]);
    for (name, ids) in [("status__in", statuses), ("id__in", executions)] {
        if !ids.is_empty() {
            let ids = ids.iter().map(|id| Value::from(*id)).collect();
            conditions.insert(name.into(), Value::List(ids));
        }
    }
    let table = query::select::<TestExecution>(ctx, &conditions, &LINE).await?;
    table
        .rows()
        .map(|row| {
            let mut cells = row.cells().map(Value::from);
            Ok(ExecutionLine {
                id: put(cells.next())?,
                case_id: put(cells.next())?,
                summary: put(cells.next())?,
                status_id: put(cells.next())?,
                priority: put(cells.next())?,
                category: put(cells.next())?,
                assignee: put(cells.next())?,
                tested_by: put(cells.next())?,
            })
        })
        .collect()
}

fn put<C: Column>(cell: Option<Value>) -> Result<C> {
    Ok(C::put(cell.unwrap_or_default())?)
}

/// The executions of a run by status.
pub async fn counts(ctx: &mut Ctx, run: Id) -> Result<Vec<StatusCount>> {
    let counts = sql::query_as(
        "SELECT status_id AS status, count(*)
         FROM test_execution
         WHERE run_id = $1
         GROUP BY status_id",
    );
    Ok(counts.bind(run).fetch_all(ctx.conn()).await?)
}

/// The executions of these runs by status.
pub async fn counts_of(ctx: &mut Ctx, runs: &[Id]) -> Result<HashMap<Id, Vec<StatusCount>>> {
    let rows: Vec<(Id, Id, i64)> = sql::query_as(
        "SELECT run_id, status_id, count(*)
         FROM test_execution
         WHERE run_id = ANY($1)
         GROUP BY run_id, status_id",
    )
    .bind(runs)
    .fetch_all(ctx.conn())
    .await?;
    let mut counts: HashMap<Id, Vec<StatusCount>> = HashMap::new();
    for (run, status, count) in rows {
        counts
            .entry(run)
            .or_default()
            .push(StatusCount { status, count });
    }
    Ok(counts)
}
