//! What operators read before they upgrade.

use std::fs;

/// The notes of a release name every migration, with what it does to a database in use.
#[test]
fn seed_039_the_changelog_tells_every_migration() {
    let changelog = fs::read_to_string(crate::root().join("CHANGELOG.md")).expect("the changelog");
    let sections: Vec<&str> = changelog.split("\n## ").skip(1).collect();
    assert!(!sections.is_empty());
    for section in &sections {
        let name = section.lines().next().unwrap_or_default();
        assert!(
            section.contains("\n### Database\n"),
            "{name} has no section Database"
        );
    }
    let first = [
        "platform/0001_accounts",
        "platform/0002_tenants",
        "tenant/0001_init",
        "cell/0001_jobs",
    ];
    for stream in fs::read_dir(crate::root().join("migrations")).expect("the folder") {
        let stream = stream.expect("a folder");
        for step in fs::read_dir(stream.path()).expect("its steps") {
            let file = step.expect("a step").path();
            if file.extension().is_none_or(|ending| ending != "sql") {
                continue;
            }
            let stem = file
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            let name = format!("{}/{stem}", stream.file_name().to_string_lossy());
            let line = changelog
                .lines()
                .find(|line| line.contains(&format!("`{name}`")));
            let is_told = first.contains(&name.as_str())
                || line.is_some_and(|line| {
                    ["expand", "contract", "data"]
                        .iter()
                        .any(|kind| line.contains(kind))
                });
            assert!(
                is_told,
                "CHANGELOG.md, Database: what does {name} do, and who waits how long?"
            );
        }
    }
}
