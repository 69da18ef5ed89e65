//! Plans in small trees, their cases with texts of 400 characters, tags, components, history.

use entity::Id;
use sqlx::PgConnection;

use super::catalogue::{CATEGORIES, COMPONENTS, TAGS};
use super::{Bases, Size};

pub(super) async fn fill(
    conn: &mut PgConnection,
    size: &Size,
    bases: &Bases,
    users: &[Id],
) -> sqlx::Result<()> {
    insert_plans(conn, size, bases, users).await?;
    insert_cases(conn, size, bases, users).await?;
    let cases = size.plans * size.cases_per_plan;
    sqlx::query(
        "INSERT INTO test_case_plan (plan_id, case_id, sortkey)
         SELECT $1 + 1 + (n - 1) / $3, $2 + n, 10 * ((n - 1) % $3 + 1)
         FROM generate_series(1, $4) n",
    )
    .bind(bases.plan)
    .bind(bases.case)
    .bind(size.cases_per_plan)
    .bind(cases)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO test_case_tag (case_id, tag_id)
         SELECT $1 + n, $2 + 1 + (n * k) % $3
         FROM generate_series(1, $4) n, unnest(ARRAY[1, 7]) k
         ON CONFLICT DO NOTHING",
    )
    .bind(bases.case)
    .bind(bases.tag)
    .bind(TAGS)
    .bind(cases)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO test_case_component (case_id, component_id)
         SELECT $1 + n, $2 + ((n - 1) / $3) % $4 * $5 + 1 + n % $5
         FROM generate_series(1, $6) n",
    )
    .bind(bases.case)
    .bind(bases.component)
    .bind(size.cases_per_plan)
    .bind(size.products)
    .bind(COMPONENTS)
    .bind(cases)
    .execute(conn)
    .await?;
    Ok(())
}

/// Plan n belongs to product `1 + (n - 1) % products`; the first plan of a product is the parent
/// of its other plans.
async fn insert_plans(
    conn: &mut PgConnection,
    size: &Size,
    bases: &Bases,
    users: &[Id],
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO test_plan (id, name, text, create_date, product_id, product_version_id,
                                type_id, author_id, parent_id)
         SELECT $1 + n,
                format('%s plan %s', $2::text, lpad(n::text, 3, '0')),
                repeat('What this plan covers, and when it is done. ', 9) || 'End.',
                timestamptz '2026-01-05 08:00+00' + n * interval '1 hour',
                $3 + 1 + (n - 1) % $5,
                $4 + (n - 1) % $5 * $6 + 1 + (n - 1) / $5 % $6,
                t.ids[1 + n % cardinality(t.ids)],
                ($7::integer[])[1 + n % cardinality($7::integer[])],
                CASE WHEN n > $5 THEN $1 + 1 + (n - 1) % $5 END
         FROM generate_series(1, $8) n,
              (SELECT array_agg(id ORDER BY id) AS ids FROM plan_type) t",
    )
    .bind(bases.plan)
    .bind(size.word)
    .bind(bases.product)
    .bind(bases.version)
    .bind(size.products)
    .bind(size.versions_per_product)
    .bind(users)
    .bind(size.plans)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO test_plan_tag (plan_id, tag_id)
         SELECT $1 + n, $2 + 1 + n % $3
         FROM generate_series(1, $4) n",
    )
    .bind(bases.plan)
    .bind(bases.tag)
    .bind(TAGS)
    .bind(size.plans)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO history (id, kind, object_id, at, by_id, type, row)
         SELECT $2 + (p.id - $1), 'testplan', p.id, p.create_date, p.author_id, '+', to_jsonb(p)
         FROM test_plan p
         WHERE p.id > $1
         ORDER BY p.id",
    )
    .bind(bases.plan)
    .bind(bases.history)
    .execute(conn)
    .await?;
    Ok(())
}

/// All cases are confirmed, so that every one can be added to a run.
async fn insert_cases(
    conn: &mut PgConnection,
    size: &Size,
    bases: &Bases,
    users: &[Id],
) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO test_case (id, summary, text, notes, create_date, history_date, is_automated,
                                script, setup_duration, testing_duration, case_status_id,
                                category_id, priority_id, author_id, default_tester_id)
         SELECT $1 + n,
                format('%s %s when %s (%s-%s)',
                       (ARRAY['Customer', 'Administrator', 'Guest', 'Auditor'])[1 + n % 4],
                       (ARRAY['saves the form', 'opens the report', 'removes an entry',
                              'imports a file', 'changes the password'])[1 + n % 5],
                       (ARRAY['offline', 'the list is empty', 'two people edit',
                              'the session has ended', 'the name is very long',
                              'nothing changed'])[1 + n % 6],
                       $2::text, n),
                rpad(format(E'1. Open page %s.\n2. Do it with the keyboard only.\n3. Look at the '
                            'log.\n\n**Expected**: the change is visible at once, ', n),
                     400, 'and nothing else has changed; '),
                CASE WHEN n % 3 = 0 THEN 'Generated for measurements.' END,
                timestamptz '2026-01-05 09:00+00' + n * interval '5 minutes',
                timestamptz '2026-01-05 09:00+00' + n * interval '5 minutes',
                n % 2 = 0,
                CASE WHEN n % 2 = 0 THEN format('tests/test_%s.py', n) END,
                CASE WHEN n % 4 = 0 THEN interval '2 minutes' END,
                CASE WHEN n % 4 < 2 THEN interval '5 minutes' END,
                s.id,
                $3 + ((n - 1) / $4) % $5 * $6 + 1 + n % $6,
                p.ids[1 + n % cardinality(p.ids)],
                ($7::integer[])[1 + n % cardinality($7::integer[])],
                ($7::integer[])[1 + (n * 3) % cardinality($7::integer[])]
         FROM generate_series(1, $8) n,
              (SELECT id FROM test_case_status WHERE is_confirmed ORDER BY id LIMIT 1) s,
              (SELECT array_agg(id ORDER BY id) AS ids FROM priority) p",
    )
    .bind(bases.case)
    .bind(size.word)
    .bind(bases.category)
    .bind(size.cases_per_plan)
    .bind(size.products)
    .bind(CATEGORIES)
    .bind(users)
    .bind(size.plans * size.cases_per_plan)
    .execute(&mut *conn)
    .await?;
    // after the plans' rows; the id of a case's row is the version of its text
    sqlx::query(
        "INSERT INTO history (id, kind, object_id, at, by_id, type, row)
         SELECT $2 + (c.id - $1), 'testcase', c.id, c.create_date, c.author_id, '+',
                to_jsonb(c) - 'history_date'
         FROM test_case c
         WHERE c.id > $1
         ORDER BY c.id",
    )
    .bind(bases.case)
    .bind(bases.history + size.plans)
    .execute(conn)
    .await?;
    Ok(())
}
