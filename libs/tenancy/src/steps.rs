//! The migrations, as files of the program.

use std::fmt::Write as _;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../migrations");

/// A row of steps that belong to one kind of schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Tables that exist once, in the platform's database.
    Platform,
    /// Tables that exist once in every database.
    Cell,
    /// Tables of every tenant.
    Tenant,
}

/// One file: a transaction's worth of SQL.
#[derive(Debug)]
pub(crate) struct Step {
    /// 1, 2, 3 …
    pub(crate) version: i32,
    /// Name of the file, without its ending.
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
    /// Of this file alone.
    pub(crate) checksum: String,
}

impl Stream {
    /// Name of the folder.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Cell => "cell",
            Self::Tenant => "tenant",
        }
    }

    /// All steps, in order.
    pub(crate) fn steps(self) -> &'static [Step] {
        static STEPS: LazyLock<[Vec<Step>; 3]> = LazyLock::new(|| {
            [
                read(Stream::Platform),
                read(Stream::Cell),
                read(Stream::Tenant),
            ]
        });
        &STEPS[self as usize]
    }

    /// Version of the newest step.
    pub(crate) fn newest(self) -> i32 {
        self.steps().last().map_or(0, |step| step.version)
    }
}

fn read(stream: Stream) -> Vec<Step> {
    let files = FILES
        .get_dir(stream.name())
        .into_iter()
        .flat_map(Dir::files);
    let mut steps: Vec<Step> = files
        .filter_map(|file| {
            let name = file.path().file_stem()?.to_str()?;
            let version = name.split('_').next()?.parse().ok()?;
            let sql = file.contents_utf8()?;
            Some(Step {
                version,
                name,
                sql,
                checksum: checksum(sql),
            })
        })
        .collect();
    steps.sort_by_key(|step| step.version);
    steps
}

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::window::is_contract;

    #[test]
    fn steps_that_take_something_away_are_named_so() {
        for stream in [Stream::Platform, Stream::Cell, Stream::Tenant] {
            for step in stream.steps() {
                let sql = step.sql.to_lowercase();
                let takes_away = ["drop table", "drop column", " rename "]
                    .iter()
                    .any(|words| sql.contains(words));
                assert!(!takes_away || is_contract(step.name), "{}", step.name);
            }
        }
    }

    #[test]
    fn every_file_is_a_step_and_steps_have_no_gaps() {
        for stream in [Stream::Platform, Stream::Cell, Stream::Tenant] {
            let steps = stream.steps();
            let files = FILES.get_dir(stream.name()).unwrap().files().count();
            assert_eq!(steps.len(), files, "{stream:?}");
            for (index, step) in steps.iter().enumerate() {
                assert_eq!(step.version, index as i32 + 1, "{}", step.name);
                let digits = step.name.bytes().take_while(u8::is_ascii_digit).count();
                assert_eq!(digits, 4, "{}", step.name);
            }
        }
    }
}
