//! The contents of attachments: what may be stored, under which name, and where (spec 01 §7).
//!
//! A file is written when the transaction that knows it ends, so that one that fails leaves
//! none; it is removed by a job that is noted in the transaction that deletes its row.

pub mod content;
mod name;
mod removal;

use std::time::Duration;

use blobs::BlobStore;
use bytes::Bytes;
use entity::Id;
use tenancy::TenantId;

/// Where files lie, for crates that only know this one.
pub use blobs;
pub use removal::{Compared, compare, remove, stale, sweep};
pub(crate) use removal::{remove_all_of, remove_later};

pub(crate) use name::{fit, stored_name};

use crate::Result;

/// What an operator can set about uploads.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the contents lie.
    pub store: BlobStore,
    /// Largest accepted file.
    pub max_bytes: usize,
    /// Whether a file goes away with its record.
    pub delete: bool,
    /// How long a file stays after its record is gone.
    pub delete_after: Duration,
    /// Whether files are for members only; unset means: where there is more than one tenant.
    pub require_login: Option<bool>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            store: BlobStore::memory(),
            max_bytes: 5_242_880,
            delete: true,
            delete_after: Duration::ZERO,
            require_login: None,
        }
    }
}

/// Files of an open transaction, by the id of their attachment.
pub(crate) type Pending = Vec<(Id, Bytes)>;

/// Writes the files of a transaction that is about to end: all of them, or none.
pub(crate) async fn write(store: &BlobStore, tenant: TenantId, files: &Pending) -> Result<()> {
    for (index, (id, content)) in files.iter().enumerate() {
        if let Err(error) = store.write(tenant.0, *id, content.clone()).await {
            take_back(store, tenant, &files[..index]).await;
            return Err(error.into());
        }
    }
    Ok(())
}

/// Removes the files of a transaction that failed at its end. While nobody knows whether it did,
/// they stay, and [`sweep`] decides.
pub(crate) async fn undo(
    store: &BlobStore,
    tenant: TenantId,
    files: &Pending,
    error: &tenancy::Error,
) {
    if !matches!(error, tenancy::Error::Unavailable) {
        take_back(store, tenant, files).await;
    }
}

async fn take_back(store: &BlobStore, tenant: TenantId, files: &[(Id, Bytes)]) {
    for (id, _) in files {
        if let Err(error) = store.remove(tenant.0, *id).await {
            tracing::warn!(
                event = "file_left_behind",
                tenant.id = tenant.0,
                attachment = id,
                error = %error,
                "the file of a failed upload could not be removed and is left to the cleaning"
            );
        }
    }
}
