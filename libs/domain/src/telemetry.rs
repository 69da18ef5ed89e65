//! Numbers about cases and executions, for charts (spec 02 §6.3).

use std::collections::BTreeSet;

use entity::{Id, Map, sql};

use crate::query::{Selection, summarise};
use crate::test_case::TestCase;
use crate::test_execution::TestExecution;
use crate::{Ctx, Result};

/// The executions that are counted.
const EXECUTIONS: Selection = Selection {
    columns: &["id", "case", "run", "status"],
    distinct: true,
    order: &[],
};

/// How many cases there are, by what they are labelled with.
#[derive(Debug, Clone, macros::Row)]
pub struct Breakdown {
    /// The cases are in a confirmed status.
    pub is_confirmed: bool,
    /// The cases are run by a script.
    pub is_automated: bool,
    /// Their priority.
    pub priority: String,
    /// Their category.
    pub category: String,
    /// How many.
    pub count: i64,
}

/// The cases by status kind, automation, priority and category.
pub async fn breakdown(ctx: &mut Ctx, cases: &Map) -> Result<Vec<Breakdown>> {
    const CASES: Selection = Selection {
        columns: &["id", "case_status", "is_automated", "priority", "category"],
        distinct: true,
        order: &[],
    };
    summarise::<TestCase, _>(
        ctx,
        cases,
        &CASES,
        "SELECT s.is_confirmed, c.is_automated, p.value AS priority, g.name AS category, c.count
         FROM (
             SELECT status_id, is_automated, priority_id, category_id, count(*) AS count
             FROM",
        "AS c (id, status_id, is_automated, priority_id, category_id)
             GROUP BY status_id, is_automated, priority_id, category_id
         ) c
         JOIN test_case_status s ON s.id = c.status_id
         JOIN priority p ON p.id = c.priority_id
         JOIN category g ON g.id = c.category_id
         ORDER BY p.value, g.name",
    )
    .await
}

/// The executions of a matrix, and what they refer to.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// By case and run.
    pub cells: Vec<Cell>,
    /// Ids and summaries of the cases, by id.
    pub cases: Vec<(Id, String)>,
    /// Ids and summaries of the runs, and the ids of their plans, by id.
    pub runs: Vec<(Id, String, Id)>,
}

/// One cell of the matrix of cases and runs.
#[derive(Debug, Clone, Copy, macros::Row)]
pub struct Cell {
    /// The execution.
    pub id: Id,
    /// Its case.
    pub case_id: Id,
    /// Its run.
    pub run_id: Id,
    /// Its status.
    pub status_id: Id,
}

/// The executions by case and run; of several executions of a case in a run the newest stands for
/// all.
pub async fn status_matrix(ctx: &mut Ctx, executions: &Map) -> Result<Matrix> {
    let cells: Vec<Cell> = summarise::<TestExecution, _>(
        ctx,
        executions,
        &EXECUTIONS,
        "SELECT DISTINCT ON (e.case_id, e.run_id) e.id, e.case_id, e.run_id, e.status_id
         FROM",
        "AS e (id, case_id, run_id, status_id)
         ORDER BY e.case_id, e.run_id, e.id DESC",
    )
    .await?;
    // each case and run once, not once for each of its executions
    let distinct = |id: fn(&Cell) -> Id| -> Vec<Id> {
        let ids: BTreeSet<Id> = cells.iter().map(id).collect();
        ids.into_iter().collect()
    };
    let cases = sql::query_as("SELECT id, summary FROM test_case WHERE id = ANY($1) ORDER BY id")
        .bind(distinct(|cell| cell.case_id))
        .fetch_all(ctx.conn())
        .await?;
    let runs =
        sql::query_as("SELECT id, summary, plan_id FROM test_run WHERE id = ANY($1) ORDER BY id")
            .bind(distinct(|cell| cell.run_id))
            .fetch_all(ctx.conn())
            .await?;
    Ok(Matrix { cells, cases, runs })
}

/// The number of executions with a status in a run, by run.
pub async fn trends(ctx: &mut Ctx, executions: &Map) -> Result<Vec<(Id, Id, i64)>> {
    summarise::<TestExecution, _>(
        ctx,
        executions,
        &EXECUTIONS,
        "SELECT run_id, status_id, count(*)
         FROM",
        "AS e (id, case_id, run_id, status_id)
         GROUP BY run_id, status_id
         ORDER BY run_id",
    )
    .await
}

/// How often a case failed.
#[derive(Debug, Clone, macros::Row)]
pub struct Health {
    /// The case.
    pub case_id: Id,
    /// Its summary.
    pub case_summary: String,
    /// Executions.
    pub all: i64,
    /// Failed ones.
    pub failed: i64,
}

/// The thirty cases that fail most.
///
/// `OFFSET 0` keeps the condition on the number of failed ones out of the grouping, where it would
/// count them a second time.
pub async fn case_health(ctx: &mut Ctx, executions: &Map) -> Result<Vec<Health>> {
    summarise::<TestExecution, _>(
        ctx,
        executions,
        &EXECUTIONS,
        "SELECT h.case_id, c.summary AS case_summary, h.all, h.failed
         FROM (
             SELECT g.case_id, g.all, g.failed
             FROM (
                 SELECT e.case_id,
                        count(*) AS all,
                        count(*) FILTER (WHERE e.status_id = ANY(ARRAY(
                            SELECT id FROM test_execution_status WHERE weight < 0
                        ))) AS failed
                 FROM",
        "AS e (id, case_id, run_id, status_id)
                 GROUP BY e.case_id
                 OFFSET 0
             ) g
             WHERE g.failed > 0
             ORDER BY g.failed::float8 / g.all DESC, g.case_id
             LIMIT 30
         ) h
         JOIN test_case c ON c.id = h.case_id
         ORDER BY h.failed::float8 / h.all DESC, h.case_id",
    )
    .await
}
