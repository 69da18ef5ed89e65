//! `kiwi show-config` and `kiwi config`: what is set, and what can be set.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde::Serialize;

use crate::cli::{ConfigCommand, ShowConfig};
use crate::config::Config;
use crate::config::catalogue::SETTINGS;
use crate::config::layers::{Source, derived};
use crate::config::schema::schema;
use crate::config::setting::{Setting, Variable};
use crate::output::{Failure, Output};

/// `kiwi config …`
pub(super) fn run(command: &ConfigCommand, output: Output) -> Result<(), Failure> {
    match command {
        ConfigCommand::Reference => reference(output),
        ConfigCommand::Schema => output.show(&schema(), |schema| format!("{schema:#}")),
    }
}

#[derive(Serialize)]
struct Shown {
    key: &'static str,
    value: Option<serde_json::Value>,
    source: String,
}

/// `kiwi show-config`
pub(super) fn show(config: &Config, options: &ShowConfig, output: Output) -> Result<(), Failure> {
    if options.files {
        return files(config, output);
    }
    let shown = shown(config, |setting, source| {
        options.key.as_deref().is_none_or(|key| setting.key == key)
            && (!options.diff || *source != Source::Default)
    });
    if let Some(key) = &options.key
        && config.values.settings().all(|setting| setting.key != key)
    {
        return Err(Failure::NotFound(format!("there is no setting `{key}`")));
    }
    output.show(&shown, |shown| lines(shown))
}

/// Every setting as `kiwi show-config` shows it.
pub(super) fn everything(config: &Config) -> impl Serialize {
    shown(config, |_, _| true)
}

fn shown(config: &Config, wanted: impl Fn(&Setting, &Source) -> bool) -> Vec<Shown> {
    let settings = config.values.settings();
    settings
        .filter_map(|setting| {
            let source = match config.values.get(setting) {
                Some((_, source)) => source,
                None => &Source::Default,
            };
            wanted(setting, source).then(|| Shown {
                key: setting.key,
                value: config.values.visible(setting),
                source: source.to_string(),
            })
        })
        .collect()
}

fn lines(shown: &[Shown]) -> String {
    let lines = shown.iter().map(|setting| {
        let value = match &setting.value {
            None => "(not set)".to_owned(),
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        format!("{} = {value}  # {}", setting.key, setting.source)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn files(config: &Config, output: Output) -> Result<(), Failure> {
    output.show(&config.values.files, |files: &Vec<PathBuf>| {
        let lines = files.iter().map(|path| path.display().to_string());
        lines.collect::<Vec<_>>().join("\n")
    })
}

#[derive(Serialize)]
struct Described {
    key: &'static str,
    variables: Vec<&'static str>,
    derived_variable: String,
    kind: String,
    default: Option<&'static str>,
    secret: bool,
    reloadable: bool,
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
            derived_variable: derived(setting),
            kind: setting.kind.to_string(),
            default: setting.default,
            secret: setting.secret,
            reloadable: setting.reloadable,
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
            let variables = if variables.is_empty() {
                "–".to_owned()
            } else {
                variables.join(", ")
            };
            let default = described.default.filter(|default| !default.is_empty());
            let default = default.map_or_else(|| "–".to_owned(), |default| format!("`{default}`"));
            let secret = if described.secret {
                "; a secret: a value that is the path of a file stands for its content"
            } else {
                ""
            };
            let reload = if described.reloadable {
                "; SIGHUP changes it"
            } else {
                ""
            };
            let _ = write!(
                text,
                "\n| `{}` | {} | {} | {default} | {}{secret}{reload} |",
                described.key, variables, described.kind, described.help,
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
