//! `{{csrf}}`: the hidden field every form that changes something needs.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason,
    html_escape,
};
use serde_json::Value;

use super::root;

/// The token of this page in a form.
pub(super) struct Csrf;

impl HelperDef for Csrf {
    fn call<'reg: 'rc, 'rc>(
        &self,
        _: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let token = root::chrome(context, "csrf")
            .and_then(Value::as_str)
            .unwrap_or_default();
        write!(
            out,
            "<input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{}\">",
            html_escape(token)
        )
        .map_err(|error| RenderErrorReason::Other(error.to_string()))?;
        Ok(())
    }
}
