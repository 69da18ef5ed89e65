//! Which packages the product is made of, and what checks them.

use std::fs;

use serde_json::Value;

/// Packages whose older versions had weaknesses that the predecessor had to close: the oldest good
/// version of each line that is still kept.
const FIXED: &[(&str, &[[u64; 3]])] = &[
    ("bootstrap", &[[3, 4, 1], [4, 3, 1], [5, 0, 0]]),
    ("cross-spawn", &[[6, 0, 6], [7, 0, 5]]),
    ("semver", &[[5, 7, 2], [6, 3, 1], [7, 5, 2]]),
    ("js-yaml", &[[3, 14, 2], [4, 1, 1]]),
    ("fast-uri", &[[2, 4, 3], [3, 1, 4]]),
    ("flatted", &[[3, 4, 2]]),
];

/// Libraries whose work the product does without.
const ABSENT: &[&str] = &["jquery", "moment", "moment-timezone", "pdfmake"];

fn text(path: &str) -> String {
    fs::read_to_string(crate::root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Path, name and description of every package of the front end.
fn npm_packages() -> Vec<(String, String, Value)> {
    let lock: Value =
        serde_json::from_str(&text("apps/frontend/package-lock.json")).expect("a lock file");
    let packages = lock["packages"].as_object().expect("packages");
    let named = packages.iter().filter_map(|(path, package)| {
        let (_, name) = path.rsplit_once("node_modules/")?;
        Some((path.clone(), name.to_owned(), package.clone()))
    });
    named.collect()
}

fn numbers(version: &str) -> [u64; 3] {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    let mut parts = core.split('.').map(|part| part.parse().unwrap_or_default());
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

fn is_fixed(version: [u64; 3], lines: &[[u64; 3]]) -> bool {
    let newest = lines.iter().max().expect("a line");
    version >= *newest
        || lines
            .iter()
            .any(|line| line[0] == version[0] && version >= *line)
}

#[test]
fn lib_036_lib_040_lib_041_packages_with_known_weaknesses_are_not_used() {
    let packages = npm_packages();
    assert!(packages.len() > 100, "{}", packages.len());
    for (path, name, package) in packages {
        assert!(!ABSENT.contains(&name.as_str()), "{path}");
        if let Some((_, lines)) = FIXED.iter().find(|(fixed, _)| *fixed == name) {
            let version = package["version"].as_str().expect("a version");
            assert!(is_fixed(numbers(version), lines), "{path} is {version}");
        }
    }
    assert!(!is_fixed([7, 0, 4], &[[6, 0, 6], [7, 0, 5]]));
    assert!(!is_fixed([5, 9, 9], &[[6, 0, 6], [7, 0, 5]]));
    assert!(is_fixed([6, 0, 6], &[[6, 0, 6], [7, 0, 5]]));
    assert_eq!(numbers("7.0.6-beta.1"), [7, 0, 6]);
}

#[test]
fn prj_003_lock_files_have_a_digest_of_every_package() {
    for (path, _, package) in npm_packages() {
        let digest = package["integrity"].as_str().unwrap_or_default();
        assert!(digest.starts_with("sha512-"), "{path}");
    }
    let lock: toml::Table = text("Cargo.lock").parse().expect("a lock file");
    let packages = lock["package"].as_array().expect("packages");
    let mut foreign = 0;
    for package in packages {
        let Some(source) = package.get("source").and_then(toml::Value::as_str) else {
            continue;
        };
        foreign += 1;
        let name = &package["name"];
        assert!(source.starts_with("registry+https://"), "{name}: {source}");
        let digest = package.get("checksum").and_then(toml::Value::as_str);
        assert_eq!(digest.map(str::len), Some(64), "{name}");
    }
    assert!(foreign > 100, "{foreign}");
}

#[test]
fn prj_001_the_check_analyses_sources_and_packages() {
    let check = text("ops/scripts/test.sh");
    for part in [
        "suite clippy cargo clippy --workspace --all-targets --locked -- -D warnings",
        "suite supply-chain supply_chain",
        "cargo-deny)\" --locked check licenses bans sources",
        "suite frontend-lint",
    ] {
        assert!(check.contains(part), "{part}");
    }
    let deny: toml::Table = text("deny.toml").parse().expect("a configuration");
    assert_eq!(deny["sources"]["unknown-git"].as_str(), Some("deny"));
    assert_eq!(deny["sources"]["unknown-registry"].as_str(), Some("deny"));
}

#[test]
fn prj_002_the_check_takes_nothing_from_outside() {
    let check = text(".ci/run");
    assert!(check.ends_with("exec make test\n"), "{check}");
    assert!(!check.contains(['$', '`']), "{check}");
}
