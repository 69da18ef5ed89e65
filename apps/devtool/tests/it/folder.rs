//! Folders for databases of tests.

use std::path::{Path, PathBuf};

/// A folder that goes when the test ends; the database's user may pass it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("kiwi-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder below the temporary one");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
