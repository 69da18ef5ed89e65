//! How texts and values of files become values of settings; secrets may lie elsewhere.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::Collected;
use crate::config::catalogue::{ALLOW_COMMANDS, SETTINGS};
use crate::config::named;
use crate::config::setting::{Kind, Setting, Value};

/// How a value may be given in a file besides being written there.
const REFERENCE: &str = "{ env = \"…\" } or { env = \"…\", default = \"…\" }";
/// How a secret may be given in a file.
const SECRET_FORMS: &str = "text, { file = \"…\" }, { env = \"…\" } or { command = [\"…\"] }";

/// A message about a setting.
pub(super) fn explain(setting: &Setting, why: &str) -> String {
    format!("{}: {why}", setting.key)
}

/// Finds a setting by its key; the error names the nearest one.
pub(super) fn known(key: &str) -> Result<&'static Setting, String> {
    let found = SETTINGS.iter().copied().find(|setting| setting.key == key);
    if let Some(setting) = found.filter(|setting| !named::is_pattern(setting)) {
        return Ok(setting);
    }
    named::find(key)?.ok_or_else(|| {
        let nearest = nearest_of(key, SETTINGS.iter().map(|setting| setting.key));
        format!("unknown setting `{key}`{nearest}")
    })
}

/// The names of all variables that settings declare.
pub(super) fn known_by() -> impl Iterator<Item = &'static str> {
    let variables = SETTINGS.iter().flat_map(|setting| setting.variables);
    variables.map(|variable| variable.name())
}

/// Says which of the names is meant, if one looks similar.
pub(super) fn nearest_of<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, candidate)| {
            format!("; did you mean `{candidate}`?")
        })
}

/// Reads a text; that of a secret may be the path of a file.
pub(super) fn read(
    setting: &Setting,
    text: &str,
    origin: &str,
    collected: &mut Collected,
) -> Result<Value, String> {
    let is_path = setting.secret && text.starts_with('/') && Path::new(text).is_file();
    let text = if is_path {
        content(Path::new(text), origin, collected)?
    } else {
        text.to_owned()
    };
    setting.kind.parse(&text).map_err(|why| {
        if setting.secret {
            format!("{origin}: value is not valid")
        } else {
            format!("{origin}: {why}")
        }
    })
}

/// The content of a file without the white space around it.
pub(super) fn content(
    path: &Path,
    origin: &str,
    collected: &mut Collected,
) -> Result<String, String> {
    let explain = |error| format!("{origin}: cannot read the file {}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(explain)?;
    let mode = std::fs::metadata(path)
        .map_err(explain)?
        .permissions()
        .mode();
    if mode & 0o004 != 0 {
        collected.exposed.insert(path.to_owned());
    }
    Ok(text.trim().to_owned())
}

/// Reads a value of a file.
pub(super) fn from_toml(
    setting: &Setting,
    value: toml::Value,
    environment: &BTreeMap<String, String>,
    collected: &mut Collected,
) -> Result<Value, String> {
    let wrong = |kind: &str| format!("`{}`: expected {}, got {kind}", setting.key, setting.kind);
    match value {
        toml::Value::String(text) => read(setting, &text, &format!("`{}`", setting.key), collected),
        toml::Value::Integer(number) if matches!(setting.kind, Kind::Number(..) | Kind::Text) => {
            setting
                .kind
                .parse(&number.to_string())
                .map_err(|why| explain(setting, &why))
        }
        toml::Value::Boolean(on) if matches!(setting.kind, Kind::Switch) => Ok(Value::Switch(on)),
        toml::Value::Array(items) if matches!(setting.kind, Kind::List) => items
            .into_iter()
            .map(|item| match item {
                toml::Value::String(text) => Ok(text),
                other => Err(wrong(other.type_str())),
            })
            .collect::<Result<_, _>>()
            .map(Value::List),
        toml::Value::Table(table) if setting.secret || table.contains_key("env") => {
            let text = elsewhere(setting, &table, environment, collected)?;
            setting.kind.parse(&text).map_err(|why| {
                let why = if setting.secret {
                    "value is not valid"
                } else {
                    &why
                };
                format!("`{}`: {why}", setting.key)
            })
        }
        other => Err(wrong(other.type_str())),
    }
}

/// The text of a value whose place is given.
fn elsewhere(
    setting: &Setting,
    table: &toml::Table,
    environment: &BTreeMap<String, String>,
    collected: &mut Collected,
) -> Result<String, String> {
    let key = setting.key;
    if let Some(toml::Value::String(name)) = table.get("env") {
        let default = match (table.get("default"), table.len()) {
            (None, 1) => None,
            (Some(toml::Value::String(text)), 2) => Some(text),
            _ => return Err(format!("`{key}`: expected {REFERENCE}")),
        };
        let text = environment.get(name).or(default).cloned();
        return text.ok_or_else(|| format!("`{key}`: the variable {name} is not set"));
    }
    let expected = || format!("`{key}`: expected {SECRET_FORMS}");
    let mut entries = table.iter();
    let (Some((form, place)), None) = (entries.next(), entries.next()) else {
        return Err(expected());
    };
    match (form.as_str(), place) {
        ("file", toml::Value::String(path)) => {
            content(Path::new(path), &format!("`{key}`"), collected)
        }
        ("command", toml::Value::Array(words)) => {
            if !collected.may_run_commands {
                return Err(format!(
                    "`{key}`: commands are not run; set `{} = true` at the top of the file",
                    ALLOW_COMMANDS.key
                ));
            }
            let words: Option<Vec<&str>> = words.iter().map(toml::Value::as_str).collect();
            printed(&words.ok_or_else(expected)?).map_err(|why| format!("`{key}`: {why}"))
        }
        _ => Err(expected()),
    }
}

/// What a command prints, without the white space around it.
fn printed(words: &[&str]) -> Result<String, String> {
    let [program, arguments @ ..] = words else {
        return Err("the command is empty".to_owned());
    };
    let output = Command::new(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{program}: {}", output.status));
    }
    String::from_utf8(output.stdout)
        .map(|text| text.trim().to_owned())
        .map_err(|_| format!("{program} printed no text"))
}
