//! Files under names of their own in a bucket, such as backups.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::io::AsyncWriteExt as _;

use crate::store::{Error, Result, S3, bucket};

/// Pieces of a large file that are on their way at the same time.
const PIECES: usize = 2;

/// A bucket, or what lies below a prefix in one.
#[derive(Debug, Clone)]
pub struct Shelf(Arc<dyn ObjectStore>);

/// A file that is being written; it is there when it is finished, as a whole.
pub struct Upload {
    writer: BufWriter,
    name: String,
}

impl Shelf {
    /// Below the prefix of these settings.
    pub fn s3(settings: S3) -> Result<Self> {
        bucket(settings).map(Self)
    }

    /// Nothing is kept beyond the life of the program; for tests.
    pub fn memory() -> Self {
        Self(Arc::new(object_store::memory::InMemory::new()))
    }

    /// Names of the folders directly in a folder.
    pub async fn folders(&self, below: &str) -> Result<Vec<String>> {
        let listed = self.0.list_with_delimiter(Some(&path(below)?)).await;
        let listed = listed.map_err(|error| failed(below, "listed", error))?;
        let names = listed.common_prefixes.iter();
        let names = names.filter_map(|folder| folder.filename().map(str::to_owned));
        Ok(names.collect())
    }

    /// How many bytes all files below a folder have.
    pub async fn size(&self, below: &str) -> Result<u64> {
        let sizes = self.0.list(Some(&path(below)?));
        let sum = sizes.try_fold(0, async |sum, found| Ok(sum + found.size));
        sum.await.map_err(|error| failed(below, "listed", error))
    }

    /// Whether a file is there.
    pub async fn exists(&self, name: &str) -> Result<bool> {
        match self.0.head(&path(name)?).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(failed(name, "looked at", error)),
        }
    }

    /// The content of a file, piece by piece; `None` if there is none.
    pub async fn read(
        &self,
        name: &str,
    ) -> Result<Option<BoxStream<'static, std::io::Result<Bytes>>>> {
        match self.0.get(&path(name)?).await {
            Ok(found) => Ok(Some(
                found
                    .into_stream()
                    .map(|piece| piece.map_err(std::io::Error::other))
                    .boxed(),
            )),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(name, "read", error)),
        }
    }

    /// Begins to write a file.
    pub fn write(&self, name: &str) -> Result<Upload> {
        let writer = BufWriter::new(Arc::clone(&self.0), path(name)?);
        Ok(Upload {
            writer: writer.with_max_concurrency(PIECES),
            name: name.to_owned(),
        })
    }

    /// Copies a file inside the bucket; false when it is not there.
    pub async fn copy(&self, from: &str, to: &str) -> Result<bool> {
        match self.0.copy(&path(from)?, &path(to)?).await {
            Ok(()) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => Err(failed(from, "copied", error)),
        }
    }

    /// Removes a file; one that is not there is fine.
    pub async fn remove(&self, name: &str) -> Result<()> {
        match self.0.delete(&path(name)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(failed(name, "removed", error)),
        }
    }

    /// Removes all files below a folder.
    pub async fn remove_all(&self, below: &str) -> Result<()> {
        let found = self.0.list(Some(&path(below)?));
        let found = found.map_ok(|found| found.location).boxed();
        let removed = self.0.delete_stream(found).try_collect::<Vec<_>>().await;
        match removed {
            Ok(_) => Ok(()),
            Err(error) => Err(failed(below, "removed", error)),
        }
    }
}

impl Upload {
    /// Adds a piece.
    pub async fn add(&mut self, piece: Bytes) -> Result<()> {
        let added = self.writer.put(piece).await;
        added.map_err(|error| failed(&self.name, "written", error))
    }

    /// Ends it; afterwards the file is there.
    pub async fn finish(mut self) -> Result<()> {
        let ended = self.writer.shutdown().await;
        ended.map_err(|error| {
            let error = object_store::Error::Generic {
                store: "S3",
                source: error.into(),
            };
            failed(&self.name, "written", error)
        })
    }

    /// Gives it up; no file is there afterwards, nor a part of one.
    pub async fn abandon(mut self) -> Result<()> {
        let ended = self.writer.abort().await;
        ended.map_err(|error| failed(&self.name, "given up", error))
    }
}

fn path(name: &str) -> Result<Path> {
    Path::parse(name).map_err(|error| failed(name, "named", error.into()))
}

fn failed(name: &str, what: &str, error: object_store::Error) -> Error {
    Error::new(format!("{name} could not be {what}"), error)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(shelf: &Shelf, name: &str) -> Option<String> {
        let pieces = shelf.read(name).await.expect("readable")?;
        let pieces: Vec<Bytes> = pieces.try_collect().await.expect("whole");
        Some(String::from_utf8(pieces.concat()).expect("text"))
    }

    #[tokio::test]
    async fn files_are_there_as_a_whole_or_not_at_all() {
        let shelf = Shelf::memory();
        for (name, content) in [("a/one/x", "1"), ("a/one/deep/y", "22"), ("a/two/x", "333")] {
            let mut upload = shelf.write(name).expect("a name");
            let content = Bytes::from_static(content.as_bytes());
            upload.add(content).await.expect("added");
            assert_eq!(text(&shelf, name).await, None);
            upload.finish().await.expect("written");
        }
        let mut given_up = shelf.write("a/one/z").expect("a name");
        // more than fits into one piece
        let large = Bytes::from(vec![0; 11 << 20]);
        given_up.add(large).await.expect("added");
        given_up.abandon().await.expect("given up");
        assert!(!shelf.exists("a/one/z").await.expect("looked at"));

        assert_eq!(shelf.folders("a").await.expect("listed"), ["one", "two"]);
        assert_eq!(shelf.size("a/one").await.expect("listed"), 3);
        assert!(shelf.copy("a/two/x", "b/x").await.expect("copied"));
        assert!(!shelf.copy("a/two/none", "b/y").await.expect("asked"));
        assert_eq!(text(&shelf, "b/x").await.as_deref(), Some("333"));
        shelf.remove("a/two/x").await.expect("removed");
        shelf.remove_all("a/one").await.expect("removed");
        assert_eq!(shelf.size("a").await.expect("listed"), 0);
        assert_eq!(text(&shelf, "b/x").await.as_deref(), Some("333"));
    }

    #[tokio::test]
    async fn names_that_lead_elsewhere_are_none() {
        let error = Shelf::memory().exists("a/../b").await.expect_err("a name");
        assert!(
            error.to_string().contains("a/../b could not be named"),
            "{error}"
        );
    }
}
