//! Environment variables: the names of the original and of each setting, then `KIWI__SECTION__KEY`.

use std::collections::BTreeMap;
use std::path::Path;

use super::reading::{content, known_by, nearest_of, read};
use super::{Collected, Source};
use crate::config::catalogue::{OTHER_VARIABLES, SETTINGS, WITHOUT_EFFECT};
use crate::config::named;
use crate::config::setting::{Kind, Setting, Value, Variable, switch};

/// What the names begin with that are made from keys.
const DERIVED: &str = "KIWI__";
/// What the name of a variable ends with whose value is the path of a file.
const FILE: &str = "_FILE";

impl Collected {
    /// Takes what the variables say.
    pub(super) fn read_environment(&mut self, environment: &BTreeMap<String, String>) {
        for setting in SETTINGS {
            for variable in setting.variables {
                let problem = self.read_variable(setting, *variable, environment).err();
                self.problems.extend(problem);
            }
        }
        let derived = |name: &&String| name.starts_with(DERIVED);
        for name in environment.keys().filter(derived) {
            let problem = self.read_derived(name, environment).err();
            self.problems.extend(problem);
        }
        self.remark_unknown(environment);
    }

    fn read_variable(
        &mut self,
        setting: &'static Setting,
        variable: Variable,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        let name = variable.name();
        let Some((origin, text)) = self.given(name, environment)? else {
            return Ok(());
        };
        if text.is_empty() && !matches!(setting.kind, Kind::Switch | Kind::List) {
            return Ok(());
        }
        let value = match variable {
            Variable::Plain(_) => read(setting, &text, &origin, self)?,
            Variable::Inverted(_) => Value::Switch(!word(name, &text)?),
            Variable::Disabling(_) => Value::Switch(switch(&text) == Some(false)),
            Variable::Choosing(_, choice) => {
                if !word(name, &text)? {
                    return Ok(());
                }
                if let Some(Source::Variable(other)) = self.source(setting) {
                    return Err(format!("{other} and {name} exclude each other: unset one"));
                }
                Value::Text(choice.to_owned())
            }
        };
        self.take(setting, value, origin)
    }

    fn read_derived(
        &mut self,
        name: &str,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        if let Some(setting) = derived_from(name)? {
            let Some((origin, text)) = self.given(name, environment)? else {
                return Ok(());
            };
            let value = read(setting, &text, &origin, self)?;
            return self.take(setting, value, origin);
        }
        match name.strip_suffix(FILE) {
            Some(stem) => match derived_from(stem)? {
                // taken with the variable of that name
                Some(_) if environment.contains_key(stem) => Ok(()),
                Some(_) => self.read_derived(stem, environment),
                None => Err(unknown(stem)),
            },
            None => Err(unknown(name)),
        }
    }

    /// The text of a variable, or of the file that `…_FILE` names, and which of them it was.
    fn given(
        &mut self,
        name: &str,
        environment: &BTreeMap<String, String>,
    ) -> Result<Option<(String, String)>, String> {
        let by_file = format!("{name}{FILE}");
        let path = environment.get(&by_file).filter(|path| !path.is_empty());
        match (environment.get(name), path) {
            (Some(_), Some(_)) => Err(format!(
                "{name} and {by_file} exclude each other: unset one"
            )),
            (Some(text), None) => Ok(Some((name.to_owned(), text.clone()))),
            (None, Some(path)) => {
                let text = content(Path::new(path), &by_file, self)?;
                Ok(Some((by_file, text)))
            }
            (None, None) => Ok(None),
        }
    }

    fn take(
        &mut self,
        setting: &'static Setting,
        value: Value,
        name: String,
    ) -> Result<(), String> {
        self.refuse_pinned(setting, &name)?;
        if let Some(Source::File(path)) = self.source(setting) {
            let remark = format!(
                "the variable {name} overrides `{}` of {}",
                setting.key,
                path.display()
            );
            self.remarks.push(remark);
        }
        self.set(setting, value, Source::Variable(name));
        Ok(())
    }

    fn remark_unknown(&mut self, environment: &BTreeMap<String, String>) {
        let names: Vec<&str> = known_by().chain(OTHER_VARIABLES.iter().copied()).collect();
        let ours = |name: &&String| name.starts_with("KIWI_") && !name.starts_with(DERIVED);
        for name in environment.keys().filter(ours) {
            let stem = name.strip_suffix(FILE).unwrap_or(name);
            if WITHOUT_EFFECT.contains(&name.as_str()) {
                self.remarks
                    .push(format!("the variable {name} has no effect in this version"));
            } else if !names.contains(&name.as_str()) && !names.contains(&stem) {
                let meant = nearest_of(name, names.iter().copied());
                self.remarks
                    .push(format!("the variable {name} is not known{meant}"));
            }
        }
    }
}

/// The variable that is made from the key of a setting.
pub(crate) fn derived(setting: &Setting) -> String {
    format!(
        "{DERIVED}{}",
        setting.key.replace('.', "__").to_ascii_uppercase()
    )
}

/// The setting whose key this variable is made from; names in keys are in lower case.
fn derived_from(name: &str) -> Result<Option<&'static Setting>, String> {
    for setting in SETTINGS {
        let variable = derived(setting);
        let Some((before, after)) = variable.split_once(&named::NAME.to_ascii_uppercase()) else {
            if variable == name {
                return Ok(Some(setting));
            }
            continue;
        };
        let given = name
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after));
        if let Some(given) = given.filter(|given| !given.is_empty()) {
            let key = setting
                .key
                .replace(named::NAME, &given.to_ascii_lowercase());
            return named::find(&key);
        }
    }
    Ok(None)
}

fn unknown(name: &str) -> String {
    let names: Vec<String> = SETTINGS.iter().map(|setting| derived(setting)).collect();
    let meant = nearest_of(name, names.iter().map(String::as_str));
    format!("unknown variable {name}{meant}")
}

/// Reads the word of a variable that is a switch.
fn word(name: &str, text: &str) -> Result<bool, String> {
    switch(text).ok_or_else(|| {
        format!("{name}: expected true, 1, yes, on or false, 0, no, off, got `{text}`")
    })
}
