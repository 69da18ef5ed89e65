//! What the image and the compose files promise.

use std::collections::BTreeSet;
use std::fs;

/// Numbers of the promises, chapter by chapter.
const CHAPTERS: [std::ops::RangeInclusive<u32>; 8] = [
    1..=7,
    10..=20,
    21..=30,
    31..=39,
    40..=56,
    60..=73,
    80..=85,
    90..=94,
];

/// The promises that the name of a function begins with, beside rows of other tables: two for
/// `def opa_050_seed_048_seed_049_nginx`.
fn shown(line: &str) -> Vec<u32> {
    let mut numbers = vec![];
    let mut words = line.strip_prefix("def ").unwrap_or_default().split('_');
    while let (Some(table), Some(number)) = (words.next(), words.next()) {
        let Ok(number) = number.parse() else {
            break;
        };
        if table == "seed" {
            numbers.push(number);
        }
    }
    numbers
}

/// The suite of containers shows every promise, each by a function that bears its number.
#[test]
fn opa_007_every_promise_about_containers_has_a_test() {
    let folder = crate::root().join("ops/docker-test/suite");
    let mut found = BTreeSet::new();
    for file in fs::read_dir(&folder).expect("the suite") {
        let file = file.expect("a file").path();
        if file.extension().is_some_and(|ending| ending == "py") {
            let text = fs::read_to_string(&file).expect("a text");
            found.extend(text.lines().flat_map(shown));
        }
    }
    let promised: BTreeSet<u32> = CHAPTERS.into_iter().flatten().collect();
    let missing: Vec<&u32> = promised.difference(&found).collect();
    assert!(missing.is_empty(), "no function shows {missing:?}");
    let unknown: Vec<&u32> = found.difference(&promised).collect();
    assert!(unknown.is_empty(), "{unknown:?} are not promised");
}

#[test]
fn names_of_functions_are_read() {
    assert_eq!(shown("def seed_048_seed_049_nginx(lab):"), [48, 49]);
    assert_eq!(shown("def opa_050_seed_048_nginx(lab):"), [48]);
    for other in [
        "def seed_x_048_(lab):",
        "    def seed_048_x():",
        "# seed_048_",
    ] {
        assert!(shown(other).is_empty(), "{other}");
    }
}
