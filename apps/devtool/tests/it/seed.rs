//! `devtool seed` on a database of its own.

use std::process::Command;

use serde_json::Value;
use tenancy::{Config, MigrateOptions, Tenancy};

use crate::folder::Folder;

fn seed(folder: &Folder, size: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_devtool"))
        .args(["seed", "--size", size, "--data-dir"])
        .arg(folder.path())
        .env_remove("DATABASE_URL")
        .env_remove("KIWI_TENANTS_DOMAIN")
        .output()
        .expect("devtool runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("a manifest")
}

#[tokio::test]
async fn fills_once_and_tells_the_same_ids_again() {
    let folder = Folder::new("seed");
    let mut config = Config::new(folder.path());
    config.durable = false;
    let tenancy = Tenancy::open(config).await.expect("a database");
    tenancy
        .migrate(&MigrateOptions::default())
        .await
        .expect("tables");

    let first = seed(&folder, "demo");
    let count = |kind: &str| first[kind].as_array().map_or(0, Vec::len);
    let counts = ["products", "plans", "runs", "cases", "executions", "users"].map(count);
    assert_eq!(counts, [1, 3, 4, 60, 80, 5]);
    assert_eq!(seed(&folder, "demo"), first);

    let public = tenancy
        .by_name("public")
        .await
        .expect("a database")
        .expect("a tenant");
    let mut tx = tenancy.begin_read(&public).await.expect("a transaction");
    let (texts, unversioned, beyond): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM test_case WHERE length(text) = 400),
                (SELECT count(*)
                 FROM test_execution e
                 LEFT JOIN history h
                      ON h.id = e.case_text_version AND h.kind = 'testcase'
                     AND h.object_id = e.case_id
                 WHERE h.id IS NULL),
                (SELECT count(*)
                 FROM test_run r
                 JOIN build b ON b.id = r.build_id
                 JOIN test_plan p ON p.id = r.plan_id
                 WHERE b.version_id <> p.product_version_id)",
    )
    .fetch_one(tx.conn())
    .await
    .expect("counts");
    assert_eq!((texts, unversioned, beyond), (60, 0, 0));
    tx.rollback().await.expect("the end");
    tenancy.close().await;
}
