//! Tables of requirements, and which tests show that they are met.
//!
//! A test names its rows: `fn sec_001_…` in Rust, `def sec_001_…` or `def test_sec_001_…` in
//! Python, and `test("sec_001 …` in TypeScript and JavaScript. One that shows several rows begins
//! with all of them: `fn sec_018_sec_019_…`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};

/// Folders with tests.
const FOLDERS: [&str; 3] = ["libs", "apps", "ops"];
/// What begins a test, by the ending of the file.
const BEGINNINGS: [(&str, &str); 7] = [
    ("rs", "fn "),
    ("py", "def "),
    ("py", "def test_"),
    ("ts", "test(\""),
    ("js", "test(\""),
    ("ts", "it(\""),
    ("js", "it(\""),
];

/// The names of tests, by row.
type Tests = BTreeMap<String, Vec<String>>;

/// A page of requirements.
pub(super) struct Table {
    pub(super) title: &'static str,
    /// What the page is about, in a sentence.
    pub(super) introduction: &'static str,
    /// Beginnings of ids, and what the rows below them have in common.
    pub(super) groups: &'static [(&'static str, &'static str)],
    /// Id and statement of each row, by id.
    pub(super) requirements: &'static [(&'static str, &'static str)],
}

impl Table {
    /// The page of the book.
    pub(super) fn page(&self) -> anyhow::Result<String> {
        let mut tests = Tests::new();
        for folder in FOLDERS {
            self.collect(Path::new(folder), &mut tests)?;
        }
        self.write(&tests)
    }

    fn write(&self, tests: &Tests) -> anyhow::Result<String> {
        let mut text = super::heading(self.title);
        let _ = writeln!(
            text,
            "{} A test bears the id of its requirement in its name.",
            self.introduction
        );
        let known = |id: &String| self.requirements.iter().any(|(row, _)| row == id);
        if let Some(id) = tests.keys().find(|id| !known(id)) {
            bail!("{id} is in the name of a test, but not among the requirements");
        }
        for (prefix, title) in self.groups {
            let rows = self
                .requirements
                .iter()
                .filter(|(id, _)| id.starts_with(prefix));
            let shown: Vec<_> = rows
                .filter_map(|(id, statement)| Some((id, statement, tests.get(*id)?)))
                .collect();
            if shown.is_empty() {
                continue;
            }
            let _ = write!(
                text,
                "\n## {title}\n\n| id | requirement | tests |\n| --- | --- | --- |\n"
            );
            for (id, statement, tests) in shown {
                let tests: Vec<String> = tests.iter().map(|test| format!("`{test}`")).collect();
                let _ = writeln!(text, "| {id} | {statement} | {} |", tests.join("<br>"));
            }
        }
        Ok(text)
    }

    fn collect(&self, folder: &Path, tests: &mut Tests) -> anyhow::Result<()> {
        let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        let mut paths: Vec<_> = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()?;
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if ["node_modules", "dist", "target"].contains(&name.as_ref()) || name.starts_with('.')
            {
                continue;
            }
            if path.is_dir() {
                self.collect(&path, tests)?;
                continue;
            }
            let ending = path.extension().unwrap_or_default();
            let beginnings = BEGINNINGS.iter().filter(|(known, _)| ending == *known);
            let beginnings: Vec<&str> = beginnings.map(|(_, beginning)| *beginning).collect();
            if !beginnings.is_empty() {
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                for line in text.lines() {
                    self.note(line, &beginnings, tests);
                }
            }
        }
        Ok(())
    }

    /// Notes the test that begins on this line, under each of its rows; what a comment or a text
    /// says of a test is none.
    fn note(&self, line: &str, beginnings: &[&str], tests: &mut Tests) {
        if line.trim_start().starts_with("//") {
            return;
        }
        for beginning in beginnings {
            let Some(at) = line.find(beginning) else {
                continue;
            };
            if line[..at].contains('"') {
                continue;
            }
            let rest = &line[at + beginning.len()..];
            let end = rest.find(['(', '"']).unwrap_or(rest.len());
            let name = &rest[..end];
            let mut left = name;
            while let Some((id, after)) = row(left) {
                let is_ours = self.groups.iter().any(|(group, _)| id.starts_with(group));
                if is_ours {
                    let found = tests.entry(id).or_default();
                    if !found.iter().any(|known| known == name) {
                        found.push(name.to_owned());
                    }
                }
                left = after;
            }
        }
    }
}

/// Takes a row of any table off the beginning of a name: `sec_001_rest` is `SEC-001` and `rest`.
fn row(name: &str) -> Option<(String, &str)> {
    let (prefix, rest) = name.split_once('_')?;
    let number = rest.get(..3)?;
    let is_row = prefix.len() <= 4
        && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
        && number.bytes().all(|byte| byte.is_ascii_digit());
    let after = rest[3..].trim_start_matches(['_', ' ', ':', ',']);
    is_row.then(|| (format!("{}-{number}", prefix.to_ascii_uppercase()), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::operations::OPERATIONS;
    use crate::reference::security::SECURITY;

    fn noted(line: &str, beginning: &str) -> Vec<String> {
        let mut tests = Tests::new();
        SECURITY.note(line, &[beginning], &mut tests);
        let told = tests
            .iter()
            .flat_map(|(id, names)| names.iter().map(move |name| format!("{id} {name}")));
        told.collect()
    }

    #[test]
    fn tests_are_found_by_their_names() {
        assert_eq!(
            noted("async fn sec_018_sec_019_frames() {", "fn "),
            [
                "SEC-018 sec_018_sec_019_frames",
                "SEC-019 sec_018_sec_019_frames"
            ]
        );
        assert_eq!(
            noted("    def test_lib_002_connector(self):", "def test_"),
            ["LIB-002 lib_002_connector"]
        );
        assert_eq!(
            noted("test(\"gap_007 names are escaped\", () => {", "test(\""),
            ["GAP-007 gap_007 names are escaped"]
        );
        assert_eq!(
            noted("def sec_002_gap_003_it(lab):", "def "),
            ["GAP-003 sec_002_gap_003_it", "SEC-002 sec_002_gap_003_it"]
        );
        assert_eq!(
            noted("def opa_001_sec_040_image(lab):", "def "),
            ["SEC-040 opa_001_sec_040_image"],
            "what another table shows is passed over"
        );
        assert!(noted("fn second_001() {", "fn ").is_empty());
        assert!(noted("/// As in `fn sec_001_x`.", "fn ").is_empty());
        assert!(noted("fn section(x: u8) {", "fn ").is_empty());
        assert!(
            noted("    noted(\"fn sec_001_x() {\");", "fn ").is_empty(),
            "a name in a text is no test"
        );
    }

    #[test]
    fn a_row_without_a_statement_is_refused() {
        let tests = Tests::from([("SEC-999".to_owned(), vec!["sec_999_x".to_owned()])]);
        let error = SECURITY.write(&tests).expect_err("refused").to_string();
        assert!(error.starts_with("SEC-999"), "{error}");
    }

    #[test]
    fn requirements_are_in_order_and_of_a_group() {
        for table in [SECURITY, OPERATIONS] {
            let ids: Vec<&str> = table.requirements.iter().map(|(id, _)| *id).collect();
            for pair in ids.windows(2) {
                let same = pair[0].get(..3) == pair[1].get(..3);
                assert!(!same || pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
            }
            for id in ids {
                let group = table
                    .groups
                    .iter()
                    .any(|(prefix, _)| id.starts_with(prefix));
                assert!(group, "{id} is of no group");
            }
        }
    }
}
