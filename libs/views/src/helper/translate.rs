//! `{{t "key" name=value}}` and `{{shipped "prefix" name}}`.

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use handlebars::html_escape;
use serde_json::Value;

use super::{Definition, define, misuse, root, text};
use crate::Translations;

/// A message in the language of the page, escaped; an unknown key is an error.
pub(super) fn translate(translations: Arc<Translations>, escape: fn(&str) -> String) -> Definition {
    define(move |helper, context, out| {
        let key = text(helper, 0).ok_or_else(|| misuse("t", "the first parameter is the key"))?;
        let mut arguments = FluentArgs::new();
        for (name, value) in helper.hash() {
            arguments.set(*name, argument(value.value()));
        }
        let text = translations
            .message(root::language(context), key, Some(&arguments))
            .ok_or_else(|| misuse("t", &format!("message {key} or an argument is missing")))?;
        out.write(&escape(&text))?;
        Ok(())
    })
}

fn argument(value: &Value) -> FluentValue<'_> {
    match value {
        Value::Number(number) => number.as_f64().map_or(FluentValue::None, FluentValue::from),
        Value::String(text) => FluentValue::from(text.as_str()),
        Value::Null => FluentValue::from(""),
        other => FluentValue::from(other.to_string()),
    }
}

/// A name that installations may change: translated while it is the shipped one, else as typed.
pub(super) fn shipped(translations: Arc<Translations>) -> Definition {
    define(move |helper, context, out| {
        let (Some(prefix), Some(name)) = (text(helper, 0), text(helper, 1)) else {
            return Err(misuse("shipped", "the parameters are a prefix and a name").into());
        };
        let key = format!("{prefix}-{}", name.to_lowercase().replace('_', "-"));
        let translated = translations.message(root::language(context), &key, None);
        out.write(&html_escape(translated.as_deref().unwrap_or(name)))?;
        Ok(())
    })
}
