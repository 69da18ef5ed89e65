//! Tenants on a second database.

use tenancy::{CellConfig, Database, Error, MigrateOptions, NewTenant, Tenancy};
use testkit::TestDatabase;

async fn two_cells() -> (TestDatabase, TestDatabase) {
    let second = TestDatabase::empty().await;
    let mut config = TestDatabase::empty().await;
    config.cells = vec![CellConfig {
        name: "second".to_owned(),
        database: second.database.clone(),
        direct: None,
    }];
    (config, second)
}

fn new(schema: &str) -> NewTenant {
    NewTenant {
        schema: schema.to_owned(),
        cell: Some("second".to_owned()),
        ..NewTenant::default()
    }
}

#[tokio::test]
async fn a_tenant_lives_on_its_cell() {
    let (config, second) = two_cells().await;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    assert_eq!(
        report
            .applied
            .iter()
            .filter(|name| *name == "cell/0001_jobs")
            .count(),
        2
    );

    let (far, mut tx) = tenancy.provision(new("far")).await.unwrap();
    sqlx::query("INSERT INTO platform.job (tenant, kind) VALUES ('far', 'x')")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let far = tenancy.activate(&far).await.unwrap();
    let mut tx = tenancy.begin(&far).await.unwrap();
    sqlx::query("INSERT INTO tag (name) VALUES ('x')")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let place: (bool, bool) = sqlx::query_as(
        "SELECT to_regnamespace('far') IS NOT NULL, to_regclass('platform.account') IS NOT NULL",
    )
    .fetch_one(&mut second.connect().await)
    .await
    .unwrap();
    assert_eq!(
        place,
        (true, false),
        "the schema is there, the accounts are not"
    );
    let taken = NewTenant {
        cell: None,
        ..new("far")
    };
    assert!(matches!(
        tenancy.provision(taken).await,
        Err(Error::InvalidName(_))
    ));

    // a migration of the cell is mirrored in the platform
    second
        .sql("DROP SCHEMA far CASCADE; CREATE SCHEMA far")
        .await;
    config
        .sql("UPDATE platform.tenant SET schema_version = 0 WHERE schema_name = 'far'")
        .await;
    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    assert_eq!(report.migrated, ["far"]);
    assert!(!tenancy.is_migration_pending().await.unwrap());

    tenancy.delete(&far, true).await.unwrap();
    let jobs: i64 = sqlx::query_scalar("SELECT count(*) FROM platform.job")
        .fetch_one(&mut second.connect().await)
        .await
        .unwrap();
    assert_eq!(jobs, 0);
}

#[tokio::test]
async fn a_cell_that_is_away_hurts_only_its_tenants() {
    let (mut config, second) = two_cells().await;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    let (far, tx) = tenancy.provision(new("far")).await.unwrap();
    tx.commit().await.unwrap();
    let far = tenancy.activate(&far).await.unwrap();
    tenancy.close().await;

    let away = "postgres://kiwi@localhost/away?host=/nonexistent";
    config.cells[0].database = Database::Url(away.to_owned());
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    tenancy.begin(&public).await.unwrap();
    let error = tenancy.begin(&far).await.err().unwrap();
    assert!(matches!(error, Error::Unavailable), "{error:?}");
    assert!(matches!(
        tenancy.provision(new("more")).await,
        Err(Error::Unavailable)
    ));
    assert!(tenancy.by_name("more").await.unwrap().is_none());

    config.cells.clear();
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let error = tenancy.begin(&far).await.err().unwrap().to_string();
    assert_eq!(
        error,
        "cell second has tenants, but its address is not configured"
    );
    config.cells = vec![CellConfig {
        name: "main".to_owned(),
        database: second.database.clone(),
        direct: None,
    }];
    let error = Tenancy::open(config.clone())
        .await
        .err()
        .unwrap()
        .to_string();
    assert_eq!(error, "cell main: the name is used twice");
}
