//! Mails: plain text from the templates below `mail/`, and their subjects.

use std::sync::Arc;

use fluent_bundle::FluentArgs;
use handlebars::{Handlebars, no_escape};
use serde::Serialize;
use serde_json::Value;

use crate::rendering::{Templates, embedded};
use crate::{Error, Result, Translations, helper};

const FOLDER: &str = "mail/";
const EXTENSION: &str = ".txt.hbs";

/// A mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// One line, without the prefix of the installation.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// All mails; made once, shared by everybody who sends.
#[derive(Clone)]
pub struct Mails {
    registry: Arc<Handlebars<'static>>,
    translations: Arc<Translations>,
}

/// What every template sees.
#[derive(Serialize)]
struct Root<'a> {
    chrome: Language<'a>,
    letter: &'a Value,
}

#[derive(Serialize)]
struct Language<'a> {
    language: &'a str,
}

impl Mails {
    /// Reads everything that is embedded in the program.
    pub fn new() -> Result<Self> {
        let translations = Arc::new(Translations::new()?);
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(no_escape);
        for path in Templates::iter() {
            let Some(name) = name_of(&path) else { continue };
            registry
                .register_template_string(name, embedded(&path))
                .map_err(|error| Error::Template {
                    name: path.to_string(),
                    reason: error.to_string(),
                })?;
        }
        helper::register_for_text(&mut registry, &translations);
        Ok(Self {
            registry: Arc::new(registry),
            translations,
        })
    }

    /// Puts a letter into words: an object whose `template` says which one it is.
    pub fn render(&self, language: &str, letter: &Value) -> Result<Mail> {
        let name = letter["template"].as_str().unwrap_or_default();
        let mut arguments = FluentArgs::new();
        for (key, value) in letter.as_object().into_iter().flatten() {
            match value {
                Value::String(text) => arguments.set(key.as_str(), text.as_str()),
                other => arguments.set(key.as_str(), other.to_string()),
            }
        }
        let key = format!("mail-subject-{name}");
        let subject = self.translations.message(language, &key, Some(&arguments));
        let subject = subject.ok_or_else(|| Error::Translation {
            name: "mail.ftl".to_owned(),
            reason: format!("message {key} or an argument is missing"),
        })?;
        let root = Root {
            chrome: Language { language },
            letter,
        };
        let text = self.registry.render(name, &root);
        let text = text.map_err(|source| Error::Render {
            name: "mail",
            source: Box::new(source),
        })?;
        Ok(Mail {
            subject: one_line(&subject),
            text,
        })
    }
}

/// Line breaks would end the header; each run of them becomes a blank.
fn one_line(text: &str) -> String {
    let lines = text.split(['\r', '\n']).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// Name of the mail whose template this is.
pub(crate) fn name_of(path: &str) -> Option<&str> {
    path.strip_prefix(FOLDER)?.strip_suffix(EXTENSION)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mails() -> Mails {
        Mails::new().expect("the templates are sound")
    }

    #[test]
    fn text_is_inserted_as_it_is_and_a_subject_has_one_line() {
        let letter = json!({
            "template": "updated", "kind": "TestCase", "id": 1234, "title": "a <b>\r\nBcc: x & y",
            "url": "https://kiwi.test/case/1234/", "at": "Sun Nov 22 13:06:12 2026", "by": "alice",
            "changes": "--- text\n+++ text\n-a\n+<b> & c", "comment": null,
        });
        let mail = mails().render("en", &letter).expect("a mail");
        let subject = "UPDATE: TestCase #1234 - a <b> Bcc: x & y";
        let text = "Updated on Sun Nov 22 13:06:12 2026\nUpdated by alice\n\n--- text\n+++ text\n-a\n\
                    +<b> & c\n\nFor more information:\nhttps://kiwi.test/case/1234/\n";
        assert_eq!((mail.subject.as_str(), mail.text.as_str()), (subject, text));
    }

    #[test]
    fn a_missing_fact_is_an_error() {
        let letter = json!({"template": "updated", "kind": "TestCase", "id": 1, "title": "x"});
        assert!(mails().render("en", &letter).is_err());
        assert!(
            mails()
                .render("en", &json!({"template": "nothing"}))
                .is_err()
        );
    }

    #[test]
    fn every_template_has_a_subject() {
        let words = Translations::new().expect("embedded words are valid");
        let mut arguments = FluentArgs::new();
        for name in ["id", "title", "kind", "site"] {
            arguments.set(name, "x");
        }
        let names: Vec<String> = Templates::iter()
            .filter_map(|path| name_of(&path).map(str::to_owned))
            .collect();
        assert!(!names.is_empty());
        for name in names {
            let subject = words.message("en", &format!("mail-subject-{name}"), Some(&arguments));
            assert!(subject.is_some(), "{name} has no subject");
        }
    }
}
