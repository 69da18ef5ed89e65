//! The layers a value may come from, and the rule that a later one wins.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use super::catalogue::{DATA_DIR, OTHER_VARIABLES, SETTINGS, WITHOUT_EFFECT};
use super::setting::{Kind, Setting, Value, Variable, switch};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody gave one.
    Default,
    /// A settings file.
    File(PathBuf),
    /// An environment variable.
    Variable(&'static str),
    /// The command line.
    CommandLine,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// The values of all settings with the layer that decided each.
#[derive(Debug, Default)]
pub(crate) struct Values(BTreeMap<&'static str, (Value, Source)>);

impl Values {
    /// Collects all layers: defaults, the settings file, the environment, the command line.
    ///
    /// The second result are remarks for the log.
    pub(crate) fn collect(
        data_dir: &Path,
        environment: &BTreeMap<String, String>,
        options: &[(String, String)],
    ) -> Result<(Self, Vec<String>), String> {
        let mut values = Self::default();
        let mut remarks = Vec::new();
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                let value = setting
                    .kind
                    .parse(default)
                    .map_err(|why| explain(setting, &why))?;
                values.0.insert(setting.key, (value, Source::Default));
            }
        }
        values.read_file(&data_dir.join("etc").join("local_settings.toml"))?;
        values.read_environment(environment, &mut remarks)?;
        for (key, text) in options {
            let setting = known(key)?;
            let value = read(setting, text, &format!("option for `{key}`"))?;
            values.0.insert(setting.key, (value, Source::CommandLine));
        }
        let data_dir = Value::Text(data_dir.display().to_string());
        let source = values
            .0
            .remove(DATA_DIR.key)
            .map_or(Source::Default, |(_, source)| source);
        values.0.insert(DATA_DIR.key, (data_dir, source));
        Ok((values, remarks))
    }

    /// Returns the value and its origin.
    pub(crate) fn get(&self, setting: &Setting) -> Option<&(Value, Source)> {
        self.0.get(setting.key)
    }

    /// Returns a text that is set and not empty.
    pub(crate) fn text(&self, setting: &Setting) -> Option<String> {
        self.get(setting)
            .map(|(value, _)| value.to_string())
            .filter(|text| !text.is_empty())
    }

    /// Returns a switch.
    pub(crate) fn switch(&self, setting: &Setting) -> bool {
        matches!(self.get(setting), Some((Value::Switch(true), _)))
    }

    /// Returns a number; 0 when unset.
    pub(crate) fn number(&self, setting: &Setting) -> i64 {
        match self.get(setting) {
            Some((Value::Number(number), _)) => *number,
            _ => 0,
        }
    }

    /// Returns a list; empty when unset.
    pub(crate) fn list(&self, setting: &Setting) -> Vec<String> {
        match self.get(setting) {
            Some((Value::List(items), _)) => items.clone(),
            _ => Vec::new(),
        }
    }

    fn read_file(&mut self, path: &Path) -> Result<(), String> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let table: toml::Table = text
            .parse()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        self.read_table(path, "", table)
            .map_err(|why| format!("{}: {why}", path.display()))
    }

    fn read_table(&mut self, path: &Path, prefix: &str, table: toml::Table) -> Result<(), String> {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}.{name}")
            };
            let is_section = SETTINGS.iter().any(|setting| {
                setting
                    .key
                    .strip_prefix(key.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
            });
            match value {
                toml::Value::Table(inner) if is_section => self.read_table(path, &key, inner)?,
                value => {
                    let setting = known(&key)?;
                    if setting.key == DATA_DIR.key {
                        return Err("`data_dir` cannot be set in a file inside it".to_owned());
                    }
                    let value = from_toml(setting, value)?;
                    self.0
                        .insert(setting.key, (value, Source::File(path.to_owned())));
                }
            }
        }
        Ok(())
    }

    fn read_environment(
        &mut self,
        environment: &BTreeMap<String, String>,
        remarks: &mut Vec<String>,
    ) -> Result<(), String> {
        for setting in SETTINGS {
            for variable in setting.variables {
                let name = variable.name();
                let Some(text) = environment.get(name) else {
                    continue;
                };
                if text.is_empty() && !matches!(setting.kind, Kind::Switch | Kind::List) {
                    continue;
                }
                let value = match variable {
                    Variable::Plain(_) => read(setting, text, name)?,
                    Variable::Inverted(_) => Value::Switch(!word(name, text)?),
                    Variable::Disabling(_) => Value::Switch(switch(text) == Some(false)),
                    Variable::Choosing(_, choice) => {
                        if !word(name, text)? {
                            continue;
                        }
                        if let Some((_, Source::Variable(other))) = self.0.get(setting.key) {
                            return Err(format!(
                                "{other} and {name} exclude each other: unset one"
                            ));
                        }
                        Value::Text((*choice).to_owned())
                    }
                };
                if let Some((_, Source::File(path))) = self.0.get(setting.key) {
                    remarks.push(format!(
                        "the variable {name} overrides `{}` of {}",
                        setting.key,
                        path.display()
                    ));
                }
                self.0.insert(setting.key, (value, Source::Variable(name)));
            }
        }
        let names: Vec<&str> = SETTINGS
            .iter()
            .flat_map(|setting| setting.variables)
            .map(|variable| variable.name())
            .chain(OTHER_VARIABLES.iter().copied())
            .collect();
        for name in environment.keys().filter(|name| name.starts_with("KIWI_")) {
            if WITHOUT_EFFECT.contains(&name.as_str()) {
                remarks.push(format!("the variable {name} has no effect in this version"));
            } else if !names.contains(&name.as_str()) {
                remarks.push(format!(
                    "the variable {name} is not known{}",
                    nearest(name, names.iter().copied())
                ));
            }
        }
        Ok(())
    }
}

/// Reads the word of a variable that is a switch.
fn word(name: &str, text: &str) -> Result<bool, String> {
    switch(text).ok_or_else(|| {
        format!("{name}: expected true, 1, yes, on or false, 0, no, off, got `{text}`")
    })
}

fn explain(setting: &Setting, why: &str) -> String {
    format!("{}: {why}", setting.key)
}

/// Finds a setting by its key; the error names the nearest one.
fn known(key: &str) -> Result<&'static Setting, String> {
    SETTINGS
        .iter()
        .copied()
        .find(|setting| setting.key == key)
        .ok_or_else(|| {
            let nearest = nearest(key, SETTINGS.iter().map(|setting| setting.key));
            format!("unknown setting `{key}`{nearest}")
        })
}

/// Says which of the names is meant, if one looks similar.
fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map_or_else(String::new, |(_, candidate)| {
            format!("; did you mean `{candidate}`?")
        })
}

/// Reads a text given outside a file; a secret may be the path of a file.
fn read(setting: &Setting, text: &str, origin: &str) -> Result<Value, String> {
    let text = if setting.secret {
        dereference(text, origin)?
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

/// Returns the content of the file a secret names, or the text itself.
fn dereference(text: &str, origin: &str) -> Result<String, String> {
    let path = Path::new(text);
    if !text.starts_with('/') || !path.is_file() {
        return Ok(text.to_owned());
    }
    std::fs::read_to_string(path)
        .map(|content| content.trim().to_owned())
        .map_err(|error| format!("{origin}: cannot read the file {text}: {error}"))
}

fn from_toml(setting: &Setting, value: toml::Value) -> Result<Value, String> {
    let wrong = |kind: &str| format!("`{}`: expected {}, got {kind}", setting.key, setting.kind);
    match value {
        toml::Value::String(text) => read(setting, &text, &format!("`{}`", setting.key)),
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
        toml::Value::Table(table) if setting.secret && table.len() == 1 => {
            match table.get("file").and_then(toml::Value::as_str) {
                Some(path) => std::fs::read_to_string(path)
                    .map(|content| Value::Text(content.trim().to_owned()))
                    .map_err(|error| {
                        format!("`{}`: cannot read the file {path}: {error}", setting.key)
                    }),
                None => Err(format!(
                    "`{}`: expected text or {{ file = \"…\" }}",
                    setting.key
                )),
            }
        }
        other => Err(wrong(other.type_str())),
    }
}
