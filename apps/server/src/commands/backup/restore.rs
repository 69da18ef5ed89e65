//! Putting back what a backup holds: all of it, or some tenants of the same installation.

use domain::{Domain, installation};
use serde::Serialize;
use tenancy::{MigrateOptions, Writing};

use super::manifest::{Manifest, Part, TenantPart};
use super::{lines, place_of, uploads, verify};
use crate::cli::Restore;
use crate::commands::check::{self, Problem};
use crate::commands::{doctor, failure, fault};
use crate::config::Config;
use crate::output::{Failure, Output};
use crate::place::Place;

#[derive(Serialize)]
struct Told {
    folder: String,
    taken_at: String,
    tenants: Vec<String>,
    rows: u64,
    uploads: usize,
    /// What `kiwi doctor --all` finds now.
    problems: Vec<Problem>,
}

/// `kiwi restore`
pub(in crate::commands) async fn restore(
    config: &Config,
    domain: &Domain,
    options: &Restore,
    output: Output,
) -> Result<(), Failure> {
    let folder = place_of(config, &options.folder)?;
    let mut manifest = Manifest::read(&folder).await?;
    // nothing is touched before everything is known to be there
    verify::untouched(&folder, &manifest).await?;
    if options.tenant.is_empty() {
        whole(domain, &folder, &manifest, options, output).await?;
    } else {
        for name in &options.tenant {
            if manifest
                .tenants
                .iter()
                .all(|part| part.tenant.schema != *name)
            {
                return Err(Failure::NotFound(format!(
                    "tenant {name} is not in this backup"
                )));
            }
        }
        manifest
            .tenants
            .retain(|part| options.tenant.contains(&part.tenant.schema));
        some(domain, &folder, &manifest, options, output).await?;
    }
    let report = installation::migrate(domain, &MigrateOptions::default()).await;
    if !report.map_err(fault)?.is_complete() {
        return Err(Failure::Partly(
            "everything is restored, but some tenants are not migrated; see \
             `kiwi tenant migrate status`"
                .to_owned(),
        ));
    }
    domain::accounts::project_all(domain).await.map_err(fault)?;
    let told = Told {
        folder: folder.to_string(),
        rows: manifest.rows(),
        uploads: manifest.uploads(),
        tenants: manifest
            .tenants
            .into_iter()
            .map(|part| part.tenant.schema)
            .collect(),
        taken_at: manifest.taken_at,
        problems: doctor::after_restore(config, domain).await,
    };
    output.show(&told, |told| {
        let restored = format!(
            "restored as of {}: {} tenants, {} files",
            told.taken_at,
            told.tenants.len(),
            told.uploads
        );
        match told.problems.as_slice() {
            [] => restored,
            problems => format!("{restored}\n{}", check::lines(problems)),
        }
    })
}

/// The installation becomes what the backup holds.
async fn whole(
    domain: &Domain,
    folder: &Place,
    manifest: &Manifest,
    options: &Restore,
    output: Output,
) -> Result<(), Failure> {
    if !manifest.is_whole {
        return Err(Failure::Refused(
            "this backup holds some tenants only; name them with --tenant".to_owned(),
        ));
    }
    let tenancy = domain.tenancy();
    installation::migrate(domain, &MigrateOptions::default())
        .await
        .map_err(fault)?;
    if !options.replace && tenancy.is_in_use().await.map_err(failure)? {
        return Err(Failure::Refused(
            "the database is in use; restore into an empty one, or give --replace to lose what \
             is there"
                .to_owned(),
        ));
    }
    let kept: Vec<_> = manifest
        .tenants
        .iter()
        .map(|part| part.tenant.clone())
        .collect();
    let platform = &manifest.platform;
    let writing = tenancy
        .write_platform(platform.version, &kept)
        .await
        .map_err(failure)?;
    put(domain, writing, folder, platform).await?;
    for part in &manifest.tenants {
        put_tenant(domain, folder, part, output).await?;
    }
    Ok(())
}

/// Tenants of this installation become what they were.
async fn some(
    domain: &Domain,
    folder: &Place,
    manifest: &Manifest,
    options: &Restore,
    output: Output,
) -> Result<(), Failure> {
    for part in &manifest.tenants {
        let name = &part.tenant.schema;
        let state = domain.tenancy().archived_state(&part.tenant).await;
        match state.map_err(failure)?.as_deref() {
            None => {
                return Err(Failure::Refused(format!(
                    "tenant {name} of the backup is not a tenant of this installation; restore \
                     the whole backup into an empty database"
                )));
            }
            Some("deleted") => {}
            Some(_) if options.replace => {}
            Some(_) => {
                return Err(Failure::Refused(format!(
                    "tenant {name} exists; give --replace to lose what it has now"
                )));
            }
        }
    }
    for part in &manifest.tenants {
        put_tenant(domain, folder, part, output).await?;
    }
    Ok(())
}

async fn put_tenant(
    domain: &Domain,
    folder: &Place,
    part: &TenantPart,
    output: Output,
) -> Result<(), Failure> {
    output.progress(format!("restoring {}", part.tenant.schema));
    // before the rows, so that every row has its file
    let store = &domain.settings().uploads.store;
    uploads::restore(store, part.tenant.id, folder, &part.uploads).await?;
    let writing = domain.tenancy().write_tenant(&part.tenant).await;
    put(domain, writing.map_err(failure)?, folder, &part.part).await
}

async fn put(
    domain: &Domain,
    mut writing: Writing,
    folder: &Place,
    part: &Part,
) -> Result<(), Failure> {
    for file in &part.tables {
        let mut rows = lines::read(folder.clone(), file.file.clone());
        let loaded = writing
            .load(&file.table, &mut rows)
            .await
            .map_err(failure)?;
        if loaded != file.rows {
            return Err(Failure::failed(format!(
                "{}: {} rows expected, {loaded} found",
                file.file.display(),
                file.rows
            )));
        }
    }
    writing.finish(domain.tenancy()).await.map_err(failure)
}
