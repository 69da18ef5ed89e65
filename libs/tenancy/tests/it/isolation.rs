//! A transaction sees its tenant and nothing else, whatever happened on its connection before.

use std::time::Duration;

use tenancy::{Database, Direct, Error, Tenancy, TenantTx};

use crate::installation::{migrated, tenant};

async fn path(tx: &mut TenantTx) -> String {
    sqlx::query_scalar("SHOW search_path")
        .fetch_one(tx.conn())
        .await
        .unwrap()
}

#[tokio::test]
async fn the_path_is_right_after_errors_and_dropped_futures() {
    let (_, mut config) = migrated().await;
    // all of it on the same connections
    config.max_connections = 2;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let acme = tenant(&tenancy, "acme").await;
    let other = tenant(&tenancy, "other").await;

    let mut tx = tenancy.begin(&acme).await.unwrap();
    sqlx::query("SELECT nonsense")
        .execute(tx.conn())
        .await
        .unwrap_err();
    drop(tx);
    let mut tx = tenancy.begin(&other).await.unwrap();
    assert_eq!(path(&mut tx).await, "other");
    let mut savepoint = sqlx::Connection::begin(tx.conn()).await.unwrap();
    sqlx::query("SELECT 1 / 0")
        .execute(&mut *savepoint)
        .await
        .unwrap_err();
    drop(savepoint);
    assert_eq!(path(&mut tx).await, "other", "after a savepoint");
    tx.commit().await.unwrap();

    // a query that is given up while the server works on it
    let mut tx = tenancy.begin(&acme).await.unwrap();
    let slow = sqlx::query("SELECT pg_sleep(0.5)").execute(tx.conn());
    tokio::time::timeout(Duration::from_millis(50), slow)
        .await
        .unwrap_err();
    drop(tx);
    // a begin that is given up
    for _ in 0..5 {
        let _ = tokio::time::timeout(Duration::from_micros(50), tenancy.begin(&acme)).await;
    }
    for tenant in [&other, &acme, &other] {
        let mut tx = tenancy.begin(tenant).await.unwrap();
        assert_eq!(path(&mut tx).await, tenant.schema);
    }
    let mut tx = tenancy.begin_platform().await.unwrap();
    let path: String = sqlx::query_scalar("SHOW search_path")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(path, "\"\"");
    let error = sqlx::query("SELECT id FROM product")
        .execute(tx.conn())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("\"product\" does not exist"),
        "{error}"
    );
    drop(tx);
    assert!(tenancy.pools()[0].1.open <= 2);
}

#[tokio::test]
async fn what_is_not_committed_is_undone() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    let insert = "INSERT INTO tag (name) VALUES ('x')";
    let mut tx = tenancy.begin(&acme).await.unwrap();
    sqlx::query(insert).execute(tx.conn()).await.unwrap();
    drop(tx);
    let mut tx = tenancy.begin(&acme).await.unwrap();
    sqlx::query(insert).execute(tx.conn()).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = tenancy.begin_read(&acme).await.unwrap();
    let error = sqlx::query(insert).execute(tx.conn()).await.unwrap_err();
    assert!(
        error.to_string().contains("read-only transaction"),
        "{error}"
    );
    drop(tx);
    let mut tx = tenancy.begin(&acme).await.unwrap();
    let tags: i64 = sqlx::query_scalar("SELECT count(*) FROM tag")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(tags, 0);
}

#[tokio::test]
async fn a_missing_table_is_not_found_elsewhere() {
    let (tenancy, config) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    config.sql("DROP TABLE acme.severity CASCADE").await;
    let mut tx = tenancy.begin(&acme).await.unwrap();
    let error = sqlx::query("SELECT id FROM severity")
        .execute(tx.conn())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("does not exist"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_001_many_requests_on_few_connections_stay_apart() {
    let (_, mut config) = migrated().await;
    config.max_connections = 4;
    config.acquire_timeout = Duration::from_secs(30);
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let mut tenants = Vec::new();
    for number in 0..6 {
        let tenant = tenant(&tenancy, &format!("t{number}")).await;
        let mut tx = tenancy.begin(&tenant).await.unwrap();
        sqlx::query("INSERT INTO tag (name) VALUES ($1)")
            .bind(&tenant.schema)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        tenants.push(tenant);
    }
    let requests = (0..600_u64).map(|number| {
        let (tenancy, tenant) = (tenancy.clone(), tenants[number as usize % 6].clone());
        let request = async move {
            let mut tx = tenancy.begin(&tenant).await.unwrap();
            match number % 5 {
                0 => {
                    sqlx::query("SELECT 1 / 0")
                        .execute(tx.conn())
                        .await
                        .unwrap_err();
                }
                1 => {
                    sqlx::query("SELECT pg_sleep(0.002)")
                        .execute(tx.conn())
                        .await
                        .unwrap();
                }
                _ => {
                    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM tag")
                        .fetch_all(tx.conn())
                        .await
                        .unwrap();
                    assert_eq!(names, [tenant.schema.as_str()]);
                    tx.commit().await.unwrap();
                }
            }
        };
        tokio::spawn(async move {
            if number % 7 == 0 {
                let limit = Duration::from_micros(number * 10);
                let _ = tokio::time::timeout(limit, request).await;
            } else {
                request.await;
            }
        })
    });
    for request in requests.collect::<Vec<_>>() {
        request.await.unwrap();
    }
    let pool = tenancy.pools()[0].1;
    assert!(pool.open <= 4, "{pool:?}");
    tenancy.close().await;
}

#[tokio::test]
async fn waiting_for_a_connection_ends() {
    let (_, mut config) = migrated().await;
    config.max_connections = 2;
    config.acquire_timeout = Duration::from_millis(200);
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    let one = tenancy.begin(&public).await.unwrap();
    let _two = tenancy.begin(&public).await.unwrap();
    assert!(matches!(
        tenancy.begin(&public).await,
        Err(Error::Unavailable)
    ));
    drop(one);
    tenancy.begin(&public).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_died_while_idle_is_replaced() {
    let (tenancy, config) = migrated().await;
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    for _ in 0..3 {
        tenancy
            .begin(&public)
            .await
            .unwrap()
            .commit()
            .await
            .unwrap();
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(&mut config.connect().await)
        .await
        .unwrap();
        let mut tx = tenancy.begin(&public).await.expect("on a new connection");
        assert_eq!(path(&mut tx).await, "public");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn behind_a_pooler_each_transaction_brings_its_limits() {
    let (_, mut config) = migrated().await;
    let Database::Url(url) = config.database.clone() else {
        panic!("an address")
    };
    let (address, socket) = url.split_once("?host=").expect("a socket");
    let name = address.rsplit_once('/').expect("a path").1;
    let socket = socket.to_owned();
    config.direct = Some(Direct {
        host: socket.clone(),
        port: 5432,
    });
    let error = Tenancy::open(config.clone()).await.err().unwrap();
    assert!(matches!(&error, Error::Config(_)), "{error}");
    assert!(error.to_string().contains("names a socket"), "{error}");

    config.database = Database::Parts {
        host: socket,
        port: 5432,
        name: name.to_owned(),
        user: "kiwi".to_owned(),
        password: None,
    };
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let acme = tenant(&tenancy, "acme").await;
    let mut tx = tenancy.begin(&acme).await.unwrap();
    let limits: Vec<String> = sqlx::query_scalar(
        "SELECT setting || coalesce(unit, '') || ' ' || source FROM pg_settings WHERE name IN \
         ('idle_in_transaction_session_timeout', 'jit', 'statement_timeout') ORDER BY name",
    )
    .fetch_all(tx.conn())
    .await
    .unwrap();
    assert_eq!(
        limits,
        ["30000ms session", "off session", "30000ms session"]
    );
    assert_eq!(path(&mut tx).await, "acme");
    tx.rollback().await.unwrap();
    // the connection itself was told nothing
    let mut tx = tenancy.begin(&acme).await.unwrap();
    sqlx::raw_sql("ROLLBACK").execute(tx.conn()).await.unwrap();
    let kept: String = sqlx::query_scalar("SHOW statement_timeout")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(kept, "0");
}

#[tokio::test]
async fn it_works_without_kept_statements() {
    let (_, mut config) = migrated().await;
    config.prepared = false;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let acme = tenant(&tenancy, "acme").await;
    let mut tx = tenancy.begin(&acme).await.unwrap();
    assert_eq!(path(&mut tx).await, "acme");
    let timeout: String = sqlx::query_scalar("SHOW statement_timeout")
        .persistent(false)
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(timeout, "30s");
}
