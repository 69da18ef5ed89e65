//! `{{icon "name"}}`: a drawing from the sprite `src/icons/sprite.svg`.

use std::sync::Arc;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason,
};

use super::misuse;
use crate::Assets;

/// An icon; decoration only, the words stand beside it.
pub(super) struct Icon(pub(super) Arc<Assets>);

impl HelperDef for Icon {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let name = helper
            .param(0)
            .and_then(|parameter| parameter.value().as_str())
            .filter(|name| {
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            })
            .ok_or_else(|| misuse("icon", "the parameter is the name of an icon"))?;
        write!(
            out,
            "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{}#{name}\"/></svg>",
            self.0.url("src/icons/sprite.svg")
        )
        .map_err(|error| RenderErrorReason::Other(error.to_string()))?;
        Ok(())
    }
}
