//! Folders in a bucket: keys with a common beginning.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

use axum::body::Bytes;
use domain::files::blobs::{self, Shelf, Upload};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::runtime::Handle;

use super::{SCHEME, Sink};

/// A folder in a bucket.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    shelf: Shelf,
    name: String,
    key: String,
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}", self.name, self.key)
    }
}

impl Bucket {
    pub(super) fn new(shelf: Shelf, name: &str, key: &str) -> Self {
        Self {
            shelf,
            name: name.to_owned(),
            key: key.to_owned(),
        }
    }

    pub(super) fn join(&self, name: &str) -> Self {
        Self {
            key: format!("{}/{name}", self.key),
            ..self.clone()
        }
    }

    pub(super) fn folders(&self) -> io::Result<Vec<String>> {
        self.wait(self.shelf.folders(&self.key))
    }

    pub(super) fn size(&self) -> io::Result<u64> {
        self.wait(self.shelf.size(&self.key))
    }

    pub(super) fn exists(&self, entry: &Path) -> io::Result<bool> {
        self.wait(self.shelf.exists(&self.key_of(entry)))
    }

    pub(super) fn open(&self, entry: &Path) -> io::Result<Box<dyn Read + Send>> {
        let key = self.key_of(entry);
        let pieces = self.wait(self.shelf.read(&key))?.ok_or_else(|| {
            let text = format!("{SCHEME}{}/{key}: it is not there", self.name);
            io::Error::new(io::ErrorKind::NotFound, text)
        })?;
        Ok(Box::new(Pieces {
            rest: pieces,
            piece: Bytes::new(),
            handle: Handle::current(),
        }))
    }

    pub(super) fn create(&self, entry: &Path) -> io::Result<Box<dyn Sink>> {
        let upload = self.shelf.write(&self.key_of(entry));
        Ok(Box::new(Sending {
            upload: Some(upload.map_err(io::Error::other)?),
            handle: Handle::current(),
        }))
    }

    pub(super) fn share(&self, entry: &Path, from: &Self) -> bool {
        // what cannot be copied is sent
        self.name == from.name
            && self
                .wait(self.shelf.copy(&from.key_of(entry), &self.key_of(entry)))
                .unwrap_or(false)
    }

    pub(super) fn remove(&self, last: &Path) -> io::Result<()> {
        self.wait(self.shelf.remove(&self.key_of(last)))?;
        self.wait(self.shelf.remove_all(&self.key))
    }

    fn key_of(&self, entry: &Path) -> String {
        format!("{}/{}", self.key, entry.display())
    }

    fn wait<T>(&self, work: impl Future<Output = blobs::Result<T>>) -> io::Result<T> {
        Handle::current()
            .block_on(work)
            .map_err(|error| io::Error::other(format!("bucket {}: {error}", self.name)))
    }
}

/// A file that arrives in pieces.
struct Pieces {
    rest: BoxStream<'static, io::Result<Bytes>>,
    piece: Bytes,
    handle: Handle,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.handle.block_on(self.rest.next()) {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let bytes = self.piece.len().min(buffer.len());
        buffer[..bytes].copy_from_slice(&self.piece.split_to(bytes));
        Ok(bytes)
    }
}

/// A file that is sent in pieces.
struct Sending {
    upload: Option<Upload>,
    handle: Handle,
}

impl Write for Sending {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let upload = self.upload.as_mut();
        let upload = upload.ok_or_else(|| io::Error::other("the file is finished"))?;
        let piece = Bytes::copy_from_slice(bytes);
        let added = self.handle.block_on(upload.add(piece));
        added.map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for Sending {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        match self.upload.take() {
            Some(upload) => {
                let ended = self.handle.block_on(upload.finish());
                ended.map_err(io::Error::other)
            }
            None => Ok(()),
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(upload) = self.upload.take() {
            // whoever stopped writing has the reason; the service removes what is left in the end
            let _ = self.handle.block_on(upload.abandon());
        }
    }
}
