//! The layers a value may come from, and the rule that a later one wins.
//!
//! Defaults, files of the vendor, the single file, the files of the directory, environment
//! variables, the command line. A layer changes the keys that it names and no others.

mod environment;
mod files;
mod reading;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::catalogue::{ALLOW_COMMANDS, DATA_DIR, SETTINGS, TENANTS_DOMAIN};
use super::named;
use super::setting::{Setting, Value, switch};
pub(crate) use environment::derived;
use files::SettingsFile;
pub(crate) use files::proposed;
use reading::{explain, known, read};

/// Where files of derived images and packages lie.
const VENDOR_FILES: &str = "/usr/share/kiwi/settings.d";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody gave one.
    Default,
    /// A settings file.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
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

/// Where settings files are looked for.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// Files that derived images and packages bring along.
    pub(crate) vendor: PathBuf,
    /// The single file.
    pub(crate) single: PathBuf,
    /// The directory of files, read after the single one.
    pub(crate) directory: PathBuf,
}

impl Places {
    /// The places that belong to a data directory.
    pub(crate) fn of(data_dir: &Path) -> Self {
        let etc = data_dir.join("etc");
        Self {
            vendor: PathBuf::from(VENDOR_FILES),
            single: etc.join("local_settings.toml"),
            directory: etc.join("tcms_settings_dir"),
        }
    }
}

/// The values of all settings with the layer that decided each.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values {
    decided: BTreeMap<&'static str, (Value, Source)>,
    /// The settings of names that somebody gave, in the order of their keys.
    named: BTreeMap<&'static str, &'static Setting>,
    /// The files that were read, in their order.
    pub(crate) files: Vec<PathBuf>,
}

/// What the layers said, while they are read.
struct Collected {
    values: Values,
    /// Keys that only files may set, and the file that says so.
    pinned: BTreeMap<&'static str, PathBuf>,
    /// Files with secrets that everybody on the machine can read.
    exposed: BTreeSet<PathBuf>,
    may_run_commands: bool,
    remarks: Vec<String>,
    problems: Vec<String>,
}

impl Values {
    /// Collects all layers. The second result are remarks for the log; an error names everything
    /// that is wrong, a line for each.
    pub(crate) fn collect(
        data_dir: &Path,
        places: &Places,
        environment: &BTreeMap<String, String>,
        options: &[(String, String)],
    ) -> Result<(Self, Vec<String>), String> {
        let mut collected = Collected {
            values: Self::default(),
            pinned: BTreeMap::new(),
            exposed: BTreeSet::new(),
            may_run_commands: false,
            remarks: Vec::new(),
            problems: Vec::new(),
        };
        collected.read_defaults();
        let files = files::find(places, &mut collected.problems);
        collected.may_run_commands = files.iter().any(SettingsFile::allows_commands)
            || options
                .iter()
                .any(|(key, text)| key == ALLOW_COMMANDS.key && switch(text) == Some(true))
            || environment
                .get("KIWI_ALLOW_COMMANDS")
                .is_some_and(|text| switch(text) == Some(true));
        for file in files {
            collected.read_file(file, environment);
        }
        collected.read_environment(environment);
        for (key, text) in options {
            let problem = collected.read_option(key, text).err();
            collected.problems.extend(problem);
        }
        collected.finish(data_dir)
    }

    /// Every setting there is: in place of each declaration for several names, those that it is for.
    pub(crate) fn settings(&self) -> impl Iterator<Item = &'static Setting> {
        let single = SETTINGS.iter().copied();
        let single = single.filter(|setting| !named::is_pattern(setting));
        single.chain(self.named.values().copied())
    }

    /// The names in the keys that begin so, in their order.
    pub(crate) fn names_of(&self, table: &str) -> Vec<String> {
        let names = self.named.keys().filter_map(|key| {
            let (name, _) = key.strip_prefix(table)?.split_once('.')?;
            Some(name.to_owned())
        });
        let mut names: Vec<String> = names.collect();
        names.dedup();
        names
    }

    /// Returns the value and its origin.
    pub(crate) fn get(&self, setting: &Setting) -> Option<&(Value, Source)> {
        self.decided.get(setting.key)
    }

    /// Returns the value for people's eyes: a secret is hidden, and its mark tells whether two
    /// programs have the same one.
    pub(crate) fn visible(&self, setting: &Setting) -> Option<serde_json::Value> {
        let value = self.value(setting)?;
        if !setting.secret {
            return Some(value.visible());
        }
        let hash = Sha256::digest(value.to_string());
        Some(format!("*** ({:02x}{:02x})", hash[0], hash[1]).into())
    }

    /// Returns the value alone.
    pub(crate) fn value(&self, setting: &Setting) -> Option<&Value> {
        self.get(setting).map(|(value, _)| value)
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
}

impl Collected {
    fn read_defaults(&mut self) {
        let single = SETTINGS
            .iter()
            .filter(|setting| !named::is_pattern(setting));
        for setting in single {
            let Some(default) = setting.default else {
                continue;
            };
            match setting.kind.parse(default) {
                Ok(value) => self.set(setting, value, Source::Default),
                Err(why) => self.problems.push(explain(setting, &why)),
            }
        }
    }

    fn read_option(&mut self, key: &str, text: &str) -> Result<(), String> {
        let setting = known(key)?;
        self.refuse_pinned(setting, &format!("option for `{key}`"))?;
        let value = read(setting, text, &format!("option for `{key}`"), self)?;
        self.set(setting, value, Source::CommandLine);
        Ok(())
    }

    fn set(&mut self, setting: &'static Setting, value: Value, source: Source) {
        if named::is_one(setting) {
            self.values.named.insert(setting.key, setting);
        }
        self.values.decided.insert(setting.key, (value, source));
    }

    /// Gives each name the values that nobody gave.
    fn complete_named(&mut self) {
        let given: Vec<&Setting> = self.values.named.values().copied().collect();
        for setting in given.iter().flat_map(|setting| named::siblings(setting)) {
            self.values.named.insert(setting.key, setting);
            let default = setting.default.map(|text| setting.kind.parse(text));
            match default {
                Some(Ok(value)) if self.source(setting).is_none() => {
                    self.set(setting, value, Source::Default);
                }
                Some(Err(why)) => self.problems.push(explain(setting, &why)),
                _ => {}
            }
        }
    }

    fn source(&self, setting: &Setting) -> Option<&Source> {
        self.values.get(setting).map(|(_, source)| source)
    }

    fn refuse_pinned(&self, setting: &Setting, origin: &str) -> Result<(), String> {
        match self.pinned.get(setting.key) {
            Some(file) => Err(format!(
                "{origin}: `{}` is pinned by {}; change it there",
                setting.key,
                file.display()
            )),
            None => Ok(()),
        }
    }

    fn finish(mut self, data_dir: &Path) -> Result<(Values, Vec<String>), String> {
        self.complete_named();
        let is_multi = self.values.text(&TENANTS_DOMAIN).is_some();
        for file in &self.exposed {
            let file = file.display();
            let told = format!("everybody on the machine can read {file}; run `chmod o-r {file}`");
            if is_multi {
                self.problems.push(told);
            } else {
                self.remarks.push(told);
            }
        }
        if !self.problems.is_empty() {
            return Err(self.problems.join("\n"));
        }
        let source = match self.source(&DATA_DIR) {
            Some(source) => source.clone(),
            None => Source::Default,
        };
        let data_dir = Value::Text(data_dir.display().to_string());
        self.set(&DATA_DIR, data_dir, source);
        Ok((self.values, self.remarks))
    }
}
