//! Migrated databases and their tenants.

use std::sync::Arc;

use tenancy::{MigrateOptions, NewTenant, Tenancy, Tenant};
use testkit::TestDatabase;

/// A migrated database in multi mode.
pub(crate) async fn migrated() -> (Tenancy, TestDatabase) {
    let config = TestDatabase::empty().await;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    assert!(report.is_complete(), "{:?}", report.failures);
    (tenancy, config)
}

/// An active tenant.
pub(crate) async fn tenant(tenancy: &Tenancy, schema: &str) -> Arc<Tenant> {
    let new = NewTenant {
        schema: schema.to_owned(),
        name: schema.to_owned(),
        ..NewTenant::default()
    };
    let (tenant, tx) = tenancy.provision(new).await.unwrap();
    tx.commit().await.unwrap();
    tenancy.activate(&tenant).await.unwrap()
}
