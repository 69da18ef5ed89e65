//! Is a backup as it was written, and can everything in it be restored?

use std::fmt;

use domain::Domain;
use serde::Serialize;
use tenancy::Writing;

use super::manifest::{Manifest, Part};
use super::{lines, place_of, uploads, waiting};
use crate::cli::VerifyBackup;
use crate::commands::failure;
use crate::config::Config;
use crate::deeds::{self, Deed, Done};
use crate::output::{Failure, Output};
use crate::place::Place;

/// A backup that can be restored.
#[derive(Serialize)]
pub(super) struct Proved {
    folder: String,
    taken_at: String,
    tenants: usize,
    rows: u64,
    uploads: usize,
    bytes: u64,
}

/// For people.
impl fmt::Display for Proved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the backup of {} can be restored: {} tenants, {} rows, {} files",
            self.taken_at, self.tenants, self.rows, self.uploads
        )
    }
}

/// `kiwi verify-backup`: all files have their digests, and all rows, put into tables that nobody
/// sees, come out as they went in.
pub(in crate::commands) async fn verify(
    config: &Config,
    domain: &Domain,
    options: &VerifyBackup,
    output: Output,
) -> Result<(), Failure> {
    let folder = place_of(config, &options.folder)?;
    let proved = prove(domain, &folder, output).await?;
    output.show(&proved, ToString::to_string)
}

/// Looks at a backup; how it went with one of everything is noted.
pub(super) async fn prove(
    domain: &Domain,
    folder: &Place,
    output: Output,
) -> Result<Proved, Failure> {
    let begun = deeds::begin(Deed::Verification);
    let manifest = Manifest::read(folder).await;
    let is_noted = match &manifest {
        Ok(manifest) => manifest.is_whole,
        // a folder that is no backup says nothing about backups
        Err(why) => !matches!(why, Failure::NotFound(_)),
    };
    let proved = match manifest {
        Ok(manifest) => attempt(domain, folder, manifest, output).await,
        Err(why) => Err(why),
    };
    if is_noted {
        let outcome = match &proved {
            Ok(proved) => Ok(Done {
                detail: proved.to_string(),
                bytes: Some(proved.bytes),
                of: proved.taken_at.parse().ok(),
            }),
            Err(why) => Err(why.to_string()),
        };
        begun.end(domain, outcome).await;
    }
    proved
}

async fn attempt(
    domain: &Domain,
    folder: &Place,
    manifest: Manifest,
    output: Output,
) -> Result<Proved, Failure> {
    untouched(folder, &manifest).await?;
    let tenancy = domain.tenancy();
    let platform = &manifest.platform;
    let writing = tenancy
        .try_platform(platform.version)
        .await
        .map_err(failure)?;
    round_trip(domain, writing, folder, platform, "the platform").await?;
    for tenant in &manifest.tenants {
        output.progress(format!("trying {}", tenant.tenant.schema));
        let writing = tenancy
            .try_tenant(tenant.part.version)
            .await
            .map_err(failure)?;
        round_trip(domain, writing, folder, &tenant.part, &tenant.tenant.schema).await?;
    }
    let place = folder.clone();
    let bytes = waiting(move || place.size()).await?;
    Ok(Proved {
        bytes,
        folder: folder.to_string(),
        tenants: manifest.tenants.len(),
        rows: manifest.rows(),
        uploads: manifest.uploads(),
        taken_at: manifest.taken_at,
    })
}

/// Whether all files are there and unchanged; an error names those that are not.
pub(super) async fn untouched(folder: &Place, manifest: &Manifest) -> Result<(), Failure> {
    let tenants = manifest.tenants.iter();
    let parts = tenants
        .map(|tenant| &tenant.part)
        .chain([&manifest.platform]);
    let mut wrong = Vec::new();
    for table in parts.flat_map(|part| &part.tables) {
        if let Err(why) = folder.check(&table.file) {
            wrong.push(why);
            continue;
        }
        let told = format!("{folder}/{}", table.file.display());
        let (place, file) = (folder.clone(), table.file.clone());
        let checked = tokio::task::spawn_blocking(move || lines::check(&place, &file)).await;
        match checked.map_err(|error| Failure::Failed(error.into()))? {
            Ok(digest) if digest.sha256 == table.sha256 && digest.rows == table.rows => {}
            Ok(_) => wrong.push(format!("{told}: it was changed after the backup")),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    for tenant in &manifest.tenants {
        wrong.extend(tokio::task::block_in_place(|| {
            uploads::check(folder, &tenant.uploads)
        }));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Failure::Refused(wrong.join("\n")))
    }
}

/// Loads all tables and reads them again.
async fn round_trip(
    domain: &Domain,
    mut writing: Writing,
    folder: &Place,
    part: &Part,
    whose: &str,
) -> Result<(), Failure> {
    for file in &part.tables {
        let mut rows = lines::read(folder.clone(), file.file.clone());
        writing
            .load(&file.table, &mut rows)
            .await
            .map_err(failure)?;
    }
    for file in &part.tables {
        let (sender, summing) = lines::digest();
        let sent = writing.rows(&file.table.name, &sender).await;
        drop(sender);
        let digest = summing
            .await
            .map_err(|error| Failure::Failed(error.into()))?;
        sent.map_err(failure)?;
        let digest = digest.map_err(|error| Failure::Failed(error.into()))?;
        if digest.rows != file.rows || digest.sha256 != file.sha256 {
            return Err(Failure::failed(format!(
                "table {} of {whose}: {} rows in the backup, {} after it was restored, or not the \
                 same ones",
                file.table.name, file.rows, digest.rows
            )));
        }
    }
    writing.finish(domain.tenancy()).await.map_err(failure)
}
