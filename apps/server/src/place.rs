//! Where backups lie: folders on a disk, or in a bucket.
//!
//! Everything but [`Place::of`] and [`Place::join`] waits for the disk or the network, and is for
//! threads that may wait.

mod bucket;
mod disk;

use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use blobs::{S3, Shelf};
use domain::files::blobs;

use crate::config::Values;
use bucket::Bucket;

/// What stands before the name of a bucket.
const SCHEME: &str = "s3://";
/// What a bucket has of a backup that is complete.
pub(crate) const LAST: &str = "manifest.json";

/// A folder of backups, or the folder of one.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// On a disk.
    Disk(PathBuf),
    /// In a bucket.
    Bucket(Bucket),
}

/// Writes a file; it is there when it is finished.
pub(crate) trait Sink: Write + Send {
    /// Sees to it that the file survives a power failure.
    fn finish(self: Box<Self>) -> io::Result<()>;
}

/// A backup that is being written.
pub(crate) struct Draft {
    /// Where its files are written to.
    pub(crate) place: Place,
    /// Where it is when it is complete.
    pub(crate) complete: Place,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk(folder) => folder.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl Place {
    /// What somebody means by a folder or `s3://bucket/prefix`; keys and region of the bucket are
    /// those of the bucket of uploads.
    pub(crate) fn of(given: &Path, values: &Values) -> Result<Self, String> {
        let Some(address) = given.to_str().and_then(|given| given.strip_prefix(SCHEME)) else {
            let folder = std::path::absolute(given);
            return Ok(Self::Disk(folder.map_err(|error| error.to_string())?));
        };
        let (name, key) = address.split_once('/').unwrap_or((address, ""));
        let key = key.trim_matches('/');
        if name.is_empty() || key.is_empty() {
            return Err(format!(
                "expected s3://bucket/prefix, got `{}`",
                given.display()
            ));
        }
        let settings = S3 {
            bucket: name.to_owned(),
            prefix: None,
            ..crate::config::bucket(values)?
        };
        let shelf = Shelf::s3(settings).map_err(|error| error.to_string())?;
        Ok(Self::Bucket(Bucket::new(shelf, name, key)))
    }

    /// A folder in it.
    pub(crate) fn join(&self, name: &str) -> Self {
        match self {
            Self::Disk(folder) => Self::Disk(folder.join(name)),
            Self::Bucket(bucket) => Self::Bucket(bucket.join(name)),
        }
    }

    /// Names of the folders in it; none when it is not there.
    pub(crate) fn folders(&self) -> io::Result<Vec<String>> {
        match self {
            Self::Disk(folder) => disk::folders(folder),
            Self::Bucket(bucket) => bucket.folders(),
        }
    }

    /// Whether everything of this backup is there; a disk has others under hidden names.
    pub(crate) fn is_complete(&self) -> io::Result<bool> {
        match self {
            Self::Disk(_) => Ok(true),
            Self::Bucket(bucket) => bucket.exists(Path::new(LAST)),
        }
    }

    /// How many bytes all files below it have.
    pub(crate) fn size(&self) -> io::Result<u64> {
        match self {
            Self::Disk(folder) => disk::size(folder).map_err(|error| named(folder, &error)),
            Self::Bucket(bucket) => bucket.size(),
        }
    }

    /// Whether an entry may be one: nothing that lies elsewhere, and on a disk an ordinary file.
    pub(crate) fn check(&self, entry: &Path) -> Result<(), String> {
        let is_inside = |part| matches!(part, Component::Normal(_));
        if !entry.components().all(is_inside) {
            return Err(format!(
                "{}: it does not lie in the folder of the backup",
                entry.display()
            ));
        }
        match self {
            Self::Disk(folder) => disk::check(folder, entry),
            Self::Bucket(_) => Ok(()),
        }
    }

    /// Whether there is something with this name.
    pub(crate) fn exists(&self, entry: &Path) -> io::Result<bool> {
        match self {
            Self::Disk(folder) => disk::exists(&folder.join(entry)),
            Self::Bucket(bucket) => bucket.exists(entry),
        }
    }

    /// Opens a file.
    pub(crate) fn open(&self, entry: &Path) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Self::Disk(folder) => disk::open(&folder.join(entry)),
            Self::Bucket(bucket) => bucket.open(entry),
        }
    }

    /// Reads a whole file.
    pub(crate) fn read(&self, entry: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(entry)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Begins to write a file.
    pub(crate) fn create(&self, entry: &Path) -> io::Result<Box<dyn Sink>> {
        match self {
            Self::Disk(folder) => disk::create(&folder.join(entry)),
            Self::Bucket(bucket) => bucket.create(entry),
        }
    }

    /// Writes a whole file.
    pub(crate) fn write(&self, entry: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut sink = self.create(entry)?;
        sink.write_all(bytes)?;
        sink.finish()
    }

    /// Has a file that another folder has, without sending its content; false where that cannot
    /// be.
    pub(crate) fn share(&self, entry: &Path, from: &Self) -> bool {
        match (self, from) {
            (Self::Disk(folder), Self::Disk(from)) => {
                disk::share(&folder.join(entry), &from.join(entry))
            }
            (Self::Bucket(bucket), Self::Bucket(from)) => bucket.share(entry, from),
            _ => false,
        }
    }

    /// Begins a backup with this name; refused when there is one.
    pub(crate) fn begin(&self, name: &str) -> io::Result<Draft> {
        let complete = self.join(name);
        let place = match self {
            // its name says that it is complete only at the end
            Self::Disk(folder) => {
                let unfinished = folder.join(format!(".{name}"));
                disk::begin(&unfinished)?;
                Self::Disk(unfinished)
            }
            Self::Bucket(_) => complete.clone(),
        };
        Ok(Draft { place, complete })
    }

    /// Removes a folder; half of a backup never looks like one.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match self {
            Self::Disk(folder) => disk::remove(folder),
            Self::Bucket(bucket) => bucket.remove(Path::new(LAST)),
        }
    }
}

impl Draft {
    /// The last file is written: now it is a backup.
    pub(crate) fn complete(&self) -> io::Result<()> {
        match (&self.place, &self.complete) {
            (Place::Disk(unfinished), Place::Disk(folder)) => disk::rename(unfinished, folder),
            _ => Ok(()),
        }
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
