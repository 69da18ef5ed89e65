//! What makes a password strong enough.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::create::REQUIRED;
use super::{passwords, similarity};
use crate::{Error, FieldErrors, Result};

/// Fewest characters of a password.
const SHORTEST: usize = 10;
/// How alike a password and what everybody knows about its owner may be.
const TOO_SIMILAR: f64 = 0.7;

/// Passwords that everybody tries first; the head of the file says where they come from.
static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("common_passwords.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect()
});

/// What everybody knows about the owner of a password.
#[derive(Debug, Clone, Copy, Default)]
pub struct Owner<'a> {
    /// Log-in name.
    pub username: &'a str,
    /// First name.
    pub first_name: &'a str,
    /// Last name.
    pub last_name: &'a str,
    /// Address.
    pub email: &'a str,
}

/// All rules that the password breaks, as sentences for its owner.
pub fn weaknesses(password: &str, owner: Owner<'_>) -> Vec<String> {
    let mut found = vec![];
    if let Some(field) = similar_to(password, owner) {
        found.push(format!("The password is too similar to the {field}."));
    }
    if password.chars().count() < SHORTEST {
        found.push(format!(
            "This password is too short. It must contain at least {SHORTEST} characters."
        ));
    }
    if password.len() > passwords::MAX_LENGTH {
        let most = passwords::MAX_LENGTH;
        found.push(format!(
            "This password is too long. It must contain at most {most} bytes."
        ));
    }
    if COMMON.contains(password.to_lowercase().trim()) {
        found.push("This password is too common.".to_owned());
    }
    if !password.is_empty() && password.chars().all(|c| c.is_ascii_digit() || is_digit(c)) {
        found.push("This password is entirely numeric.".to_owned());
    }
    found
}

/// [`Error::Invalid`] for this field if the password breaks a rule.
pub fn check(field: &'static str, password: &str, owner: Owner<'_>) -> Result<()> {
    let mut errors = FieldErrors::default();
    for message in weaknesses(password, owner) {
        errors.add(field, message);
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(errors))
    }
}

/// Checks a password that was typed twice; what is wrong stands at the second field.
pub fn check_twice(
    field: &'static str,
    password: &str,
    repeated: &str,
    owner: Owner<'_>,
) -> Result<()> {
    let mut errors = FieldErrors::default();
    note_twice(field, password, repeated, owner, &mut errors);
    errors.into_result()
}

/// Adds what is wrong with a password that was typed twice.
pub(super) fn note_twice(
    field: &str,
    password: &str,
    repeated: &str,
    owner: Owner<'_>,
    errors: &mut FieldErrors,
) {
    if password.is_empty() {
        errors.add(field, REQUIRED);
        return;
    }
    if password != repeated {
        errors.add(field, "The two password fields didn’t match.");
    }
    for message in weaknesses(password, owner) {
        errors.add(field, message);
    }
}

fn similar_to(password: &str, owner: Owner<'_>) -> Option<&'static str> {
    // beyond this no value of an account can be similar, and comparing would only cost time
    if password.len() > passwords::MAX_LENGTH {
        return None;
    }
    let password = password.to_lowercase();
    let length = password.chars().count();
    let known = [
        ("username", owner.username),
        ("first name", owner.first_name),
        ("last name", owner.last_name),
        ("email address", owner.email),
    ];
    let similar = |part: &str| {
        let other = part.chars().count();
        let possible = 2.0 * length.min(other) as f64 / (length + other).max(1) as f64;
        other > 0 && possible >= TOO_SIMILAR && similarity::ratio(&password, part) >= TOO_SIMILAR
    };
    let found = known.into_iter().find(|(_, value)| {
        let value = value.to_lowercase();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        similar(&value) || value.split(|c: char| !word(c)).any(similar)
    });
    found.map(|(field, _)| field)
}

/// Digits of any script; letters such as Roman numerals are not digits.
fn is_digit(c: char) -> bool {
    c.is_numeric() && !c.is_alphabetic()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Owner<'_> = Owner {
        username: "alice.smith",
        first_name: "Alice",
        last_name: "Smithereens",
        email: "ali@wonderland-company.example",
    };

    #[test]
    fn good_passwords() {
        for password in [
            "correct horse battery staple",
            "пароль-1234",
            "N3w-ab12cd34ef-pass",
        ] {
            assert_eq!(
                weaknesses(password, ALICE),
                Vec::<String>::new(),
                "{password}"
            );
        }
    }

    #[test]
    fn similar_ones() {
        let similar = |password, field| {
            let text = format!("The password is too similar to the {field}.");
            assert_eq!(weaknesses(password, ALICE), [text], "{password}");
        };
        similar("Alice.Smith1", "username");
        similar("smithereens9", "last name");
        similar("wonderland1", "email address");
        similar("ali@wonderland-company.example", "email address");
    }

    #[test]
    fn all_broken_rules_are_told() {
        assert_eq!(
            weaknesses("123456", ALICE),
            [
                "This password is too short. It must contain at least 10 characters.",
                "This password is too common.",
                "This password is entirely numeric.",
            ]
        );
        assert_eq!(
            weaknesses("58203917465", ALICE),
            ["This password is entirely numeric."]
        );
        assert_eq!(
            weaknesses("", Owner::default()),
            ["This password is too short. It must contain at least 10 characters."]
        );
        assert_eq!(
            weaknesses(" Password123 ", ALICE),
            ["This password is too common."]
        );
    }

    #[test]
    fn errors_belong_to_the_field() {
        let error = check("password2", "123", ALICE).expect_err("weak");
        let Error::Invalid(errors) = error else {
            panic!("{error:?}")
        };
        assert!(errors.has("password2"));
        assert!(check("password2", "correct horse battery staple", ALICE).is_ok());
    }

    #[test]
    fn the_list_is_clean() {
        assert!(COMMON.len() > 2000, "{}", COMMON.len());
        for password in COMMON.iter() {
            assert_eq!(*password, password.to_lowercase().trim());
            assert!(!password.is_empty());
        }
    }
}
