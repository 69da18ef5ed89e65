//! Answers that a command needs from a person: prompts on a terminal, lines of standard input
//! elsewhere.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use crate::output::Failure;

/// Whether somebody can see a prompt.
pub(crate) fn is_terminal() -> bool {
    io::stdin().is_terminal()
}

/// Asks for a line; `None` when there is none.
pub(crate) fn line(prompt: &str) -> Result<Option<String>, Failure> {
    if is_terminal() {
        let mut out = io::stderr();
        write!(out, "{prompt}")
            .and_then(|()| out.flush())
            .map_err(failed)?;
    }
    let mut answer = String::new();
    let count = io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok((count > 0).then(|| answer.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Asks for a text that must be given; `hint` says how else it can be.
pub(crate) fn text(prompt: &str, hint: &str) -> Result<String, Failure> {
    loop {
        match line(prompt)? {
            Some(answer) if !answer.trim().is_empty() => return Ok(answer.trim().to_owned()),
            Some(_) if is_terminal() => {}
            _ => return Err(Failure::Usage(format!("missing: {hint}"))),
        }
    }
}

/// Asks a question that is answered with yes or no; no answer is no.
pub(crate) fn yes(prompt: &str) -> Result<bool, Failure> {
    let answer = line(prompt)?
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    Ok(matches!(answer.as_str(), "y" | "yes"))
}

/// Asks for a password twice; it is not shown while it is typed.
pub(crate) fn new_password() -> Result<String, Failure> {
    loop {
        let (Some(first), Some(second)) = (hidden("Password: ")?, hidden("Password (again): ")?)
        else {
            return Err(Failure::Usage(
                "missing: a password, from --password-file or --password-stdin".to_owned(),
            ));
        };
        if first == second && !first.is_empty() {
            return Ok(first);
        }
        let why = if first == second {
            "Error: Blank passwords aren't allowed."
        } else {
            "Error: Your passwords didn't match."
        };
        if !is_terminal() {
            return Err(Failure::failed(why.trim_start_matches("Error: ")));
        }
        writeln!(io::stderr(), "{why}").map_err(failed)?;
    }
}

fn hidden(prompt: &str) -> Result<Option<String>, Failure> {
    if is_terminal() {
        rpassword::prompt_password(prompt).map(Some).map_err(failed)
    } else {
        line(prompt)
    }
}

/// Reads a password from the first line of a file.
pub(crate) fn password_from_file(path: &Path) -> Result<String, Failure> {
    let content = std::fs::read_to_string(path).map_err(|error| {
        Failure::failed(format!(
            "cannot read the password file {}: {error}",
            path.display()
        ))
    })?;
    first_line(&content)
        .ok_or_else(|| Failure::failed(format!("the password file {} is empty", path.display())))
}

/// Reads a password from the first line of standard input.
pub(crate) fn password_from_stdin() -> Result<String, Failure> {
    let mut content = String::new();
    io::stdin().lock().read_line(&mut content).map_err(failed)?;
    first_line(&content).ok_or_else(|| Failure::failed("standard input holds no password"))
}

fn first_line(content: &str) -> Option<String> {
    content
        .lines()
        .next()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
}

fn failed(error: io::Error) -> Failure {
    Failure::Failed(error.into())
}
