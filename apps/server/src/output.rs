//! What a command says: results on standard output, remarks and failures on standard error,
//! for people or, with `--json`, for programs.

use std::fmt;
use std::io::Write as _;
use std::process::ExitCode;

use serde::Serialize;

/// Where and how a command writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    /// Writes JSON documents when `json` is set, else text.
    pub(crate) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Shows a result: the value as one JSON document, or the lines made from it.
    pub(crate) fn show<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce(&T) -> String,
    ) -> Result<(), Failure> {
        let shown = if self.json {
            serde_json::to_string(value).map_err(|error| Failure::Failed(error.into()))?
        } else {
            text(value)
        };
        if shown.is_empty() {
            return Ok(());
        }
        let newline = if shown.ends_with('\n') { "" } else { "\n" };
        let mut out = std::io::stdout().lock();
        match write!(out, "{shown}{newline}").and_then(|()| out.flush()) {
            // the reader, such as `head`, has seen enough
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| Failure::Failed(error.into())),
        }
    }

    /// Says how a long command goes on; nothing in JSON.
    pub(crate) fn progress(self, text: impl fmt::Display) {
        if !self.json {
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }

    /// Makes a remark on standard error.
    #[expect(clippy::unused_self, reason = "remarks belong to the command's output")]
    pub(crate) fn remark(self, text: impl fmt::Display) {
        let _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Reports why a command failed and returns its exit status.
    pub(crate) fn fail(self, failure: &Failure) -> ExitCode {
        let code = failure.code();
        let _ = if self.json {
            let error = serde_json::json!({ "error": failure.to_string(), "exit_code": code });
            writeln!(std::io::stderr(), "{error}")
        } else {
            writeln!(std::io::stderr(), "Error: {failure}")
        };
        ExitCode::from(code)
    }
}

/// Why a command did not do everything; each kind has its exit status.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something went wrong: 1.
    Failed(anyhow::Error),
    /// The command line cannot be meant: 2.
    Usage(String),
    /// The thing named does not exist: 3.
    NotFound(String),
    /// The state of the thing, or a limit, does not allow it: 4.
    Refused(String),
    /// Some of several things were done: 5.
    Partly(String),
}

impl Failure {
    /// A failure with this text.
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(anyhow::Error::msg(text.into()))
    }

    /// The exit status.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::NotFound(_) => 3,
            Self::Refused(_) => 4,
            Self::Partly(_) => 5,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "{error:#}"),
            Self::Usage(text) | Self::NotFound(text) | Self::Refused(text) | Self::Partly(text) => {
                f.write_str(text)
            }
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Lays out rows in columns under a heading.
pub(crate) fn columns<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heading.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; N]| {
        let padded = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = line(heading);
    for row in rows {
        text.push('\n');
        text.push_str(&line(row.each_ref().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_are_as_wide_as_their_content() {
        let rows = [
            ["a".to_owned(), "long one".to_owned()],
            ["bbb".to_owned(), String::new()],
        ];
        assert_eq!(
            columns(["ID", "NAME"], &rows),
            "ID   NAME\na    long one\nbbb"
        );
    }
}
