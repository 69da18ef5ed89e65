//! Runs of migrations: nothing to do, something to do, something that fails.

use std::path::Path;
use std::time::Instant;

use tenancy::{Error, MigrateOptions, Tenancy};
use testkit::TestDatabase;

use crate::installation::{migrated, tenant};

/// The files of a stream, as reports name them.
fn steps(stream: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let files = std::fs::read_dir(folder.join(stream)).expect("the folder");
    let paths = files.map(|file| file.expect("a file").path());
    let stems = paths.map(|path| path.file_stem().expect("a name").display().to_string());
    let mut names: Vec<String> = stems.map(|stem| format!("{stream}/{stem}")).collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

#[tokio::test]
async fn an_empty_database_is_told_from_a_migrated_one() {
    let config = TestDatabase::empty().await;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    assert!(!tenancy.is_initialised().await.unwrap());
    assert!(tenancy.is_migration_pending().await.unwrap());
    assert!(matches!(
        tenancy.by_host("x.example").await,
        Err(Error::NotInitialised)
    ));
    assert!(matches!(tenancy.list().await, Err(Error::NotInitialised)));

    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    assert_eq!(report.applied, [steps("platform"), steps("cell")].concat());
    assert_eq!(report.created.as_ref().unwrap().schema, "public");
    assert!(tenancy.is_initialised().await.unwrap());
    assert!(!tenancy.is_migration_pending().await.unwrap());

    let again = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    assert!(again.is_empty(), "{again:?}");
    let status = tenancy.migration_status().await.unwrap();
    assert_eq!(status.versions, [(status.newest, 1)]);
    assert!(status.behind.is_empty());
}

#[tokio::test]
async fn the_public_tenant_knows_every_account() {
    let (tenancy, _database) = migrated().await;
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    assert!(public.is_public());
    let mut tx = tenancy.begin_read(&public).await.unwrap();
    let members: Vec<(i32, String)> = sqlx::query_as("SELECT id, username FROM member ORDER BY id")
        .fetch_all(tx.conn())
        .await
        .unwrap();
    assert_eq!(members, [(1, "AnonymousUser".to_owned())]);
}

#[tokio::test]
async fn nothing_to_do_for_many_tenants_is_quick() {
    let (tenancy, config) = migrated().await;
    config
        .sql(
            "INSERT INTO platform.tenant (schema_name, state, schema_version) \
         SELECT 'many' || n, 'active', (SELECT max(version) FROM platform.schema_step \
         WHERE stream = 'tenant') FROM generate_series(1, 200) n",
        )
        .await;
    let begun = Instant::now();
    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    eprintln!(
        "a run over 200 tenants with nothing to do took {:?}",
        begun.elapsed()
    );
    assert!(report.is_empty());
}

#[tokio::test]
async fn a_failing_tenant_stays_behind_and_a_later_run_resumes() {
    let (tenancy, config) = migrated().await;
    for schema in ["one", "two", "three"] {
        tenant(&tenancy, schema).await;
        // as if it had never been migrated
        config
            .sql(format!(
                "DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}; \
                 UPDATE platform.tenant SET schema_version = 0 WHERE schema_name = '{schema}'"
            ))
            .await;
    }
    // in the way of the first step, after it has made other tables
    config.sql("CREATE TABLE two.history (x int)").await;
    let two = tenancy.record("two").await.unwrap().tenant;
    assert!(matches!(tenancy.begin(&two).await, Err(Error::Outdated(_))));

    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    let mut migrated = report.migrated.clone();
    migrated.sort();
    assert_eq!(migrated, ["one", "three"]);
    let failure = &report.failures[0];
    assert_eq!(
        (failure.tenant.as_str(), failure.step.as_str()),
        ("two", "0001_init")
    );
    assert_eq!(failure.code, "42P07");
    assert!(failure.error.contains("history"), "{}", failure.error);
    let status = tenancy.migration_status().await.unwrap();
    assert!(status.is_pending());
    let behind = &status.behind[0];
    assert_eq!((behind.tenant.as_str(), behind.version), ("two", 0));
    assert_eq!(behind.state, "failed");

    config.sql("DROP TABLE two.history").await;
    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    assert_eq!(report.migrated, ["two"]);
    assert!(report.is_complete());
    for schema in ["one", "two", "three"] {
        let tenant = tenancy.by_name(schema).await.unwrap().unwrap();
        tenancy.begin(&tenant).await.unwrap();
    }
    assert!(
        tenancy
            .migrate(&MigrateOptions::default())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_run_stops_after_too_many_failures() {
    let (tenancy, config) = migrated().await;
    for number in 0..4 {
        // no schema at all
        config
            .sql(format!(
                "INSERT INTO platform.tenant (schema_name, state) VALUES ('gone{number}', 'active')"
            ))
            .await;
    }
    let options = MigrateOptions {
        jobs: 1,
        max_failures: Some(2),
        ..MigrateOptions::default()
    };
    let report = tenancy.migrate(&options).await.unwrap();
    assert_eq!((report.failures.len(), report.not_tried), (2, 2));
    let only = MigrateOptions {
        only: vec!["gone3".to_owned()],
        ..MigrateOptions::default()
    };
    let report = tenancy.migrate(&only).await.unwrap();
    assert_eq!(report.failures.len(), 1);
    assert_eq!(report.failures[0].tenant, "gone3");
}

#[tokio::test]
async fn two_runs_at_the_same_time_share_the_work() {
    let config = TestDatabase::empty().await;
    let one = Tenancy::open(config.clone()).await.unwrap();
    let two = Tenancy::open(config.clone()).await.unwrap();
    let options = MigrateOptions::default();
    let (first, second) = tokio::join!(one.migrate(&options), two.migrate(&options));
    let (first, second) = (first.unwrap(), second.unwrap());
    let mut applied = [first.applied.clone(), second.applied.clone()].concat();
    applied.sort();
    let steps = applied.len();
    applied.dedup();
    assert_eq!(applied.len(), steps, "no step is taken twice");
    assert!(applied.contains(&"platform/0001_accounts".to_owned()) && steps > 2);
    let again = one.migrate(&options).await.unwrap();
    assert!(again.applied.is_empty(), "none is left");
    assert!(first.is_complete() && second.is_complete());
    assert_eq!(one.list().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_changed_file_is_refused() {
    let (tenancy, config) = migrated().await;
    config
        .sql("UPDATE platform.schema_step SET checksum = 'x' WHERE stream = 'tenant'")
        .await;
    let error = tenancy
        .migrate(&MigrateOptions::default())
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("migration tenant/0001_init was changed"),
        "{error}"
    );
}

#[tokio::test]
async fn a_crash_during_the_first_migration_is_repaired() {
    let (tenancy, config) = migrated().await;
    let crash = "UPDATE platform.tenant SET state = 'provisioning'";
    // after the schema was made
    config.sql(crash).await;
    let again = Tenancy::open(config.clone()).await.unwrap();
    assert!(!again.is_initialised().await.unwrap());
    assert!(
        again
            .migrate(&MigrateOptions::default())
            .await
            .unwrap()
            .created
            .is_some()
    );
    // before that
    config
        .sql(format!("DROP SCHEMA public CASCADE; {crash}"))
        .await;
    assert!(
        tenancy
            .migrate(&MigrateOptions::default())
            .await
            .unwrap()
            .created
            .is_some()
    );
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    tenancy.begin(&public).await.unwrap();
}

#[tokio::test]
async fn ops_043_tables_of_the_next_release_are_served_if_it_says_so() {
    let (tenancy, config) = migrated().await;
    tenant(&tenancy, "acme").await;
    let acme = async || tenancy.record("acme").await.unwrap().tenant;
    config
        .sql("UPDATE platform.tenant SET schema_version = schema_version + 1")
        .await;
    let unknown = tenancy.begin(&acme().await).await;
    assert!(matches!(unknown, Err(Error::Outdated(_))));
    let noted = |name: &str| {
        format!(
            "INSERT INTO platform.schema_step (stream, version, name, checksum) \
             SELECT 'tenant', max(version) + 1, '{name}', '' FROM platform.schema_step \
             WHERE stream = 'tenant'"
        )
    };
    // while this program runs
    config.sql(noted("next")).await;
    assert!(tenancy.begin(&acme().await).await.is_ok());
    config.sql(noted("0009_contract_cases")).await;
    config
        .sql("UPDATE platform.tenant SET schema_version = schema_version + 1")
        .await;
    let contracted = tenancy.begin(&acme().await).await;
    assert!(matches!(contracted, Err(Error::Outdated(_))));
    let again = Tenancy::open(config.clone()).await.unwrap();
    assert!(matches!(
        again.is_initialised().await,
        Err(Error::Refused(_))
    ));
}
