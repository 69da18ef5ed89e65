//! The store and its keys.

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt as _};

use crate::{Blob, Part};

/// A bucket of an S3-compatible service. What is not given is taken from the variables, roles and
/// tokens that the tools of AWS use.
#[derive(Debug, Clone, Default)]
pub struct S3 {
    /// Name of the bucket.
    pub bucket: String,
    /// Region of the bucket.
    pub region: Option<String>,
    /// Address of the service when it is not that of AWS.
    pub endpoint: Option<String>,
    /// What stands before every key.
    pub prefix: Option<String>,
    /// The bucket is part of the path instead of the host name.
    pub path_style: bool,
    /// Access key.
    pub access_key: Option<String>,
    /// Secret of the access key.
    pub secret_key: Option<String>,
}

/// Where files lie. Every key begins with the tenant, so that no file can be read from another.
#[derive(Debug, Clone)]
pub struct BlobStore(Arc<dyn ObjectStore>);

/// What could not be done with a file, and why.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {source}")]
pub struct Error {
    what: String,
    source: object_store::Error,
}

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(what: impl Into<String>, source: object_store::Error) -> Self {
        Self {
            what: what.into(),
            source,
        }
    }
}

impl BlobStore {
    /// A folder, which is made when the first file is written.
    pub fn disk(folder: &FilePath) -> Result<Self> {
        let root = Path::from_absolute_path(folder).map_err(|error| {
            Error::new(
                format!("{} cannot hold files", folder.display()),
                error.into(),
            )
        })?;
        // a file that was confirmed must survive a power failure
        let disk = LocalFileSystem::new().with_fsync(true);
        Ok(Self(Arc::new(PrefixStore::new(disk, root))))
    }

    /// A bucket.
    pub fn s3(settings: S3) -> Result<Self> {
        bucket(settings).map(Self)
    }

    /// Nothing is kept beyond the life of the program; for tests.
    pub fn memory() -> Self {
        Self(Arc::new(InMemory::new()))
    }

    /// Any other place, with keys of ours.
    pub fn new(place: Arc<dyn ObjectStore>) -> Self {
        Self(place)
    }

    /// Writes a file: afterwards it is there as a whole, or not at all.
    pub async fn write(&self, tenant: i32, file: i32, content: Bytes) -> Result<()> {
        let written = self.0.put(&key(tenant, file), content.into()).await;
        written
            .map(|_| ())
            .map_err(|error| storage("written", error))
    }

    /// Opens a file; `None` if there is none.
    pub async fn read(&self, tenant: i32, file: i32, part: Part) -> Result<Option<Blob>> {
        let range = match part {
            Part::Whole => None,
            Part::From(first, None) => Some(GetRange::Offset(first)),
            Part::From(first, Some(end)) => Some(GetRange::Bounded(first..end)),
            Part::Last(count) => Some(GetRange::Suffix(count)),
        };
        let options = GetOptions {
            range,
            ..GetOptions::default()
        };
        match self.0.get_opts(&key(tenant, file), options).await {
            Ok(found) => Ok(Some(Blob {
                size: found.meta.size,
                range: found.range.clone(),
                content: found
                    .into_stream()
                    .map(|piece| piece.map_err(std::io::Error::other))
                    .boxed(),
            })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(storage("read", error)),
        }
    }

    /// Removes a file; one that is not there is fine.
    pub async fn remove(&self, tenant: i32, file: i32) -> Result<()> {
        match self.0.delete(&key(tenant, file)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(storage("removed", error)),
        }
    }

    /// All files of a tenant with the time they were written.
    pub async fn list(&self, tenant: i32) -> Result<Vec<(i32, DateTime<Utc>)>> {
        let mut listing = self.0.list(Some(&folder(tenant)));
        let mut files = Vec::new();
        while let Some(found) = listing.next().await {
            let found = found.map_err(|error| storage("listed", error))?;
            let id = found.location.filename().and_then(|name| name.parse().ok());
            files.extend(id.map(|id| (id, found.last_modified)));
        }
        Ok(files)
    }
}

/// What the settings of a bucket mean.
pub(crate) fn bucket(settings: S3) -> Result<Arc<dyn ObjectStore>> {
    let refused = |error| Error::new("the bucket cannot be used", error);
    if settings.bucket.is_empty() {
        return Err(refused(object_store::Error::Generic {
            store: "S3",
            source: "it has no name".into(),
        }));
    }
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(settings.bucket)
        .with_virtual_hosted_style_request(!settings.path_style);
    if let Some(region) = settings.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = settings.endpoint {
        builder = builder
            .with_allow_http(endpoint.starts_with("http://"))
            .with_endpoint(endpoint);
    }
    if let (Some(key), Some(secret)) = (settings.access_key, settings.secret_key) {
        builder = builder
            .with_access_key_id(key)
            .with_secret_access_key(secret);
    }
    let bucket = builder.build().map_err(refused)?;
    let prefix = Path::parse(settings.prefix.unwrap_or_default());
    let prefix = prefix.map_err(|error| refused(error.into()))?;
    Ok(Arc::new(PrefixStore::new(bucket, prefix)))
}

fn folder(tenant: i32) -> Path {
    Path::from(format!("t/{tenant}"))
}

/// By the ids, which never change and are never given twice: no name of a client reaches the disk,
/// and a tenant that is renamed keeps its files.
fn key(tenant: i32, file: i32) -> Path {
    Path::from(format!("t/{tenant}/{file}"))
}

fn storage(what: &str, error: object_store::Error) -> Error {
    Error::new(format!("a file could not be {what}"), error)
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::*;

    const ONE: i32 = 1;
    const OTHER: i32 = 2;

    async fn text(store: &BlobStore, tenant: i32, file: i32, part: Part) -> Option<String> {
        let blob = store.read(tenant, file, part).await.expect("readable")?;
        let pieces: Vec<Bytes> = blob.content.try_collect().await.expect("whole");
        Some(String::from_utf8(pieces.concat()).expect("text"))
    }

    async fn holds_files_of_tenants(store: &BlobStore) {
        assert_eq!(store.list(ONE).await.expect("empty"), []);
        for (tenant, file, content) in [(ONE, 1, "one"), (ONE, 12, "twelve"), (OTHER, 1, "other")] {
            let content = Bytes::from_static(content.as_bytes());
            store.write(tenant, file, content).await.expect("written");
        }
        assert_eq!(
            text(store, ONE, 1, Part::Whole).await.as_deref(),
            Some("one")
        );
        assert_eq!(
            text(store, OTHER, 1, Part::Whole).await.as_deref(),
            Some("other")
        );
        assert_eq!(text(store, OTHER, 12, Part::Whole).await, None);
        let parts = [
            (Part::From(1, Some(3)), "we"),
            (Part::From(4, None), "ve"),
            (Part::From(4, Some(100)), "ve"),
            (Part::Last(3), "lve"),
        ];
        for (part, expected) in parts {
            let found = text(store, ONE, 12, part.clone()).await;
            assert_eq!(found.as_deref(), Some(expected), "{part:?}");
        }
        let mut ids: Vec<i32> = store
            .list(ONE)
            .await
            .expect("listed")
            .iter()
            .map(|f| f.0)
            .collect();
        ids.sort_unstable();
        assert_eq!(ids, [1, 12]);
        store.remove(ONE, 1).await.expect("removed");
        store.remove(ONE, 1).await.expect("removed once more");
        assert_eq!(text(store, ONE, 1, Part::Whole).await, None);
        assert_eq!(
            text(store, OTHER, 1, Part::Whole).await.as_deref(),
            Some("other")
        );
    }

    #[tokio::test]
    async fn the_memory_holds_files_of_tenants() {
        holds_files_of_tenants(&BlobStore::memory()).await;
    }

    #[tokio::test]
    async fn a_folder_holds_files_of_tenants() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().join("with blank/ünï");
        holds_files_of_tenants(&BlobStore::disk(&root).expect("a store")).await;
        let content = std::fs::read_to_string(root.join("t/1/12")).expect("the file of an id");
        assert_eq!(content, "twelve");
    }

    #[tokio::test]
    async fn a_write_that_fails_says_why_and_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        // a file where a folder must be made
        std::fs::write(folder.path().join("t"), "").expect("in the way");
        let store = BlobStore::disk(folder.path()).expect("a store");
        let error = store.write(ONE, 1, Bytes::from_static(b"x")).await;
        let text = error.expect_err("no folder").to_string();
        assert!(text.starts_with("a file could not be written: "), "{text}");
        let left = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(left, 1);
    }

    #[test]
    fn a_bucket_needs_a_name() {
        let error = BlobStore::s3(S3::default()).expect_err("no bucket");
        assert!(error.to_string().contains("bucket"), "{error}");
    }
}
