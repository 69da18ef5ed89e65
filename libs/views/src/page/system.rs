//! The state of the installation, for those who run it.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Page, Title};

/// `/admin/system/`
#[derive(Debug, Clone, Serialize)]
pub struct SystemPage {
    /// When it was looked.
    pub looked_at: DateTime<Utc>,
    /// What is wrong, errors before warnings.
    pub findings: Vec<Finding>,
    /// What is so, by subject.
    pub subjects: Vec<Subject>,
    /// What is done regularly.
    pub tasks: Vec<TaskRow>,
}

/// One thing that is wrong, and what to do.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Whether something does not work; otherwise it is only unwise.
    pub is_error: bool,
    /// The setting or the part that it is about.
    pub about: String,
    /// What is wrong.
    pub what: Vec<Piece>,
    /// What to do.
    pub remedy: Vec<Piece>,
}

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Whether it is to be typed as it stands.
    pub is_code: bool,
    /// Its text.
    pub text: String,
}

impl Finding {
    /// With sentences in which backticks enclose what is to be typed.
    pub fn new(is_error: bool, about: impl Into<String>, what: &str, remedy: &str) -> Self {
        Self {
            is_error,
            about: about.into(),
            what: pieces(what),
            remedy: pieces(remedy),
        }
    }
}

fn pieces(sentence: &str) -> Vec<Piece> {
    let pieces = sentence.split('`').enumerate();
    let piece = |(index, text): (usize, &str)| Piece {
        is_code: index % 2 == 1,
        text: text.to_owned(),
    };
    pieces
        .map(piece)
        .filter(|piece| !piece.text.is_empty())
        .collect()
}

/// Facts that belong together.
#[derive(Debug, Clone, Serialize)]
pub struct Subject {
    /// Key of its words, such as `system-database`.
    pub key: &'static str,
    /// What is known.
    pub facts: Vec<Fact>,
}

/// Something that is so.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    /// Key of its words, such as `system-version`.
    pub key: &'static str,
    /// What it is; empty when it is a moment alone.
    pub text: String,
    /// When it was, or will be.
    pub moment: Option<DateTime<Utc>>,
}

impl Fact {
    /// What is a text.
    pub fn text(key: &'static str, text: impl Into<String>) -> Self {
        Self {
            key,
            text: text.into(),
            moment: None,
        }
    }

    /// What is a moment, with something to say about it.
    pub fn moment(key: &'static str, moment: DateTime<Utc>, text: impl Into<String>) -> Self {
        Self {
            moment: Some(moment),
            ..Self::text(key, text)
        }
    }
}

/// How it goes with something that is done regularly.
#[derive(Debug, Clone, Serialize)]
pub struct TaskRow {
    /// Its name, for `kiwi schedule run`.
    pub name: String,
    /// What it does, in a few words.
    pub about: String,
    /// How often it is done.
    pub rhythm: String,
    /// How it went.
    pub state: TaskState,
    /// When it was begun last.
    pub last: Option<DateTime<Utc>>,
    /// How long that took.
    pub seconds: Option<i64>,
    /// When it is due.
    pub next: Option<DateTime<Utc>>,
    /// What the last run did, or why it failed.
    pub detail: String,
}

/// How it went with a task: its name in style sheets, and the key of its words.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct TaskState {
    name: &'static str,
    key: &'static str,
}

impl TaskState {
    /// It did what it should.
    pub const DONE: Self = Self::of("done", "system-task-done");
    /// It did not.
    pub const FAILED: Self = Self::of("failed", "system-task-failed");
    /// The program stopped meanwhile.
    pub const INTERRUPTED: Self = Self::of("interrupted", "system-task-interrupted");
    /// Somebody does it now.
    pub const RUNNING: Self = Self::of("running", "system-task-running");
    /// It was not done yet.
    pub const NEW: Self = Self::of("new", "system-task-new");

    const fn of(name: &'static str, key: &'static str) -> Self {
        Self { name, key }
    }
}

impl Page for SystemPage {
    const TEMPLATE: &'static str = "system/show";
    const BODY: &'static str = "page-admin-system";

    fn title(&self) -> Title<'_> {
        Title::plain("system-title")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_in_sentences_are_told_apart() {
        let finding = Finding::new(true, "mail", "it waits", "run `kiwi mail list`, then wait");
        let piece = |is_code, text: &str| Piece {
            is_code,
            text: text.to_owned(),
        };
        assert_eq!(finding.what, [piece(false, "it waits")]);
        let remedy = [
            piece(false, "run "),
            piece(true, "kiwi mail list"),
            piece(false, ", then wait"),
        ];
        assert_eq!(finding.remedy, remedy);
    }
}
