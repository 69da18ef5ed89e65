//! `kiwi import-settings`: settings files in Python become settings files of this program.

mod names;
mod python;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::ImportSettings;
use crate::config::layers::proposed;
use crate::config::legacy;
use crate::output::{Failure, Output};
use names::Translated;

/// Where the original is installed in its image.
const VIRTUAL_ENVIRONMENT: &str = "/venv";
/// The name of the single file, without its ending.
const SINGLE: &str = "local_settings";

#[derive(Serialize, Default)]
struct Told {
    written: Vec<Written>,
    not_translated: Vec<Place>,
    without_counterpart: Vec<Place>,
}

#[derive(Serialize)]
struct Written {
    from: PathBuf,
    to: PathBuf,
    keys: Vec<String>,
}

#[derive(Serialize)]
struct Place {
    file: PathBuf,
    line: usize,
    what: String,
}

/// One file, translated and not yet written.
struct Draft {
    from: PathBuf,
    to: PathBuf,
    keys: BTreeMap<String, toml::Value>,
}

/// `kiwi import-settings`
pub(super) fn run(
    data_dir: &Path,
    options: &ImportSettings,
    output: Output,
) -> Result<(), Failure> {
    let files = if options.files.is_empty() {
        legacy::find(Path::new(VIRTUAL_ENVIRONMENT))
    } else {
        options.files.clone()
    };
    if files.is_empty() {
        return Err(Failure::NotFound(format!(
            "no settings in Python below {VIRTUAL_ENVIRONMENT}; name the files"
        )));
    }
    let out = options.out.clone().unwrap_or_else(|| data_dir.join("etc"));
    let mut told = Told::default();
    let mut drafts = Vec::new();
    for file in files {
        drafts.push(draft(file, &out, &mut told)?);
    }
    // all or nothing: what would be overwritten is found before anything is written
    for draft in &drafts {
        if draft.to.exists() && !options.force {
            let to = draft.to.display();
            return Err(Failure::Refused(format!(
                "{to} exists; choose another folder with --out, or --force"
            )));
        }
    }
    for draft in drafts {
        told.written.push(write(draft)?);
    }
    output.show(&told, text)?;
    if told.not_translated.is_empty() {
        return Ok(());
    }
    let count = told.not_translated.len();
    Err(Failure::Partly(format!(
        "{count} lines were not translated"
    )))
}

fn draft(from: PathBuf, out: &Path, told: &mut Told) -> Result<Draft, Failure> {
    let explain = |why: String| Failure::failed(format!("{}: {why}", from.display()));
    let source = fs::read_to_string(&from).map_err(|error| explain(error.to_string()))?;
    let read = python::read(&source).map_err(explain)?;
    let place = |line: usize, what: String| Place {
        file: from.clone(),
        line,
        what,
    };
    let mut keys = BTreeMap::new();
    for (line, what) in read.not_translated {
        told.not_translated.push(place(line, what));
    }
    for (name, assigned) in read.assigned {
        match names::translate(&name, &assigned.change) {
            Ok(Translated::Entries(entries)) => keys.extend(entries),
            Ok(Translated::NoCounterpart) => {
                told.without_counterpart.push(place(assigned.line, name));
            }
            Err(why) => {
                let what = format!("{name}: {why}");
                told.not_translated.push(place(assigned.line, what));
            }
        }
    }
    told.not_translated
        .sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let stem = from
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let to = if stem == SINGLE {
        out.join(format!("{SINGLE}.toml"))
    } else {
        out.join("tcms_settings_dir").join(proposed(&stem))
    };
    Ok(Draft { from, to, keys })
}

fn write(draft: Draft) -> Result<Written, Failure> {
    let Draft { from, to, keys } = draft;
    let explain = |error: std::io::Error| Failure::failed(format!("{}: {error}", to.display()));
    let mut root = toml::Table::new();
    for (key, value) in &keys {
        put(&mut root, key, value.clone());
    }
    let text = toml::to_string_pretty(&root).map_err(|error| Failure::Failed(error.into()))?;
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent).map_err(explain)?;
    }
    // it may hold passwords
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&to);
    let name = from.file_name().unwrap_or_default().to_string_lossy();
    file.and_then(|mut file| write!(file, "# translated from {name}\n\n{text}"))
        .map_err(explain)?;
    Ok(Written {
        keys: keys.into_keys().collect(),
        from,
        to,
    })
}

/// Puts a value below the tables that the dots of its key name.
fn put(table: &mut toml::Table, key: &str, value: toml::Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table
                .entry(section)
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn text(told: &Told) -> String {
    let mut lines = Vec::new();
    for written in &told.written {
        lines.push(format!(
            "{} → {}",
            written.from.display(),
            written.to.display()
        ));
        lines.extend(written.keys.iter().map(|key| format!("  {key}")));
    }
    for (title, places) in [
        ("no counterpart:", &told.without_counterpart),
        ("not translated:", &told.not_translated),
    ] {
        if !places.is_empty() {
            lines.push(title.to_owned());
        }
        lines.extend(
            places
                .iter()
                .map(|place| format!("  {}:{}: {}", place.file.display(), place.line, place.what)),
        );
    }
    lines.join("\n")
}
