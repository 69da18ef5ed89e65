//! The demonstration fills a tenant once.

use domain::accounts::{self, NewAccount};
use domain::{Domain, Settings, demo, tenants};
use tenancy::{Config, MigrateOptions, NewTenant, Tenancy};

use crate::folder::Folder;

#[tokio::test]
async fn the_demonstration_is_complete_and_filled_once() {
    let folder = Folder::new("demo");
    let mut config = Config::new(folder.path());
    config.durable = false;
    config.tenants_domain = Some("kiwi.localhost".to_owned());
    let tenancy = Tenancy::open(config).await.expect("a database");
    tenancy
        .migrate(&MigrateOptions::default())
        .await
        .expect("tables");
    let domain = Domain::new(tenancy, Settings::default());
    let owner = NewAccount::superuser("admin", "admin@example.com", None);
    let owner = accounts::create(&domain, owner).await.expect("an account");
    let new = NewTenant {
        schema: "demo".to_owned(),
        ..NewTenant::default()
    };
    let tenant = tenants::create(&domain, owner.id, new)
        .await
        .expect("a tenant");

    let files = crate::root().join("tenants/demo/data");
    assert!(
        demo::fill(&domain, &tenant, &files)
            .await
            .expect("the first time")
    );
    assert!(
        !demo::fill(&domain, &tenant, &files)
            .await
            .expect("the second time")
    );

    let mut tx = domain
        .tenancy()
        .begin_read(&tenant)
        .await
        .expect("a transaction");
    let counts: Vec<i64> = sqlx::query_scalar(
        "SELECT count(*) FROM test_plan
         UNION ALL SELECT count(*) FROM test_case
         UNION ALL SELECT count(*) FROM test_run
         UNION ALL SELECT count(DISTINCT status_id) FROM test_execution
         UNION ALL SELECT count(*) FROM comment
         UNION ALL SELECT count(*) FROM link_reference WHERE is_defect",
    )
    .fetch_all(tx.conn())
    .await
    .expect("counts");
    assert_eq!(counts, [3, 60, 4, 8, 15, 7]);
    tx.rollback().await.expect("the end");
    domain.tenancy().clone().close().await;
}
