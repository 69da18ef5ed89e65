//! Numbers about cases and executions, for charts (spec 02 §6.3).

use entity::Id;

use crate::{Ctx, Result};

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
pub async fn breakdown(ctx: &mut Ctx, cases: &[Id]) -> Result<Vec<Breakdown>> {
    Ok(sqlx::query_as(
        "SELECT s.is_confirmed, c.is_automated, p.value AS priority, g.name AS category,
                count(*) AS count
         FROM test_case c
         JOIN test_case_status s ON s.id = c.case_status_id
         JOIN priority p ON p.id = c.priority_id
         JOIN category g ON g.id = c.category_id
         WHERE c.id = ANY($1)
         GROUP BY s.is_confirmed, c.is_automated, p.value, g.name
         ORDER BY p.value, g.name",
    )
    .bind(cases)
    .fetch_all(ctx.conn())
    .await?)
}

/// One cell of the matrix of cases and runs.
#[derive(Debug, Clone, macros::Row)]
pub struct Cell {
    /// The execution.
    pub id: Id,
    /// Its case.
    pub case_id: Id,
    /// Summary of the case.
    pub case_summary: String,
    /// Its run.
    pub run_id: Id,
    /// Summary of the run.
    pub run_summary: String,
    /// The plan of the run.
    pub plan_id: Id,
    /// Its status.
    pub status_id: Id,
}

/// The executions with what the matrix shows of them, by case and run; of several executions of
/// a case in a run the newest stands for all.
pub async fn status_matrix(ctx: &mut Ctx, executions: &[Id]) -> Result<Vec<Cell>> {
    Ok(sqlx::query_as(
        "SELECT DISTINCT ON (e.case_id, e.run_id)
                e.id, e.case_id, c.summary AS case_summary, e.run_id, r.summary AS run_summary,
                r.plan_id, e.status_id
         FROM test_execution e
         JOIN test_case c ON c.id = e.case_id
         JOIN test_run r ON r.id = e.run_id
         WHERE e.id = ANY($1)
         ORDER BY e.case_id, e.run_id, e.id DESC",
    )
    .bind(executions)
    .fetch_all(ctx.conn())
    .await?)
}

/// The number of executions with a status in a run.
pub async fn trends(ctx: &mut Ctx, executions: &[Id]) -> Result<Vec<(Id, Id, i64)>> {
    Ok(sqlx::query_as(
        "SELECT run_id, status_id, count(*)
         FROM test_execution
         WHERE id = ANY($1)
         GROUP BY run_id, status_id
         ORDER BY run_id",
    )
    .bind(executions)
    .fetch_all(ctx.conn())
    .await?)
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

/// The cases that fail most, at most `limit` of them.
pub async fn case_health(ctx: &mut Ctx, executions: &[Id], limit: i64) -> Result<Vec<Health>> {
    Ok(sqlx::query_as(
        "SELECT e.case_id, c.summary AS case_summary, count(*) AS all,
                count(*) FILTER (WHERE s.weight < 0) AS failed
         FROM test_execution e
         JOIN test_case c ON c.id = e.case_id
         JOIN test_execution_status s ON s.id = e.status_id
         WHERE e.id = ANY($1)
         GROUP BY e.case_id, c.summary
         HAVING count(*) FILTER (WHERE s.weight < 0) > 0
         ORDER BY count(*) FILTER (WHERE s.weight < 0)::float8 / count(*) DESC, e.case_id
         LIMIT $2",
    )
    .bind(executions)
    .bind(limit)
    .fetch_all(ctx.conn())
    .await?)
}
