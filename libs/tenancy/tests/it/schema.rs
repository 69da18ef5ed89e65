//! The tables of a tenant: how many, and that both ways of making them end the same.

use std::collections::BTreeSet;
use std::time::Instant;

use sqlx::Row as _;
use tenancy::NewTenant;
use testkit::TestDatabase;

use crate::installation::{migrated, tenant};

const SNAPSHOT: &str = include_str!("../../../../tenants/new/schema.sql");
const INIT: &str = include_str!("../../../../migrations/tenant/0001_init.sql");

#[tokio::test]
async fn snapshot_is_current() {
    let config = TestDatabase::empty().await;
    let tenancy = tenancy::Tenancy::open(config.clone()).await.unwrap();
    let snapshot = tenancy.snapshot().await.unwrap();
    if snapshot != SNAPSHOT {
        let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/schema.sql");
        std::fs::write(path, &snapshot).unwrap();
        panic!(
            "tenants/new/schema.sql is not what the migrations make: run `devtool snapshot`, or take {path}"
        );
    }
    assert_eq!(
        tenancy.snapshot().await.unwrap(),
        snapshot,
        "nothing is left behind"
    );
    tenancy.close().await;
}

/// Everything that the catalogs know about a schema, in words.
async fn catalog(config: &TestDatabase, schema: &str) -> BTreeSet<String> {
    let mut connection = config.connect().await;
    let rows = sqlx::query(
        "SELECT 'column ' || c.relname || '.' || a.attname || ' ' || a.attnum || ' ' \
         || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || a.attidentity::text || ' ' \
         || coalesce(pg_get_expr(d.adbin, d.adrelid), '') || coalesce(c.reloptions::text, '') \
         AS fact \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE n.nspname = $1 AND a.attnum > 0 \
         UNION ALL \
         SELECT 'constraint ' || c.relname || ' ' || k.conname || ' ' \
         || replace(pg_get_constraintdef(k.oid), $1 || '.', '') || k.condeferrable \
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
         JOIN pg_namespace n ON n.oid = k.connamespace WHERE n.nspname = $1 \
         UNION ALL \
         SELECT 'index ' || replace(indexdef, $1 || '.', '') FROM pg_indexes WHERE schemaname = $1 \
         UNION ALL \
         SELECT 'other ' || c.relkind::text || ' ' || c.relname FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relkind NOT IN ('r', 'i') \
         UNION ALL \
         SELECT 'trigger ' || t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND NOT t.tgisinternal \
         UNION ALL \
         SELECT 'routine ' || p.proname FROM pg_proc p \
         JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1",
    )
    .bind(schema)
    .fetch_all(&mut connection)
    .await
    .unwrap();
    rows.iter().map(|row| row.get("fact")).collect()
}

#[tokio::test]
async fn snapshot_equals_replayed_migrations() {
    let config = TestDatabase::empty().await;
    let replay = format!("CREATE SCHEMA replayed; SET search_path TO replayed; {INIT}");
    config.sql(replay).await;
    config
        .sql(format!(
            "CREATE SCHEMA script; SET search_path TO script; {SNAPSHOT}"
        ))
        .await;
    let replayed = catalog(&config, "replayed").await;
    let script = catalog(&config, "script").await;
    assert!(replayed.len() > 400, "{}", replayed.len());
    let difference: Vec<_> = replayed.symmetric_difference(&script).collect();
    assert!(difference.is_empty(), "{difference:#?}");
}

#[tokio::test]
async fn a_tenant_stays_inside_its_budget_and_its_schema() {
    let (tenancy, config) = migrated().await;
    tenant(&tenancy, "acme").await;
    let mut connection = config.connect().await;
    let count = |kind: &'static str| {
        sqlx::query_scalar::<_, i64>(
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = 'acme' AND c.relkind::text = $1",
        )
        .bind(kind)
    };
    let tables = count("r").fetch_one(&mut connection).await.unwrap();
    let indexes = count("i").fetch_one(&mut connection).await.unwrap();
    assert!(tables <= 45, "{tables} tables");
    assert!(indexes <= 130, "{indexes} indexes");
    let leaving: Vec<String> = sqlx::query_scalar(
        "SELECT k.conname::text FROM pg_constraint k \
         JOIN pg_class f ON f.oid = k.confrelid \
         WHERE k.contype = 'f' AND k.connamespace <> f.relnamespace",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(
        leaving.is_empty(),
        "keys that leave their schema: {leaving:?}"
    );
    let without_key: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname IN ('acme', 'platform') AND c.relkind = 'r' \
         AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(
        without_key.is_empty(),
        "tables without a primary key: {without_key:?}"
    );
}

#[tokio::test]
async fn a_new_tenant_has_its_first_rows() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    let mut tx = tenancy.begin(&acme).await.unwrap();
    let mut found = Vec::new();
    for query in [
        "SELECT string_agg(id || ' ' || name || ' ' || is_confirmed, ', ' ORDER BY id) FROM test_case_status",
        "SELECT string_agg(id || ' ' || name || ' ' || weight || ' ' || color, ', ' ORDER BY id) FROM test_execution_status",
        "SELECT string_agg(id || ' ' || value, ', ' ORDER BY id) FROM priority WHERE is_active",
        "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM plan_type",
        "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM template",
        "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM user_group",
        "SELECT string_agg(id || ' ' || name, ', ' ORDER BY id) FROM classification",
        "SELECT string_agg(id || ' ' || domain || ' ' || name, ', ') FROM site",
    ] {
        let text: String = sqlx::query_scalar(query)
            .fetch_one(tx.conn())
            .await
            .unwrap();
        found.push(text);
    }
    insta::assert_snapshot!(found.join("\n"), @r"
    1 PROPOSED false, 2 CONFIRMED true, 3 DISABLED false, 4 NEED_UPDATE false
    1 IDLE 0 #72767b, 2 RUNNING 0 #72767b, 3 PAUSED 0 #72767b, 4 PASSED 20 #92d400, 5 FAILED -30 #cc0000, 6 BLOCKED -10 #cc0000, 7 ERROR -20 #cc0000, 8 WAIVED 10 #92d400
    1 P1, 2 P2, 3 P3, 4 P4, 5 P5
    1 Unit, 2 Integration, 3 Function, 4 System, 5 Acceptance, 6 Installation, 7 Performance, 8 Product, 9 Interoperability, 10 Smoke, 11 Regression
    1 Gherkin syntax, 2 Itemized list
    1 Administrator, 2 Tester
    1 Default
    1 acme.kiwi.test acme.kiwi.test
    ");
    let next: i32 =
        sqlx::query_scalar("INSERT INTO test_execution_status (name) VALUES ('NEW') RETURNING id")
            .fetch_one(tx.conn())
            .await
            .unwrap();
    assert_eq!(next, 9);
}

#[tokio::test]
async fn creation_is_quick() {
    let (tenancy, _database) = migrated().await;
    let mut times = Vec::new();
    for number in 0..5 {
        let begun = Instant::now();
        let new = NewTenant {
            schema: format!("quick{number}"),
            ..NewTenant::default()
        };
        let (tenant, tx) = tenancy.provision(new).await.unwrap();
        tx.commit().await.unwrap();
        tenancy.activate(&tenant).await.unwrap();
        times.push(begun.elapsed());
    }
    eprintln!("creating a tenant took {times:?}");
}
