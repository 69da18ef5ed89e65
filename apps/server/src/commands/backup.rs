//! `kiwi backup`, `kiwi verify-backup` and `kiwi restore`.
//!
//! A backup is a folder: rows of each table as compressed JSON lines, uploaded files by their
//! digests, and a manifest that is written last. Each tenant in it is as it was at one moment;
//! nobody waits while it is taken.

mod entries;
mod keep;
mod lines;
mod manifest;
mod restore;
mod uploads;
mod verify;

use std::fmt;
use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use domain::Domain;
use serde::Serialize;
use tenancy::{ArchivedTenant, Reading};

use super::failure;
use crate::cli::Backup;
use crate::config::BackupPlan;
use crate::deeds::{self, Deed, Done};
use crate::output::{Failure, Output};
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
    pub(super) folder: PathBuf,
    tenants: Vec<String>,
    rows: u64,
    uploads: usize,
    bytes: u64,
}

/// For people.
impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.folder.display();
        let (tenants, rows, files) = (self.tenants.len(), self.rows, self.uploads);
        write!(f, "{folder}: {tenants} tenants, {rows} rows, {files} files")
    }
}

/// `kiwi backup`
pub(super) async fn backup(
    domain: &Domain,
    options: &Backup,
    output: Output,
) -> Result<(), Failure> {
    let saved = save(domain, options, output).await?;
    output.show(&saved, ToString::to_string)
}

/// Takes a backup of everything, and removes those that need not stay; says what was done.
pub(crate) async fn by_itself(domain: &Domain, plan: &BackupPlan) -> anyhow::Result<String> {
    let options = Backup {
        out: plan.target.clone(),
        tenant: vec![],
        no_uploads: false,
    };
    // nobody watches its progress
    let saved = save(domain, &options, Output::new(true)).await;
    let saved = saved.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let (target, keep) = (plan.target.clone(), plan.keep);
    let removed = tokio::task::spawn_blocking(move || keep::prune(&target, keep)).await?;
    let removed = removed.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    Ok(format!("{saved}; {} old backups removed", removed.len()))
}

/// Proves that the newest backup of the plan can be restored; says which one that was.
pub(crate) async fn verify_newest(domain: &Domain, plan: &BackupPlan) -> anyhow::Result<String> {
    let target = &plan.target;
    let folder = newest(target)
        .ok_or_else(|| anyhow::anyhow!("there is no backup in {}", target.display()))?;
    let proved = verify::prove(domain, &folder, Output::new(true)).await;
    let proved = proved.map_err(|failure| anyhow::anyhow!("{}: {failure}", folder.display()))?;
    Ok(format!("{}: {proved}", folder.display()))
}

/// Takes a backup; one of everything is noted.
pub(super) async fn save(
    domain: &Domain,
    options: &Backup,
    output: Output,
) -> Result<Saved, Failure> {
    let begun = deeds::begin(Deed::Backup);
    let saved = take(domain, options, output).await;
    if options.tenant.is_empty() && !options.no_uploads {
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

async fn take(domain: &Domain, options: &Backup, output: Output) -> Result<Saved, Failure> {
    let tenancy = domain.tenancy();
    let (mut platform, mut archived) = tenancy.read_platform().await.map_err(failure)?;
    for name in &options.tenant {
        if archived.iter().all(|tenant| tenant.schema != *name) {
            return Err(Failure::NotFound(format!("tenant {name} does not exist")));
        }
    }
    if !options.tenant.is_empty() {
        archived.retain(|tenant| options.tenant.contains(&tenant.schema));
    }
    let before = newest(&options.out);
    let taken_at = domain::now();
    let name = format!("{PREFIX}{}", taken_at.format(NAME));
    let folder = options.out.join(&name);
    // its name says that it is complete only at the end
    let unfinished = options.out.join(format!(".{name}"));
    fs::create_dir_all(&options.out).map_err(|error| cannot(&options.out, &error))?;
    if folder.exists() {
        return Err(Failure::Refused(format!("{} exists", folder.display())));
    }
    private_folder(&unfinished).map_err(|error| cannot(&unfinished, &error))?;
    let saved = async {
        let part = save_tables(&mut platform, &unfinished, "platform").await?;
        platform.finish().await.map_err(failure)?;
        let is_whole = options.tenant.is_empty();
        let mut manifest = Manifest::new(taken_at.to_rfc3339(), is_whole, part);
        for tenant in archived {
            output.progress(format!("saving {}", tenant.schema));
            let before = before.as_deref();
            manifest
                .tenants
                .push(save_tenant(domain, tenant, &unfinished, before, options.no_uploads).await?);
        }
        manifest.write(&unfinished)?;
        fs::rename(&unfinished, &folder).map_err(|error| cannot(&folder, &error))?;
        Ok::<_, Failure>(manifest)
    };
    let manifest = match saved.await {
        Ok(manifest) => manifest,
        Err(why) => {
            let _ = fs::remove_dir_all(&unfinished);
            return Err(why);
        }
    };
    Ok(Saved {
        rows: manifest.rows(),
        uploads: manifest.uploads(),
        bytes: entries::size(&folder).map_err(|error| cannot(&folder, &error))?,
        tenants: manifest
            .tenants
            .into_iter()
            .map(|tenant| tenant.tenant.schema)
            .collect(),
        folder,
    })
}

async fn save_tenant(
    domain: &Domain,
    archived: ArchivedTenant,
    folder: &Path,
    before: Option<&Path>,
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

async fn save_tables(reading: &mut Reading, folder: &Path, name: &str) -> Result<Part, Failure> {
    let mut tables = Vec::new();
    for table in reading.tables().to_vec() {
        let file = PathBuf::from(name).join(format!("{}.ndjson.gz", table.name));
        let (sender, writing) = lines::write(folder.join(&file));
        let sent = reading.rows(&table.name, &sender).await;
        drop(sender);
        let digest = writing
            .await
            .map_err(|error| Failure::Failed(error.into()))?;
        let digest = digest.map_err(|error| cannot(&folder.join(&file), &error))?;
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

/// Makes a new folder that nobody else can look into: backups hold hashes of passwords.
fn private_folder(folder: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(folder)
}

/// The newest complete backup in a folder.
fn newest(out: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(out).ok()?.flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let newest = names.filter(|name| name.starts_with(PREFIX)).max()?;
    Some(out.join(newest))
}

fn cannot(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn sec_045_backups_are_private_and_never_made_in_what_somebody_prepared() {
        let out = tempfile::tempdir().expect("a folder");
        let folder = out.path().join(".kiwi-2026");
        private_folder(&folder).expect("a folder");
        let mode = fs::metadata(&folder)
            .expect("a folder")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        private_folder(&folder).expect_err("it exists");
        let elsewhere = out.path().join("elsewhere");
        std::os::unix::fs::symlink(&folder, &elsewhere).expect("a link");
        private_folder(&elsewhere).expect_err("a link");
    }
}
