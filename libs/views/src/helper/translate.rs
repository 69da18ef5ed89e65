//! `{{t "key" name=value}}` and `{{shipped "prefix" name}}`.

use std::sync::Arc;

use fluent_bundle::{FluentArgs, FluentValue};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, html_escape,
};
use serde_json::Value;

use super::{misuse, root};
use crate::Translations;

/// A message in the language of the page, escaped; an unknown key is an error.
pub(super) struct Translate(pub(super) Arc<Translations>);

impl HelperDef for Translate {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let key = helper
            .param(0)
            .and_then(|parameter| parameter.value().as_str())
            .ok_or_else(|| misuse("t", "the first parameter is the key"))?;
        let mut arguments = FluentArgs::new();
        for (name, value) in helper.hash() {
            arguments.set(*name, argument(value.value()));
        }
        let text = self
            .0
            .message(root::language(context, render), key, Some(&arguments))
            .ok_or_else(|| misuse("t", &format!("message {key} or an argument is missing")))?;
        out.write(&html_escape(&text))?;
        Ok(())
    }
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
pub(super) struct Shipped(pub(super) Arc<Translations>);

impl HelperDef for Shipped {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let text = |index: usize| {
            helper
                .param(index)
                .and_then(|parameter| parameter.value().as_str())
                .ok_or_else(|| misuse("shipped", "the parameters are a prefix and a name"))
        };
        let (prefix, name) = (text(0)?, text(1)?);
        let key = format!("{prefix}-{}", name.to_lowercase().replace('_', "-"));
        let translated = self.0.message(root::language(context, render), &key, None);
        out.write(&html_escape(translated.as_deref().unwrap_or(name)))?;
        Ok(())
    }
}
