//! `kiwi backup`, `kiwi verify-backup` and `kiwi restore`.
//!
//! A backup is a folder, on a disk or in a bucket: rows of each table as compressed JSON lines,
//! uploaded files by their digests, and a manifest that is written last. Each tenant in it is as it
//! was at one moment; nobody waits while it is taken.

mod keep;
mod lines;
mod manifest;
mod restore;
mod uploads;
mod verify;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use domain::Domain;
use serde::Serialize;
use tenancy::{ArchivedTenant, Reading};

use super::failure;
use crate::cli::Backup;
use crate::config::{BackupPlan, Config};
use crate::deeds::{self, Deed, Done};
use crate::output::{Failure, Output};
use crate::place::Place;
use manifest::{Manifest, Part, TableFile, TenantPart};
pub(super) use restore::restore;
pub(super) use verify::verify;

/// What the folders of backups are called, before the time.
const PREFIX: &str = "kiwi-";
/// The form of that time.
const NAME: &str = "%Y-%m-%dT%H-%M-%SZ";

/// A backup that was taken.
#[derive(Serialize)]
pub(super) struct Saved {
    pub(super) folder: String,
    tenants: Vec<String>,
    rows: u64,
    uploads: usize,
    bytes: u64,
}

/// For people.
impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = &self.folder;
        let (tenants, rows, files) = (self.tenants.len(), self.rows, self.uploads);
        write!(f, "{folder}: {tenants} tenants, {rows} rows, {files} files")
    }
}

/// What is to be saved, and where.
pub(super) struct Wanted {
    out: Place,
    /// All of them when it is empty.
    tenants: Vec<String>,
    no_uploads: bool,
}

impl Wanted {
    /// Everything.
    pub(super) fn everything(out: Place) -> Self {
        Self {
            out,
            tenants: Vec::new(),
            no_uploads: false,
        }
    }
}

/// Where somebody wants a backup, or has one.
pub(super) fn place_of(config: &Config, given: &Path) -> Result<Place, Failure> {
    Place::of(given, &config.values).map_err(Failure::Usage)
}

/// `kiwi backup`
pub(super) async fn backup(
    config: &Config,
    domain: &Domain,
    options: Backup,
    output: Output,
) -> Result<(), Failure> {
    let wanted = Wanted {
        out: place_of(config, &options.out)?,
        tenants: options.tenant,
        no_uploads: options.no_uploads,
    };
    let saved = save(domain, &wanted, output).await?;
    output.show(&saved, ToString::to_string)
}

/// Takes a backup of everything, and removes those that need not stay; says what was done.
pub(crate) async fn by_itself(domain: &Domain, plan: &BackupPlan) -> anyhow::Result<String> {
    let wanted = Wanted::everything(plan.target.clone());
    // nobody watches its progress
    let saved = save(domain, &wanted, Output::new(true)).await;
    let saved = saved.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let (target, keep) = (plan.target.clone(), plan.keep);
    let removed = tokio::task::spawn_blocking(move || keep::prune(&target, keep)).await??;
    Ok(format!("{saved}; {removed} old backups removed"))
}

/// Proves that the newest backup of the plan can be restored; says which one that was.
pub(crate) async fn verify_newest(domain: &Domain, plan: &BackupPlan) -> anyhow::Result<String> {
    let target = plan.target.clone();
    let folder = tokio::task::spawn_blocking(move || newest(&target)).await??;
    let folder = folder.ok_or_else(|| anyhow::anyhow!("there is no backup in {}", plan.target))?;
    let proved = verify::prove(domain, &folder, Output::new(true)).await;
    let proved = proved.map_err(|failure| anyhow::anyhow!("{folder}: {failure}"))?;
    Ok(format!("{folder}: {proved}"))
}

/// Takes a backup; one of everything is noted.
pub(super) async fn save(
    domain: &Domain,
    wanted: &Wanted,
    output: Output,
) -> Result<Saved, Failure> {
    let begun = deeds::begin(Deed::Backup);
    let saved = take(domain, wanted, output).await;
    if wanted.tenants.is_empty() && !wanted.no_uploads {
        let outcome = match &saved {
            Ok(saved) => Ok(Done {
                detail: saved.to_string(),
                bytes: Some(saved.bytes),
                of: None,
            }),
            Err(why) => Err(why.to_string()),
        };
        begun.end(domain, outcome).await;
    }
    saved
}

async fn take(domain: &Domain, wanted: &Wanted, output: Output) -> Result<Saved, Failure> {
    let tenancy = domain.tenancy();
    let (mut platform, mut archived) = tenancy.read_platform().await.map_err(failure)?;
    for name in &wanted.tenants {
        if archived.iter().all(|tenant| tenant.schema != *name) {
            return Err(Failure::NotFound(format!("tenant {name} does not exist")));
        }
    }
    let is_whole = wanted.tenants.is_empty();
    if !is_whole {
        archived.retain(|tenant| wanted.tenants.contains(&tenant.schema));
    }
    let taken_at = domain::now();
    let name = format!("{PREFIX}{}", taken_at.format(NAME));
    let out = wanted.out.clone();
    let begin = move || {
        if out.folders()?.contains(&name) {
            return Ok(Err(format!("{} exists", out.join(&name))));
        }
        let before = newest(&out)?;
        Ok(Ok((out.begin(&name)?, before)))
    };
    let (draft, before) = waiting(begin).await?.map_err(Failure::Refused)?;
    let folder = &draft.place;
    let saved = async {
        let part = save_tables(&mut platform, folder, "platform").await?;
        platform.finish().await.map_err(failure)?;
        let mut manifest = Manifest::new(taken_at.to_rfc3339(), is_whole, part);
        for tenant in archived {
            output.progress(format!("saving {}", tenant.schema));
            let before = before.as_ref();
            manifest
                .tenants
                .push(save_tenant(domain, tenant, folder, before, wanted.no_uploads).await?);
        }
        manifest.write(folder).await?;
        Ok::<_, Failure>(manifest)
    };
    let saved = saved.await;
    let complete = draft.complete.clone();
    let is_saved = saved.is_ok();
    let end = move || {
        let completed = if is_saved {
            draft.complete()
        } else {
            Err(io::ErrorKind::Interrupted.into())
        };
        if completed.is_err() {
            // why it is not saved is told, and this would only follow from it
            let _ = draft.place.remove();
        }
        completed
    };
    let ended = waiting(end).await;
    let manifest = saved?;
    ended?;
    let place = complete.clone();
    let bytes = waiting(move || place.size()).await?;
    Ok(Saved {
        rows: manifest.rows(),
        uploads: manifest.uploads(),
        bytes,
        tenants: manifest
            .tenants
            .into_iter()
            .map(|tenant| tenant.tenant.schema)
            .collect(),
        folder: complete.to_string(),
    })
}

async fn save_tenant(
    domain: &Domain,
    archived: ArchivedTenant,
    folder: &Place,
    before: Option<&Place>,
    no_uploads: bool,
) -> Result<TenantPart, Failure> {
    let tenancy = domain.tenancy();
    let tenant = super::tenant_of(domain, &archived.schema).await?;
    let mut reading = tenancy.read_tenant(&tenant).await.map_err(failure)?;
    let name = format!("tenants/{}", archived.schema);
    let part = save_tables(&mut reading, folder, &name).await?;
    reading.finish().await.map_err(failure)?;
    // after the rows, so that every row has its file
    let uploads = if no_uploads {
        Vec::new()
    } else {
        let store = &domain.settings().uploads.store;
        uploads::save(store, archived.id, folder, before).await?
    };
    Ok(TenantPart {
        tenant: ArchivedTenant {
            version: part.version,
            ..archived
        },
        part,
        uploads,
    })
}

async fn save_tables(reading: &mut Reading, folder: &Place, name: &str) -> Result<Part, Failure> {
    let mut tables = Vec::new();
    for table in reading.tables().to_vec() {
        let file = PathBuf::from(name).join(format!("{}.ndjson.gz", table.name));
        let (sender, writing) = lines::write(folder.clone(), file.clone());
        let sent = reading.rows(&table.name, &sender).await;
        drop(sender);
        let digest = writing
            .await
            .map_err(|error| Failure::Failed(error.into()))?;
        let digest = digest.map_err(|error| Failure::failed(error.to_string()))?;
        sent.map_err(failure)?;
        tables.push(TableFile {
            table,
            file,
            rows: digest.rows,
            sha256: digest.sha256,
        });
    }
    Ok(Part {
        version: reading.version(),
        tables,
    })
}

/// The newest complete backup in a folder.
fn newest(out: &Place) -> io::Result<Option<Place>> {
    let mut names = out.folders()?;
    names.retain(|name| name.starts_with(PREFIX));
    names.sort_unstable();
    for name in names.iter().rev() {
        let backup = out.join(name);
        if backup.is_complete()? {
            return Ok(Some(backup));
        }
    }
    Ok(None)
}

/// Does what waits for a disk or the network on a thread that may wait.
async fn waiting<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| Failure::Failed(error.into()))?;
    done.map_err(|error| Failure::failed(error.to_string()))
}
