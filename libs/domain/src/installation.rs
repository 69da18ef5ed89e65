//! The installation as a whole: how it begins and how it is brought forward.

use entity::sql;
use serde_json::Value;
use tenancy::{MigrateOptions, Report};

use crate::{Domain, Result, accounts, group};

/// Under this name the installation keeps which release has filled in everything that the rules
/// need. A run that was killed leaves nothing there, so that the next one does it.
const FILLED_IN: &str = "installation.filled_in";

/// Migrates, and fills in what the rules need: in new and changed tenants, and in all of them when
/// the release is new here or an earlier run was killed.
pub async fn migrate(domain: &Domain, options: &MigrateOptions) -> Result<Report> {
    let tenancy = domain.tenancy();
    let release = Value::from(domain.settings().version.as_str());
    let is_filled_in = tenancy.is_initialised().await?
        && tenancy.kept(FILLED_IN).await?.as_ref() == Some(&release);
    let is_pending = !is_filled_in || tenancy.is_migration_pending().await?;
    if is_filled_in && is_pending {
        tenancy.forget(FILLED_IN).await?;
    }
    let report = tenancy.migrate(options).await?;
    if report.created.is_some() {
        accounts::project_all(domain).await?;
    }
    if is_filled_in {
        for name in &report.migrated {
            if let Some(tenant) = tenancy.by_name(name).await? {
                group::ensure_defaults(domain, &tenant).await?;
            }
        }
    } else {
        group::ensure_defaults_everywhere(domain).await?;
    }
    if is_pending {
        tenancy.keep(FILLED_IN, release).await?;
    }
    Ok(report)
}

/// Whether somebody may still make the first superuser.
pub async fn awaits_superuser(domain: &Domain) -> Result<bool> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = sql::query_scalar(
        "SELECT NOT EXISTS (SELECT FROM platform.account WHERE is_superuser AND is_active)",
    )
    .fetch_one(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(found)
}
