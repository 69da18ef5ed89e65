//! Which crate may use which.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Our crates and those of ours that they may use, directly. A crate that is not here fails.
const ALLOWED: &[(&str, &[&str])] = &[
    ("macros", &[]),
    ("entity", &["macros"]),
    ("tenancy", &["entity"]),
    ("blobs", &[]),
    ("markdown", &[]),
    ("identity", &[]),
    (
        "domain",
        &["macros", "entity", "tenancy", "blobs", "markdown"],
    ),
    ("rpc", &["macros", "entity", "tenancy", "domain"]),
    ("views", &["markdown"]),
    ("jobs", &["entity", "tenancy", "domain", "views"]),
    (
        "web",
        &["entity", "tenancy", "domain", "identity", "rpc", "views"],
    ),
    (
        "testkit",
        &[
            "entity", "tenancy", "domain", "identity", "rpc", "views", "web", "jobs",
        ],
    ),
    (
        "server",
        &[
            "entity", "tenancy", "domain", "identity", "rpc", "views", "web", "jobs",
        ],
    ),
    (
        "devtool",
        &["entity", "tenancy", "domain", "rpc", "views", "web", "jobs"],
    ),
];

/// What a crate must not know, by the library that would bring it.
const UNKNOWN: &[(&str, &[&str])] = &[
    ("entity", &["axum", "http", "tokio"]),
    (
        "domain",
        &["axum", "handlebars", "http", "hyper", "reqwest"],
    ),
    ("rpc", &["axum", "handlebars", "http", "hyper", "sqlx"]),
    ("views", &["axum", "http", "sqlx", "tokio"]),
    ("markdown", &["axum", "http", "sqlx", "tokio"]),
    ("blobs", &["axum", "sqlx"]),
    ("identity", &["axum", "sqlx"]),
    ("web", &["sqlx", "reqwest"]),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(crate::root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON")
}

#[test]
fn dependencies_go_in_the_allowed_directions() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let packages = metadata["packages"].as_array().expect("packages");
    let names: BTreeSet<&str> = packages
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    let expected: BTreeSet<&str> = allowed.keys().copied().collect();
    assert_eq!(names, expected, "crates of the workspace");

    let mut wrong = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("name");
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let used = dependency["name"].as_str().expect("name");
            let for_tests = dependency["kind"] == "dev";
            if !names.contains(used) || (for_tests && used == "testkit") {
                continue;
            }
            if !for_tests && !allowed[name].contains(&used) {
                wrong.push(format!("{name} must not use {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn crates_do_not_know_what_is_not_theirs() {
    let metadata = metadata();
    let unknown: BTreeMap<&str, &[&str]> = UNKNOWN.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("name");
        let Some(unknown) = unknown.get(name) else {
            continue;
        };
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let used = dependency["name"].as_str().expect("name");
            if dependency["kind"].is_null() && unknown.contains(&used) {
                wrong.push(format!("{name} must not know {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_tests_use_the_testkit() {
    let metadata = metadata();
    for package in metadata["packages"].as_array().expect("packages") {
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            if dependency["name"] == "testkit" {
                assert_eq!(
                    dependency["kind"], "dev",
                    "{} uses testkit",
                    package["name"]
                );
            }
        }
    }
}
