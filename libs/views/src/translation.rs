//! The words of the pages, one Fluent bundle per language.

use std::collections::HashMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use rust_embed::RustEmbed;
use unic_langid::LanguageIdentifier;

use crate::{Error, Result};

/// The language that has every message.
const FALLBACK: &str = "en";

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Files;

type Bundle = FluentBundle<FluentResource>;

/// All languages that are shipped, ready to be asked.
pub struct Translations {
    bundles: HashMap<String, Bundle>,
}

impl Translations {
    /// Reads the embedded files `<language>/<area>.ftl`.
    pub fn new() -> Result<Self> {
        let mut bundles = HashMap::new();
        for path in Files::iter() {
            let (Some((language, _)), Some(file)) = (path.split_once('/'), Files::get(&path))
            else {
                continue;
            };
            let invalid = |reason: String| Error::Translation {
                name: path.to_string(),
                reason,
            };
            let text = String::from_utf8(file.data.into_owned())
                .map_err(|error| invalid(error.to_string()))?;
            let resource = FluentResource::try_new(text)
                .map_err(|(_, errors)| invalid(format!("{errors:?}")))?;
            if !bundles.contains_key(language) {
                let identifier: LanguageIdentifier = language
                    .parse()
                    .map_err(|error| invalid(format!("{language}: {error}")))?;
                let mut bundle = Bundle::new_concurrent(vec![identifier]);
                // otherwise invisible direction marks end up in attributes
                bundle.set_use_isolating(false);
                bundles.insert(language.to_owned(), bundle);
            }
            if let Some(bundle) = bundles.get_mut(language) {
                bundle
                    .add_resource(resource)
                    .map_err(|errors| invalid(format!("{errors:?}")))?;
            }
        }
        Ok(Self { bundles })
    }

    /// Codes of the languages there are files for, in alphabetical order.
    pub fn languages(&self) -> Vec<&str> {
        let mut languages: Vec<&str> = self.bundles.keys().map(String::as_str).collect();
        languages.sort_unstable();
        languages
    }

    /// The message without arguments; the key itself when nobody has translated it.
    pub fn text(&self, language: &str, key: &str) -> String {
        self.message(language, key, None)
            .unwrap_or_else(|| key.to_owned())
    }

    /// The message with this value of `{ $name }`; the key itself when nobody has translated it.
    pub fn text_about(&self, language: &str, key: &str, name: &str) -> String {
        let arguments = FluentArgs::from_iter([("name", name)]);
        self.message(language, key, Some(&arguments))
            .unwrap_or_else(|| key.to_owned())
    }

    /// The message in the first language of `pt-BR → pt → en` that has it.
    pub fn message(
        &self,
        language: &str,
        key: &str,
        arguments: Option<&FluentArgs<'_>>,
    ) -> Option<String> {
        let general = language.split(['-', '_']).next().unwrap_or(FALLBACK);
        [language, general, FALLBACK]
            .into_iter()
            .filter_map(|candidate| self.bundles.get(candidate))
            .find_map(|bundle| {
                let pattern = bundle.get_message(key)?.value()?;
                let mut errors = Vec::new();
                let text = bundle.format_pattern(pattern, arguments, &mut errors);
                errors.is_empty().then(|| text.into_owned())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_fall_back_to_english() {
        let words = Translations::new().expect("embedded words are valid");
        assert_eq!(words.text("en", "status-passed"), "Passed");
        assert_eq!(words.text("en-GB", "status-passed"), "Passed");
        assert_eq!(words.text("xx-YY", "status-passed"), "Passed");
        assert_eq!(words.text("en", "no-such-message"), "no-such-message");
    }

    #[test]
    fn plural_forms_follow_the_number() {
        let words = Translations::new().expect("embedded words are valid");
        let count = |number: i64| {
            let mut arguments = FluentArgs::new();
            arguments.set("count", number);
            words.message("en", "count-executions", Some(&arguments))
        };
        assert_eq!(count(1).as_deref(), Some("1 execution"));
        assert_eq!(count(12).as_deref(), Some("12 executions"));
    }

    #[test]
    fn a_missing_argument_is_no_message() {
        let words = Translations::new().expect("embedded words are valid");
        assert_eq!(words.message("en", "count-executions", None), None);
    }
}
