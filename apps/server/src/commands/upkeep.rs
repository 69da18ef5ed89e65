//! What is done after a new release was installed, and now and then.

use std::time::Duration;

use domain::{Domain, files, group, session};
use serde::Serialize;

use super::{backup, failure, fault, migrations};
use crate::cli::Upgrade;
use crate::config::Config;
use crate::output::{Failure, Output};

/// Files without a record are left alone for so long, because an upload may be going on.
const YOUNG: Duration = Duration::from_hours(24);

#[derive(Serialize)]
struct Upgraded {
    backup: Option<backup::Saved>,
    migrated: bool,
    permissions: usize,
    removed_files: Option<usize>,
}

/// `kiwi upgrade`
pub(super) async fn upgrade(
    config: &Config,
    domain: &Domain,
    options: Upgrade,
    output: Output,
) -> Result<(), Failure> {
    output
        .progress("migrate, refresh_permissions, delete_stale_attachments, delete_stale_comments");
    let saved = match options.backup {
        None => None,
        Some(out) => {
            output.progress("\n0. Saving everything:");
            let wanted = backup::Wanted::everything(backup::place_of(config, &out)?);
            let saved = backup::save(domain, &wanted, output).await?;
            output.progress(format!("  {}", saved.folder));
            Some(saved)
        }
    };
    output.progress("\n1. Applying migrations:");
    let migrated = migrations::apply_all(domain, output).await?;
    output.progress("\n2. Refreshing permissions:");
    let added = refresh(domain).await?;
    let permissions = added.iter().map(|added| added.permissions.len()).sum();
    output.progress(format!("  {permissions} added"));
    output.progress("\n3. Deleting stale attachments:");
    let may_delete = (options.noinput || options.delete_stale) && !options.keep_stale;
    let removed_files = if may_delete {
        let removed = files::sweep(domain, YOUNG).await.map_err(fault)?;
        output.progress(format!("  {removed} files without a record removed"));
        Some(removed)
    } else {
        output.progress("  left alone; give --noinput or --delete-stale to remove them");
        None
    };
    output.progress("\n4. Deleting stale comments:");
    output.progress("  none: comments go with what they are about");
    output.progress("\nDone.");
    let told = Upgraded {
        backup: saved,
        migrated,
        permissions,
        removed_files,
    };
    output.show(&told, |_| String::new())
}

/// What `kiwi upgrade` would do.
#[derive(Serialize)]
struct Plan {
    /// The release that is reached, in one step: this one.
    release: &'static str,
    migrations: Vec<String>,
    tenants: Vec<String>,
    stale_files: usize,
}

/// `kiwi upgrade --plan`
pub(super) async fn plan(domain: &Domain, output: Output) -> Result<(), Failure> {
    let tenancy = domain.tenancy();
    if !tenancy.is_initialised().await.map_err(failure)? {
        return Err(Failure::Refused(
            "the database is empty: run `kiwi initial_setup`".to_owned(),
        ));
    }
    let status = tenancy.migration_status().await.map_err(failure)?;
    let missing = status.steps.iter().filter(|step| !step.is_applied);
    let plan = Plan {
        release: env!("CARGO_PKG_VERSION"),
        migrations: missing
            .map(|step| format!("{}/{}", step.stream, step.name))
            .collect(),
        tenants: status
            .behind
            .iter()
            .map(|tenant| tenant.tenant.clone())
            .collect(),
        stale_files: files::stale(domain, YOUNG).await.map_err(fault)?,
    };
    output.show(&plan, |plan| {
        let list = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        [
            format!("To release {}, in one step:", plan.release),
            "1. Applying migrations:".to_owned(),
            format!("  steps: {}", list(&plan.migrations)),
            format!("  tenants that are behind: {}", list(&plan.tenants)),
            "2. Refreshing permissions:".to_owned(),
            "  of the default groups of all tenants".to_owned(),
            "3. Deleting stale attachments:".to_owned(),
            format!(
                "  {} files without a record, with --noinput or --delete-stale",
                plan.stale_files
            ),
            "4. Deleting stale comments:".to_owned(),
            "  none: comments go with what they are about".to_owned(),
        ]
        .join("\n")
    })
}

/// What a tenant's default groups were given.
#[derive(Serialize)]
struct Added {
    tenant: String,
    permissions: Vec<String>,
}

/// `kiwi refresh_permissions`
pub(super) async fn refresh_permissions(domain: &Domain, output: Output) -> Result<(), Failure> {
    let added = refresh(domain).await?;
    output.show(&added, |added| {
        let lines = added.iter().map(|added| {
            let permissions = added.permissions.join(", ");
            match added.permissions.len() {
                0 => format!("{}: nothing is missing", added.tenant),
                _ => format!("{}: {permissions}", added.tenant),
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

async fn refresh(domain: &Domain) -> Result<Vec<Added>, Failure> {
    let added = group::ensure_defaults_everywhere(domain)
        .await
        .map_err(fault)?;
    let told = added.into_iter().map(|(tenant, additions)| {
        let permissions = additions
            .into_iter()
            .map(|(group, permission)| format!("{group} {permission}"));
        Added {
            tenant,
            permissions: permissions.collect(),
        }
    });
    Ok(told.collect())
}

/// `kiwi clearsessions`
pub(super) async fn clear_sessions(domain: &Domain, output: Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Told {
        deleted: u64,
    }
    let deleted = session::delete_expired(domain).await.map_err(fault)?;
    output.show(&Told { deleted }, |told| {
        format!("{} expired sessions deleted", told.deleted)
    })
}
