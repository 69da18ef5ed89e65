//! What helpers read from the frame of the page.

use handlebars::Context;
use serde_json::Value;

/// A field of `chrome`, wherever in the template the helper stands.
pub(super) fn chrome<'a>(context: &'a Context, field: &str) -> Option<&'a Value> {
    context.data().get("chrome")?.get(field)
}

/// The language of the page.
pub(super) fn language(context: &Context) -> &str {
    chrome(context, "language")
        .and_then(Value::as_str)
        .unwrap_or("en")
}
