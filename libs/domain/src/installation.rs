//! The installation as a whole: how it begins and how it is brought forward.

use tenancy::{MigrateOptions, Report};

use crate::{Domain, Result, accounts, group};

/// Migrates, and fills in what the rules need in new and changed tenants.
pub async fn migrate(domain: &Domain, options: &MigrateOptions) -> Result<Report> {
    let tenancy = domain.tenancy();
    let report = tenancy.migrate(options).await?;
    if let Some(created) = &report.created {
        group::ensure_defaults(domain, created).await?;
        accounts::project_all(domain).await?;
    }
    for name in &report.migrated {
        if let Some(tenant) = tenancy.by_name(name).await? {
            group::ensure_defaults(domain, &tenant).await?;
        }
    }
    Ok(report)
}

/// Whether somebody may still make the first superuser.
pub async fn awaits_superuser(domain: &Domain) -> Result<bool> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = sqlx::query_scalar(
        "SELECT NOT EXISTS (SELECT FROM platform.account WHERE is_superuser AND is_active)",
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(found)
}
