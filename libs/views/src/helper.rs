//! What templates can call. Conditions and comparisons are built into Handlebars (`if`, `eq`,
//! `and`, …); everything else is here, one file each.

mod asset;
mod csrf;
mod date;
mod duration;
mod icon;
mod include;
mod json;
mod root;
mod translate;
mod url;

use std::sync::Arc;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason,
    html_escape,
};

use crate::{Assets, Translations};

/// A helper as the registry takes it.
type Definition = Box<dyn HelperDef + Send + Sync>;

/// Makes all helpers known.
pub(crate) fn register(
    registry: &mut Handlebars<'static>,
    translations: &Arc<Translations>,
    assets: &Arc<Assets>,
) {
    let helpers: [(&str, Definition); 11] = [
        ("t", translate::translate(translations.clone(), html_escape)),
        ("shipped", translate::shipped(translations.clone())),
        ("date", date::date()),
        ("clock", date::clock()),
        ("duration", duration::duration()),
        ("asset", asset::asset(assets.clone())),
        ("icon", icon::icon(assets.clone())),
        ("include", Box::new(include::Include)),
        ("json", json::json()),
        ("csrf", csrf::csrf()),
        ("url", url::url()),
    ];
    for (name, helper) in helpers {
        registry.register_helper(name, helper);
    }
}

/// A helper that reads its parameters and the values of the page, and writes.
fn define(
    write: impl Fn(&Helper<'_>, &Context, &mut dyn Output) -> HelperResult + Send + Sync + 'static,
) -> Definition {
    Box::new(
        move |helper: &Helper<'_>,
              _: &Handlebars<'_>,
              context: &Context,
              _: &mut RenderContext<'_, '_>,
              out: &mut dyn Output| write(helper, context, out),
    )
}

/// A parameter that is a text.
fn text<'a>(helper: &'a Helper<'_>, index: usize) -> Option<&'a str> {
    helper.param(index)?.value().as_str()
}

/// Makes known what makes sense in plain text.
pub(crate) fn register_for_text(
    registry: &mut Handlebars<'static>,
    translations: &Arc<Translations>,
) {
    let translate = translate::translate(translations.clone(), str::to_owned);
    registry.register_helper("t", translate);
}

/// The error for a call with wrong parameters.
fn misuse(helper: &'static str, what: &str) -> RenderErrorReason {
    RenderErrorReason::Other(format!("helper {helper}: {what}"))
}
