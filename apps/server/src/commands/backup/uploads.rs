//! Uploaded files in a backup: each content once, shared with the backup before.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use axum::body::Bytes;
use domain::files::blobs::{BlobStore, Part};
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::entries;
use super::manifest::{Upload, content, hex};

/// Saves all files of a tenant; `before` is the folder of the backup before.
pub(super) async fn save(
    store: &BlobStore,
    tenant: i32,
    folder: &Path,
    before: Option<&Path>,
) -> anyhow::Result<Vec<Upload>> {
    let mut ids: Vec<i32> = store
        .list(tenant)
        .await?
        .iter()
        .map(|file| file.0)
        .collect();
    ids.sort_unstable();
    let mut uploads = Vec::new();
    for id in ids {
        // one that went away meanwhile belongs to no row of a later moment
        let Some(blob) = store.read(tenant, id, Part::Whole).await? else {
            continue;
        };
        let pieces: Vec<Bytes> = blob.content.try_collect().await?;
        let bytes = pieces.concat();
        let upload = Upload {
            id,
            size: bytes.len() as u64,
            sha256: hex(&Sha256::digest(&bytes)),
        };
        let name = content(&upload.sha256);
        let to = folder.join(&name);
        let from = before.map(|before| before.join(&name));
        spawn_blocking(move || keep(&to, from.as_deref(), &bytes)).await??;
        uploads.push(upload);
    }
    Ok(uploads)
}

fn keep(to: &Path, from: Option<&Path>, bytes: &[u8]) -> io::Result<()> {
    if to.exists() {
        return Ok(());
    }
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    // on another file system, or the first time, the content is written
    let is_shared = from.is_some_and(|from| fs::hard_link(from, to).is_ok());
    if is_shared {
        return Ok(());
    }
    fs::write(to, bytes)?;
    fs::File::open(to)?.sync_all()
}

/// Looks at the content of all files; what is missing or was changed.
pub(super) fn check(folder: &Path, uploads: &[Upload]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for upload in uploads.iter().filter(|upload| seen.insert(&upload.sha256)) {
        let name = content(&upload.sha256);
        let checked =
            entries::check_digest(&upload.sha256).and_then(|()| entries::check(folder, &name));
        if let Err(why) = checked {
            wrong.push(why);
            continue;
        }
        let file = folder.join(name);
        match fs::read(&file) {
            Ok(bytes) if hex(&Sha256::digest(&bytes)) == upload.sha256 => {}
            Ok(_) => wrong.push(format!(
                "{}: it was changed after the backup",
                file.display()
            )),
            Err(error) => wrong.push(format!("{}: {error}", file.display())),
        }
    }
    wrong
}

/// Puts all files of a tenant back.
pub(super) async fn restore(
    store: &BlobStore,
    tenant: i32,
    folder: &Path,
    uploads: &[Upload],
) -> anyhow::Result<()> {
    for upload in uploads {
        let file = folder.join(content(&upload.sha256));
        let bytes = tokio::fs::read(&file).await?;
        store.write(tenant, upload.id, bytes.into()).await?;
    }
    Ok(())
}
