//! `{{csrf}}`: the hidden field every form that changes something needs.

use handlebars::html_escape;
use serde_json::Value;

use super::{Definition, define, root};

/// The token of this page in a form.
pub(super) fn csrf() -> Definition {
    define(|_, context, out| {
        let token = root::chrome(context, "csrf")
            .and_then(Value::as_str)
            .unwrap_or_default();
        write!(
            out,
            "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{}\">",
            html_escape(token)
        )?;
        Ok(())
    })
}
