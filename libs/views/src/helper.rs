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

use handlebars::{Handlebars, RenderErrorReason};

use crate::{Assets, Translations};

/// Makes all helpers known.
pub(crate) fn register(
    registry: &mut Handlebars<'static>,
    translations: &Arc<Translations>,
    assets: &Arc<Assets>,
) {
    registry.register_helper("t", Box::new(translate::Translate(translations.clone())));
    registry.register_helper(
        "shipped",
        Box::new(translate::Shipped(translations.clone())),
    );
    registry.register_helper("date", Box::new(date::Date));
    registry.register_helper("clock", Box::new(date::TimeOfDay));
    registry.register_helper("duration", Box::new(duration::Duration));
    registry.register_helper("asset", Box::new(asset::AssetUrl(assets.clone())));
    registry.register_helper("icon", Box::new(icon::Icon(assets.clone())));
    registry.register_helper("include", Box::new(include::Include));
    registry.register_helper("json", Box::new(json::Json));
    registry.register_helper("csrf", Box::new(csrf::Csrf));
    registry.register_helper("url", Box::new(url::Url));
}

/// The error for a call with wrong parameters.
fn misuse(helper: &'static str, what: &str) -> RenderErrorReason {
    RenderErrorReason::Other(format!("helper {helper}: {what}"))
}
