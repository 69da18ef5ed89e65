//! Every dependency has a reason.

use std::collections::BTreeSet;
use std::fs;

#[test]
fn every_dependency_has_a_reason_in_the_book() {
    let root = crate::root();
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))
        .expect("Cargo.toml")
        .parse()
        .expect("Cargo.toml is TOML");
    let dependencies = manifest["workspace"]["dependencies"]
        .as_table()
        .expect("a table");
    let used: BTreeSet<&str> = dependencies
        .iter()
        .filter(|(_, value)| value.get("path").is_none())
        .map(|(name, _)| name.as_str())
        .collect();
    let page = fs::read_to_string(root.join("docs/dependencies.md")).expect("the page");
    let crates = page.split("\n## ").next().unwrap_or_default();
    let explained: BTreeSet<&str> = crates
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        explained, used,
        "left: docs/dependencies.md, right: Cargo.toml"
    );
}

#[test]
fn every_dependency_is_used_by_a_crate() {
    let root = crate::root();
    let manifest: toml::Table = fs::read_to_string(root.join("Cargo.toml"))
        .expect("Cargo.toml")
        .parse()
        .expect("Cargo.toml is TOML");
    let mut manifests = String::new();
    for folder in ["apps", "libs"] {
        for entry in fs::read_dir(root.join(folder))
            .expect("a folder")
            .filter_map(Result::ok)
        {
            manifests += &fs::read_to_string(entry.path().join("Cargo.toml")).unwrap_or_default();
        }
    }
    let dependencies = manifest["workspace"]["dependencies"]
        .as_table()
        .expect("a table");
    let unused: Vec<&String> = dependencies
        .keys()
        .filter(|name| {
            !manifests.lines().any(|line| {
                line.strip_prefix(name.as_str())
                    .is_some_and(|rest| rest.starts_with('.') || rest.starts_with(' '))
            })
        })
        .collect();
    assert!(
        unused.is_empty(),
        "remove them from the root Cargo.toml: {unused:?}"
    );
}
