//! `kiwi config`: what is set, and what can be set.

use std::fmt::Write as _;

use serde::Serialize;

use crate::cli::ConfigCommand;
use crate::config::Config;
use crate::config::catalogue::SETTINGS;
use crate::config::setting::{Setting, Value, Variable};
use crate::output::{Failure, Output};

#[derive(Serialize)]
struct Shown {
    key: &'static str,
    value: Option<serde_json::Value>,
    source: String,
}

/// Runs one of the commands.
pub(super) fn run(config: &Config, command: &ConfigCommand, output: Output) -> Result<(), Failure> {
    match command {
        ConfigCommand::Show { key } => show(config, key.as_deref(), output),
        ConfigCommand::Reference => reference(output),
    }
}

fn show(config: &Config, key: Option<&str>, output: Output) -> Result<(), Failure> {
    let wanted = |setting: &&&Setting| key.is_none_or(|key| setting.key == key);
    let shown: Vec<Shown> = SETTINGS
        .iter()
        .filter(wanted)
        .map(|setting| {
            let (value, source) = match config.values.get(setting) {
                Some((value, source)) => (Some(visible(setting, value)), source.to_string()),
                None => (None, "default".to_owned()),
            };
            Shown {
                key: setting.key,
                value,
                source,
            }
        })
        .collect();
    if shown.is_empty() {
        let key = key.unwrap_or_default();
        return Err(Failure::NotFound(format!("there is no setting `{key}`")));
    }
    output.show(&shown, |shown| {
        let lines = shown.iter().map(|setting| {
            let value = match &setting.value {
                None => "(not set)".to_owned(),
                Some(serde_json::Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            format!("{} = {value}  # {}", setting.key, setting.source)
        });
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn visible(setting: &Setting, value: &Value) -> serde_json::Value {
    if setting.secret {
        "***".into()
    } else {
        value.json()
    }
}

#[derive(Serialize)]
struct Described {
    key: &'static str,
    variables: Vec<&'static str>,
    kind: String,
    default: Option<&'static str>,
    secret: bool,
    help: &'static str,
}

fn reference(output: Output) -> Result<(), Failure> {
    let described: Vec<Described> = SETTINGS
        .iter()
        .map(|setting| Described {
            key: setting.key,
            variables: setting
                .variables
                .iter()
                .map(|variable| variable.name())
                .collect(),
            kind: setting.kind.to_string(),
            default: setting.default,
            secret: setting.secret,
            help: setting.help,
        })
        .collect();
    output.show(&described, |described| {
        let mut text =
            String::from("| key | variable | value | default | meaning |\n|---|---|---|---|---|");
        for (described, setting) in described.iter().zip(SETTINGS) {
            let variables: Vec<String> = setting
                .variables
                .iter()
                .map(|variable| told(*variable))
                .collect();
            let default = described.default.filter(|default| !default.is_empty());
            let default = default.map_or_else(|| "–".to_owned(), |default| format!("`{default}`"));
            let secret = if described.secret {
                "; a value that is the path of a file stands for its content"
            } else {
                ""
            };
            let _ = write!(
                text,
                "\n| `{}` | {} | {} | {default} | {}{secret} |",
                described.key,
                variables.join(", "),
                described.kind,
                described.help,
            );
        }
        text
    })
}

fn told(variable: Variable) -> String {
    match variable {
        Variable::Plain(name) => format!("`{name}`"),
        Variable::Inverted(name) | Variable::Disabling(name) => format!("`{name}` (the opposite)"),
        Variable::Choosing(name, word) => format!("`{name}` (a switch for `{word}`)"),
    }
}
