//! `{{include "partials/bar"}}`: another template in this place, with the values of this place.
//!
//! Partials (`{{> name}}`) do the same, but copy all values of the page each time, which costs
//! milliseconds on a page with hundreds of rows.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, Renderable,
};

use super::{misuse, text};

/// A template within a template.
pub(super) struct Include;

impl HelperDef for Include {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let name = text(helper, 0)
            .ok_or_else(|| misuse("include", "the parameter is the name of a template"))?;
        let template = registry
            .get_template(name)
            .ok_or_else(|| misuse("include", &format!("there is no template {name}")))?;
        template.render(registry, context, render, out)
    }
}
