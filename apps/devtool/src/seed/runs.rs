//! Runs of the plans, their executions with mixed statuses, and what both leave behind.

use entity::Id;
use sqlx::PgConnection;

use super::catalogue::TAGS;
use super::{Bases, Size};

pub(super) async fn fill(
    conn: &mut PgConnection,
    size: &Size,
    bases: &Bases,
    users: &[Id],
) -> sqlx::Result<()> {
    insert_runs(conn, size, bases, users).await?;
    insert_executions(conn, size, bases, users).await?;
    record(conn, bases).await
}

/// Run n executes plan `1 + (n - 1) % plans` on one build of the plan's version.
async fn insert_runs(
    conn: &mut PgConnection,
    size: &Size,
    bases: &Bases,
    users: &[Id],
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO test_run (id, summary, notes, plan_id, build_id, manager_id,
                               default_tester_id, start_date, stop_date, planned_start)
         SELECT $1 + n,
                format('%s run %s: %s', $2::text, lpad(n::text, 3, '0'), p.name),
                'Generated for measurements.',
                p.id,
                $3 + (p.product_version_id - $4 - 1) * $5 + 1 + n % $5,
                ($6::integer[])[1 + n % cardinality($6::integer[])],
                ($6::integer[])[1 + (n * 7) % cardinality($6::integer[])],
                timestamptz '2026-02-02 08:00+00' + n * interval '6 hours',
                CASE WHEN n % 4 > 0
                     THEN timestamptz '2026-02-02 13:00+00' + n * interval '6 hours' END,
                timestamptz '2026-02-02 08:00+00' + n * interval '6 hours'
         FROM generate_series(1, $7) n
         JOIN test_plan p ON p.id = $8 + 1 + (n - 1) % $9",
    )
    .bind(bases.run)
    .bind(size.word)
    .bind(bases.build)
    .bind(bases.version)
    .bind(size.builds_per_version)
    .bind(users)
    .bind(size.runs)
    .bind(bases.plan)
    .bind(size.plans)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO test_run_tag (run_id, tag_id)
         SELECT $1 + n, $2 + 1 + (n * 3) % $3
         FROM generate_series(1, $4) n",
    )
    .bind(bases.run)
    .bind(bases.tag)
    .bind(TAGS)
    .bind(size.runs)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO test_run_cc (run_id, user_id)
         SELECT $1 + n, ($2::integer[])[1 + (n * 5) % cardinality($2::integer[])]
         FROM generate_series(1, $3) n",
    )
    .bind(bases.run)
    .bind(users)
    .bind(size.runs)
    .execute(conn)
    .await?;
    Ok(())
}

/// Execution k of a run: the cases of the run's plan, then those of the other plans of the same
/// product, from the beginning again when there are more executions than cases. Rows of a run lie
/// together, as they do when a run is made.
async fn insert_executions(
    conn: &mut PgConnection,
    size: &Size,
    bases: &Bases,
    users: &[Id],
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO test_execution (id, run_id, case_id, status_id, build_id, assignee_id,
                                     tested_by_id, case_text_version, start_date, stop_date,
                                     sortkey)
         SELECT $1 + (r.n - 1) * $5 + k + 1,
                r.id,
                $2 + c.n,
                s.id,
                r.build_id,
                r.default_tester_id,
                CASE WHEN s.weight <> 0
                     THEN ($6::integer[])[1 + (r.n + k) % cardinality($6::integer[])] END,
                $7 + c.n,
                CASE WHEN s.weight <> 0 THEN r.start_date + k * interval '1 second' END,
                CASE WHEN s.weight <> 0 THEN r.start_date + (k + 40) * interval '1 second' END,
                10 * (k + 1)
         FROM (SELECT id, id - $3 AS n, build_id, default_tester_id, start_date
               FROM test_run
               WHERE id > $3) r
         CROSS JOIN generate_series(0, $5 - 1) k
         CROSS JOIN LATERAL (
             SELECT (((r.n - 1) % $4 + k / $8 * $9) % $4) * $8 + k % $8 + 1 AS n
         ) c
         JOIN (SELECT array_agg(id) FILTER (WHERE name = 'PASSED') AS passed,
                      array_agg(id ORDER BY id) AS every
               FROM test_execution_status) a ON true
         JOIN test_execution_status s
              ON s.id = CASE WHEN (r.n * 3 + k) % 10 < 6 AND a.passed IS NOT NULL
                             THEN a.passed[1]
                             ELSE a.every[1 + (r.n + k) % cardinality(a.every)] END
         ORDER BY r.n, k",
    )
    .bind(bases.execution)
    .bind(bases.case)
    .bind(bases.run)
    .bind(size.plans)
    .bind(size.executions_per_run)
    .bind(users)
    .bind(bases.history + size.plans)
    .bind(size.cases_per_plan)
    .bind(size.products)
    .execute(conn)
    .await?;
    Ok(())
}

/// The history rows of a creation.
async fn record(conn: &mut PgConnection, bases: &Bases) -> sqlx::Result<()> {
    // the rows of plans and cases were given their ids; the identity has to follow
    sqlx::query("SELECT setval(pg_get_serial_sequence('history', 'id'), max(id)) FROM history")
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "INSERT INTO history (kind, object_id, at, by_id, type, row)
         SELECT 'testrun', r.id, r.start_date, r.manager_id, '+', to_jsonb(r)
         FROM test_run r
         WHERE r.id > $1
         ORDER BY r.id",
    )
    .bind(bases.run)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO history (kind, object_id, at, by_id, type, row)
         SELECT 'testexecution', e.id, r.start_date, r.manager_id, '+', to_jsonb(e)
         FROM test_execution e
         JOIN test_run r ON r.id = e.run_id
         WHERE e.id > $1
         ORDER BY e.id",
    )
    .bind(bases.execution)
    .execute(conn)
    .await?;
    Ok(())
}
