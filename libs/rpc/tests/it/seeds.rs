//! The seeds of the fuzz targets: what they say in their names holds.

use std::fs;
use std::path::Path;

use rpc::{json, xml};

/// The seeds for a target, with their names.
fn seeds(target: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let files = fs::read_dir(&folder).expect("the folder of seeds exists");
    let mut seeds: Vec<_> = files
        .map(|file| file.expect("can be listed").path())
        .map(|path| {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            (name, fs::read_to_string(&path).expect("is text"))
        })
        .collect();
    seeds.retain(|(name, _)| name.starts_with("good-") || name.starts_with("bad-"));
    assert!(seeds.len() > 5, "too few seeds in {}", folder.display());
    seeds
}

#[test]
fn good_documents_are_read_and_bad_ones_refused() {
    for (name, text) in seeds("xml") {
        assert_eq!(
            xml::read(&text).is_ok(),
            name.starts_with("good-"),
            "{name}"
        );
    }
    for (name, text) in seeds("json") {
        assert_eq!(
            json::read(&text, 1000).is_ok(),
            name.starts_with("good-"),
            "{name}"
        );
    }
}
