//! Settings files: which there are, in which order, and what each says.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::reading::{from_toml, known, nearest_of};
use super::{Collected, Places, Source};
use crate::config::catalogue::{ALLOW_COMMANDS, DATA_DIR, SETTINGS};
use crate::config::named;
use crate::config::setting::{Kind, Setting, Value};

/// The key that lists what only files may set.
const PINNED: &str = "pinned";

/// One file that was read.
pub(super) struct SettingsFile {
    path: PathBuf,
    table: toml::Table,
}

impl SettingsFile {
    /// Whether it lets files name commands that print secrets.
    pub(super) fn allows_commands(&self) -> bool {
        self.table
            .get(ALLOW_COMMANDS.key)
            .and_then(toml::Value::as_bool)
            == Some(true)
    }
}

/// Reads all files, in the order in which they count: those of the vendor, the single one, those
/// of the directory by the bytes of their names. One in the directory replaces the vendor's of
/// the same name.
pub(super) fn find(places: &Places, problems: &mut Vec<String>) -> Vec<SettingsFile> {
    let own = listed(&places.directory, problems);
    let mut vendor = listed(&places.vendor, problems);
    vendor.retain(|name, _| !own.contains_key(name));
    let single = places.single.exists().then(|| places.single.clone());
    let paths = vendor.into_values().chain(single).chain(own.into_values());
    let mut files = Vec::new();
    for path in paths {
        match parse(&path) {
            Ok(table) => files.push(SettingsFile { path, table }),
            Err(why) => problems.push(why),
        }
    }
    files
}

fn parse(path: &Path) -> Result<toml::Table, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?
        .parse()
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The settings files of a directory by name; what editors and platforms leave there is skipped.
fn listed(directory: &Path, problems: &mut Vec<String>) -> BTreeMap<OsString, PathBuf> {
    let mut found = BTreeMap::new();
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return found,
        Err(error) => {
            problems.push(format!("cannot read {}: {error}", directory.display()));
            return found;
        }
    };
    for entry in entries.flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        if is_ignored(name.as_bytes()) || path.is_dir() {
            continue;
        }
        if is_name(name.as_bytes()) {
            found.insert(name, path);
        } else {
            problems.push(format!(
                "{}: the name of a settings file begins with a letter or `_` and goes on with \
                 letters, digits and `_`; rename it, for example to {}",
                path.display(),
                proposed(&name.to_string_lossy())
            ));
        }
    }
    found
}

fn is_ignored(name: &[u8]) -> bool {
    let is_left_over = [&b"~"[..], b".bak", b".swp", b".orig"]
        .iter()
        .any(|ending| name.ends_with(ending));
    name.starts_with(b".")
        || name.starts_with(b"README")
        || is_left_over
        || name == b"__init__.toml"
        || !name.ends_with(b".toml")
}

fn is_name(name: &[u8]) -> bool {
    let stem = name.strip_suffix(b".toml").unwrap_or(name);
    stem.first().is_some_and(|first| !first.is_ascii_digit())
        && stem.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// A name like this one that is allowed.
pub(crate) fn proposed(name: &str) -> String {
    let stem = name.strip_suffix(".toml").unwrap_or(name);
    let stem: String = stem
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let first = if stem.starts_with(|c: char| c.is_ascii_digit()) {
        "_"
    } else {
        ""
    };
    format!("{first}{stem}.toml")
}

/// What a key of a list says about the items that earlier layers gave.
enum Change {
    Replace,
    Append,
    Remove,
}

impl Collected {
    /// Takes what a file says.
    pub(super) fn read_file(
        &mut self,
        mut file: SettingsFile,
        environment: &BTreeMap<String, String>,
    ) {
        let path = file.path;
        if let Some(keys) = file.table.remove(PINNED) {
            let problem = self.pin(&path, keys).err();
            self.problems
                .extend(problem.map(|why| format!("{}: {why}", path.display())));
        }
        self.read_table(&path, "", file.table, environment);
        self.values.files.push(path);
    }

    fn pin(&mut self, path: &Path, keys: toml::Value) -> Result<(), String> {
        let keys = keys.try_into::<Vec<String>>();
        for key in keys.map_err(|_| format!("`{PINNED}`: expected a list of keys"))? {
            self.pinned.insert(known(&key)?.key, path.to_owned());
        }
        Ok(())
    }

    fn read_table(
        &mut self,
        path: &Path,
        prefix: &str,
        table: toml::Table,
        environment: &BTreeMap<String, String>,
    ) {
        for (name, value) in table {
            let key = if prefix.is_empty() {
                name
            } else {
                format!("{prefix}.{name}")
            };
            match value {
                toml::Value::Table(inner) if is_section(&key) => {
                    self.read_table(path, &key, inner, environment);
                }
                value => {
                    let problem = self.read_entry(path, &key, value, environment).err();
                    self.problems
                        .extend(problem.map(|why| format!("{}: {why}", path.display())));
                }
            }
        }
    }

    fn read_entry(
        &mut self,
        path: &Path,
        key: &str,
        value: toml::Value,
        environment: &BTreeMap<String, String>,
    ) -> Result<(), String> {
        let (setting, change) = addressed(key)?;
        if setting.key == DATA_DIR.key {
            return Err("`data_dir` cannot be set in a file inside it".to_owned());
        }
        if let Some(Source::File(other)) = self.source(setting)
            && setting.secret
        {
            return Err(format!(
                "`{}` is a secret and given in {} too; remove one of them",
                setting.key,
                other.display()
            ));
        }
        let given = from_toml(setting, value, environment, self)?;
        let value = match (change, given) {
            (Change::Append, Value::List(more)) => {
                let mut items = self.values.list(setting);
                items.extend(
                    more.into_iter()
                        .filter(|item| !items.contains(item))
                        .collect::<Vec<_>>(),
                );
                Value::List(items)
            }
            (Change::Remove, Value::List(less)) => {
                let mut items = self.values.list(setting);
                items.retain(|item| !less.contains(item));
                Value::List(items)
            }
            (_, given) => given,
        };
        self.set(setting, value, Source::File(path.to_owned()));
        Ok(())
    }
}

/// Whether keys of settings begin with this one.
fn is_section(key: &str) -> bool {
    let above = SETTINGS.iter().any(|setting| {
        let rest = setting.key.strip_prefix(key);
        rest.is_some_and(|rest| rest.starts_with('.'))
    });
    above || named::is_section(key)
}

/// The setting that a key of a file means; those of lists may end in `_append` and `_remove`.
fn addressed(key: &str) -> Result<(&'static Setting, Change), String> {
    for (ending, change) in [("_append", Change::Append), ("_remove", Change::Remove)] {
        if let Some(setting) = key.strip_suffix(ending).and_then(|stem| known(stem).ok()) {
            return match setting.kind {
                Kind::List => Ok((setting, change)),
                _ => Err(format!("`{key}`: `{}` is not a list", setting.key)),
            };
        }
    }
    if key.starts_with(PINNED) {
        return Err(format!(
            "`{key}`: `{PINNED}` belongs to the top of the file"
        ));
    }
    let lists = SETTINGS
        .iter()
        .filter(|setting| matches!(setting.kind, Kind::List));
    let changes = lists.flat_map(|list| {
        [
            format!("{}_append", list.key),
            format!("{}_remove", list.key),
        ]
    });
    known(key)
        .map(|setting| (setting, Change::Replace))
        .map_err(|unknown| {
            let changing = key.ends_with("_append") || key.ends_with("_remove");
            let changes: Vec<String> = changes.collect();
            if changing {
                let meant = nearest_of(key, changes.iter().map(String::as_str));
                format!("unknown setting `{key}`{meant}")
            } else {
                unknown
            }
        })
}

#[cfg(test)]
mod tests {
    use super::{is_ignored, is_name, proposed};

    #[test]
    fn seed_066_names_can_be_those_of_modules() {
        for name in ["email_config.toml", "_c.toml", "B.toml", "a1.toml"] {
            assert!(
                is_name(name.as_bytes()) && !is_ignored(name.as_bytes()),
                "{name}"
            );
        }
        for (name, better) in [
            ("10-mail.toml", "_10_mail.toml"),
            ("my mail.toml", "my_mail.toml"),
            ("é.toml", "_.toml"),
        ] {
            assert!(!is_name(name.as_bytes()), "{name}");
            assert_eq!(proposed(name), better);
        }
        assert!(!is_name(b".toml"));
    }

    #[test]
    fn seed_068_left_overs_are_ignored() {
        for name in [
            ".hidden.toml",
            "..data",
            "a.toml~",
            "a.toml.bak",
            ".a.toml.swp",
            "a.toml.orig",
            "README.toml",
            "README.md",
            "__init__.toml",
            "__init__.py",
        ] {
            assert!(is_ignored(name.as_bytes()), "{name}");
        }
    }
}
