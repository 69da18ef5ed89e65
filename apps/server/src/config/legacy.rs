//! Settings files of the original, which are programs: they are found and named, never run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where the original is installed in its image.
const VIRTUAL_ENVIRONMENT: &str = "/venv";
/// The variable that turns the refusal into a remark.
const VARIABLE: &str = "KIWI_LEGACY_SETTINGS";

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No such file.
    Nothing,
    /// Files that the operator wants to be ignored; a remark for the log.
    Ignored(String),
    /// Files that somebody relies on, perhaps; what to do about them.
    Refused(String),
}

/// Looks for such files where the original reads them.
pub(crate) fn look(environment: &BTreeMap<String, String>) -> Found {
    judge(&find(Path::new(VIRTUAL_ENVIRONMENT)), environment)
}

/// The files that the original would read, in its order.
pub(crate) fn find(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for lib in children(root, "lib") {
        for python in children(&lib, "python3") {
            let packages = python.join("site-packages");
            let single = packages.join("tcms/settings/local_settings.py");
            found.extend(single.is_file().then_some(single));
            let mut several = children(&packages.join("tcms_settings_dir"), "");
            several.retain(|path| {
                path.extension().is_some_and(|ending| ending == "py")
                    && path.file_name().is_some_and(|name| name != "__init__.py")
            });
            found.extend(several);
        }
    }
    // `lib64` is a link to `lib`
    let mut seen = Vec::new();
    found.retain(|path| {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let is_new = !seen.contains(&real);
        seen.push(real);
        is_new
    });
    found
}

/// Files and folders whose names begin with `prefix`, sorted.
fn children(directory: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

fn judge(files: &[PathBuf], environment: &BTreeMap<String, String>) -> Found {
    if files.is_empty() {
        return Found::Nothing;
    }
    let names: Vec<String> = files
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let names = names.join(", ");
    match environment.get(VARIABLE).map(String::as_str) {
        Some("ignore") => Found::Ignored(format!(
            "settings in Python are ignored because {VARIABLE} is ignore: {names}"
        )),
        _ => Found::Refused(format!(
            "settings in Python are not read: {names}. Translate them with `kiwi import-settings`, \
             or set {VARIABLE}=ignore"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::{Found, find, judge};

    #[test]
    fn opa_071_settings_in_python_are_named() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(judge(&find(root.path()), &BTreeMap::new()), Found::Nothing);
        let packages = root.path().join("lib/python3.6/site-packages");
        for (folder, name) in [
            ("tcms/settings", "local_settings.py"),
            ("tcms/settings", "product.py"),
            ("tcms_settings_dir", "email_config.py"),
            ("tcms_settings_dir", "__init__.py"),
            ("tcms_settings_dir", "notes.txt"),
        ] {
            fs::create_dir_all(packages.join(folder)).expect("a folder");
            fs::write(packages.join(folder).join(name), "").expect("a file");
        }
        std::os::unix::fs::symlink("lib", root.path().join("lib64")).expect("a link");
        let found = find(root.path());
        let names: Vec<_> = found
            .iter()
            .map(|path| path.file_name().expect("a name"))
            .collect();
        assert_eq!(names, ["local_settings.py", "email_config.py"]);
        let Found::Refused(told) = judge(&found, &BTreeMap::new()) else {
            panic!("they are refused")
        };
        assert!(told.contains("email_config.py") && told.contains("kiwi import-settings"));
        let ignore = BTreeMap::from([("KIWI_LEGACY_SETTINGS".to_owned(), "ignore".to_owned())]);
        assert!(matches!(judge(&found, &ignore), Found::Ignored(_)));
    }
}
