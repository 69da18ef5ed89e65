//! Settings of tables with names, such as `auth.providers.<id>.issuer`: each is declared once, and
//! becomes a setting of its own for every name that somebody gives.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::catalogue::SETTINGS;
use super::setting::Setting;

/// What stands for the name in the key of a declaration.
pub(crate) const NAME: &str = "<id>";
/// Longest name.
const LONGEST: usize = 32;

/// The settings made so far, by their keys. They stay, as declarations do; there are as many as the
/// files, variables and options of this program name.
static MADE: LazyLock<Mutex<BTreeMap<String, &'static Setting>>> = LazyLock::new(Mutex::default);

/// True if the declaration stands for settings of several names.
pub(crate) fn is_pattern(setting: &Setting) -> bool {
    setting.key.contains(NAME)
}

/// True if the setting is one of several names.
pub(crate) fn is_one(setting: &Setting) -> bool {
    let made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.contains_key(setting.key)
}

/// All settings of the name that this one is of.
pub(crate) fn siblings(setting: &Setting) -> Vec<&'static Setting> {
    let parts = SETTINGS.iter().filter_map(|declaration| {
        let (before, _) = declaration.key.split_once(NAME)?;
        let (name, _) = setting.key.strip_prefix(before)?.split_once('.')?;
        Some(of(declaration, name))
    });
    parts.collect()
}

/// The setting with this key in a table with names.
pub(crate) fn find(key: &str) -> Result<Option<&'static Setting>, String> {
    for declaration in SETTINGS {
        let Some((before, after)) = declaration.key.split_once(NAME) else {
            continue;
        };
        let name = key
            .strip_prefix(before)
            .and_then(|rest| rest.strip_suffix(after));
        if let Some(name) = name.filter(|name| !name.contains('.')) {
            check(key, name)?;
            return Ok(Some(of(declaration, name)));
        }
    }
    Ok(None)
}

/// What the declaration is for this name.
pub(crate) fn of(declaration: &'static Setting, name: &str) -> &'static Setting {
    let key = declaration.key.replace(NAME, name);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry(key.clone()).or_insert_with(|| {
        Box::leak(Box::new(Setting {
            key: key.leak(),
            ..*declaration
        }))
    })
}

fn check(key: &str, name: &str) -> Result<(), String> {
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if !name.is_empty() && name.len() <= LONGEST && name.bytes().all(good) {
        Ok(())
    } else {
        Err(format!(
            "`{key}`: the name `{name}` must have 1 to {LONGEST} lower-case letters, digits, `-` \
             and `_`"
        ))
    }
}

/// Whether keys of such tables begin with this one.
pub(crate) fn is_section(key: &str) -> bool {
    SETTINGS.iter().any(|setting| {
        let Some((before, _)) = setting.key.split_once(NAME) else {
            return false;
        };
        let is_above = before
            .strip_prefix(key)
            .is_some_and(|rest| rest.starts_with('.'));
        is_above
            || key
                .strip_prefix(before)
                .is_some_and(|name| !name.contains('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_091_each_name_makes_settings_of_its_own() {
        let one = find("auth.providers.keycloak.issuer")
            .expect("a name")
            .expect("declared");
        let again = find("auth.providers.keycloak.issuer")
            .expect("a name")
            .expect("declared");
        assert_eq!(one.key, "auth.providers.keycloak.issuer");
        assert!(std::ptr::eq(one, again));
        let secret = find("auth.providers.a-b_1.client_secret").expect("a name");
        assert!(secret.expect("declared").secret);
        for other in [
            "auth.providers.issuer",
            "auth.providers.x.y.issuer",
            "auth.providers.x.nope",
        ] {
            assert!(find(other).expect("no name").is_none(), "{other}");
        }
        let long = format!("auth.providers.{}.issuer", "x".repeat(33));
        for wrong in [
            "auth.providers.Key cloak.issuer",
            "auth.providers..issuer",
            &long,
        ] {
            let why = find(wrong).expect_err(wrong);
            assert!(why.contains("1 to 32 lower-case letters"), "{why}");
        }
        for section in ["auth", "auth.providers", "auth.providers.x"] {
            assert!(is_section(section), "{section}");
        }
        assert!(!is_section("auth.providers.x.issuer"));
    }
}
