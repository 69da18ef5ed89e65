//! Folders on a disk.
//!
//! A folder that somebody else made can name files that lie elsewhere, or hold links and devices in
//! their place; nothing of that is ever opened.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Component, Path};

use super::{Sink, named};

/// Checks an entry, and every folder on the way to it; the error says what is wrong with it.
pub(super) fn check(folder: &Path, entry: &Path) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{}: {why}", entry.display()));
    let mut at = folder.to_path_buf();
    let mut kind = None;
    for part in entry.components() {
        let Component::Normal(part) = part else {
            return wrong("it does not lie in the folder of the backup");
        };
        if kind.is_some_and(|kind: fs::FileType| !kind.is_dir()) {
            return wrong("a part of its path is no folder");
        }
        at.push(part);
        let found = match fs::symlink_metadata(&at) {
            Ok(found) => found.file_type(),
            Err(error) => return wrong(&error.to_string()),
        };
        if found.is_symlink() {
            return wrong("links are not followed");
        }
        kind = Some(found);
    }
    match kind {
        Some(kind) if kind.is_file() => Ok(()),
        _ => wrong("it is no ordinary file"),
    }
}

/// How many bytes all files below a folder have.
pub(super) fn size(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.file_type()? {
            kind if kind.is_dir() => size(&entry.path())?,
            kind if kind.is_file() => entry.metadata()?.len(),
            _ => 0,
        };
    }
    Ok(bytes)
}

pub(super) fn folders(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(named(folder, &error)),
    };
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    Ok(names.collect())
}

pub(super) fn exists(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(named(path, &error)),
    }
}

pub(super) fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    let file = File::open(path).map_err(|error| named(path, &error))?;
    Ok(Box::new(BufReader::new(file)))
}

pub(super) fn create(path: &Path) -> io::Result<Box<dyn Sink>> {
    let create = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        File::create(path)
    };
    let file = create().map_err(|error| named(path, &error))?;
    Ok(Box::new(Writing(BufWriter::new(file))))
}

struct Writing(BufWriter<File>);

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Sink for Writing {
    fn finish(self: Box<Self>) -> io::Result<()> {
        let file = self.0.into_inner();
        file.map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

/// On another file system, or the first time, there is nothing to share.
pub(super) fn share(path: &Path, from: &Path) -> bool {
    let link = || {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::hard_link(from, path)
    };
    link().is_ok()
}

/// Makes a new folder that nobody else can look into: backups hold hashes of passwords.
pub(super) fn begin(folder: &Path) -> io::Result<()> {
    let make = || {
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::DirBuilder::new().mode(0o700).create(folder)
    };
    make().map_err(|error| named(folder, &error))
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to).map_err(|error| named(to, &error))
}

/// Removes a folder, under a name that is none of a backup while it goes.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with('.') {
        return fs::remove_dir_all(folder).map_err(|error| named(folder, &error));
    }
    let hidden = folder.with_file_name(format!(".{name}"));
    rename(folder, &hidden)?;
    fs::remove_dir_all(&hidden).map_err(|error| named(&hidden, &error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn lib_005_lib_027_only_ordinary_files_of_the_folder_are_entries() {
        let outside = tempfile::tempdir().expect("a folder");
        let folder = tempfile::tempdir().expect("a folder");
        let (inside, outside) = (folder.path(), outside.path());
        fs::write(outside.join("secret"), "x").expect("a file");
        fs::create_dir(inside.join("tenants")).expect("a folder");
        fs::write(inside.join("tenants/rows"), "x").expect("a file");
        fs::hard_link(inside.join("tenants/rows"), inside.join("same")).expect("a name");
        symlink(outside.join("secret"), inside.join("link")).expect("a link");
        symlink("tenants/rows", inside.join("near")).expect("a link");
        symlink(outside, inside.join("away")).expect("a link");
        UnixListener::bind(inside.join("socket")).expect("a socket");
        let absolute = outside.join("secret");
        let above = format!(
            "../{}/secret",
            outside.file_name().expect("a name").display()
        );

        for good in ["tenants/rows", "same"] {
            assert_eq!(check(inside, Path::new(good)), Ok(()), "{good}");
        }
        for (entry, why) in [
            (absolute.to_str().expect("text"), "does not lie"),
            ("/dev/zero", "does not lie"),
            (&above, "does not lie"),
            ("..", "does not lie"),
            ("tenants/../../x", "does not lie"),
            ("tenants/../tenants/rows", "does not lie"),
            ("link", "links"),
            ("near", "links"),
            ("away/secret", "links"),
            ("socket", "no ordinary file"),
            ("tenants", "no ordinary file"),
            ("tenants/rows/x", "no folder"),
            ("", "no ordinary file"),
            ("absent", "No such file"),
        ] {
            let refused = check(inside, Path::new(entry)).expect_err(entry);
            assert!(refused.contains(why), "{entry}: {refused}");
        }
    }

    #[test]
    fn the_size_is_that_of_all_files_and_of_nothing_elsewhere() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path();
        fs::create_dir_all(inside.join("uploads/ab")).expect("folders");
        fs::write(inside.join("manifest.json"), "12345").expect("a file");
        fs::write(inside.join("uploads/ab/abcd"), "123").expect("a file");
        symlink("/proc/self/exe", inside.join("link")).expect("a link");
        assert_eq!(size(inside).expect("it can be read"), 8);
    }

    #[test]
    fn sec_045_backups_are_private_and_never_made_in_what_somebody_prepared() {
        let out = tempfile::tempdir().expect("a folder");
        let folder = out.path().join(".kiwi-2026");
        begin(&folder).expect("a folder");
        let mode = fs::metadata(&folder)
            .expect("a folder")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        begin(&folder).expect_err("it exists");
        let elsewhere = out.path().join("elsewhere");
        symlink(&folder, &elsewhere).expect("a link");
        begin(&elsewhere).expect_err("a link");
    }
}
