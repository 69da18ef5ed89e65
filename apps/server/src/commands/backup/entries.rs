//! What a backup may consist of: ordinary files in its own folder.
//!
//! A folder that somebody else made can name files that lie elsewhere, or hold links and devices in
//! their place; nothing of that is ever opened.

use std::fs;
use std::io;
use std::path::{Component, Path};

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

/// Checks the digest that a content is stored under: it is part of a path.
pub(super) fn check_digest(text: &str) -> Result<(), String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    if text.len() == 64 && text.bytes().all(is_digit) {
        Ok(())
    } else {
        Err(format!("{text:?}: it is no SHA-256 digest"))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
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
