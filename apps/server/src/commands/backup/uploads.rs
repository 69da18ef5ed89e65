//! Uploaded files in a backup: each content once, shared with the backup before.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use axum::body::Bytes;
use domain::files::blobs::{BlobStore, Part};
use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::manifest::{Upload, content, hex};
use crate::place::Place;

/// Saves all files of a tenant; `before` is the folder of the backup before.
pub(super) async fn save(
    store: &BlobStore,
    tenant: i32,
    folder: &Place,
    before: Option<&Place>,
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
        let (to, from) = (folder.clone(), before.cloned());
        spawn_blocking(move || keep(&name, &to, from.as_ref(), &bytes)).await??;
        uploads.push(upload);
    }
    Ok(uploads)
}

fn keep(name: &Path, to: &Place, from: Option<&Place>, bytes: &[u8]) -> io::Result<()> {
    if to.exists(name)? || from.is_some_and(|from| to.share(name, from)) {
        return Ok(());
    }
    to.write(name, bytes)
}

/// Looks at the content of all files; what is missing or was changed.
pub(super) fn check(folder: &Place, uploads: &[Upload]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for upload in uploads.iter().filter(|upload| seen.insert(&upload.sha256)) {
        let name = content(&upload.sha256);
        let checked = check_digest(&upload.sha256).and_then(|()| folder.check(&name));
        if let Err(why) = checked {
            wrong.push(why);
            continue;
        }
        match folder.read(&name) {
            Ok(bytes) if hex(&Sha256::digest(&bytes)) == upload.sha256 => {}
            Ok(_) => wrong.push(format!(
                "{folder}/{}: it was changed after the backup",
                name.display()
            )),
            Err(error) => wrong.push(error.to_string()),
        }
    }
    wrong
}

/// Puts all files of a tenant back.
pub(super) async fn restore(
    store: &BlobStore,
    tenant: i32,
    folder: &Place,
    uploads: &[Upload],
) -> anyhow::Result<()> {
    for upload in uploads {
        let (place, name) = (folder.clone(), content(&upload.sha256));
        let bytes = spawn_blocking(move || place.read(&name)).await??;
        store.write(tenant, upload.id, bytes.into()).await?;
    }
    Ok(())
}

/// Checks the digest that a content is stored under: it is part of a path.
fn check_digest(text: &str) -> Result<(), String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    if text.len() == 64 && text.bytes().all(is_digit) {
        Ok(())
    } else {
        Err(format!("{text:?}: it is no SHA-256 digest"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lib_005_digests_are_no_paths() {
        assert_eq!(check_digest(&"0a".repeat(32)), Ok(()));
        let long = "0a".repeat(33);
        let upper = "0A".repeat(32);
        let path = format!("{}/{}", "..".repeat(16), "a".repeat(31));
        for text in [
            "",
            "../../../etc/passwd",
            "/etc/passwd",
            &long,
            &upper,
            &path,
        ] {
            assert!(check_digest(text).is_err(), "{text}");
        }
    }
}
