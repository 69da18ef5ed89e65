//! What lies where.

use std::collections::BTreeSet;
use std::fs;

/// The agreed folders, each with a reason in CONTRIBUTING.md.
const FOLDERS: &[&str] = &[
    "apps",
    "charts",
    "compose",
    "docs",
    "libs",
    "migrations",
    "ops",
    "tenants",
];
/// Written by programs, never committed.
const MADE: &[&str] = &["target", "var", "node_modules"];

#[test]
fn the_top_level_holds_the_agreed_folders_only() {
    let found: BTreeSet<String> = fs::read_dir(crate::root())
        .expect("the workspace can be read")
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !MADE.contains(&name.as_str()))
        .collect();
    let expected: BTreeSet<String> = FOLDERS.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, expected);
}

#[test]
fn names_of_files_say_what_they_hold() {
    let mut wrong = Vec::new();
    crate::sources::walk(&crate::root(), &mut |path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if matches!(
            name.as_ref(),
            "utils.rs" | "helpers.rs" | "common.rs" | "misc.rs" | "mod.rs"
        ) {
            wrong.push(path.to_path_buf());
        }
    });
    assert!(
        wrong.is_empty(),
        "name them after what they are about: {wrong:#?}"
    );
}
