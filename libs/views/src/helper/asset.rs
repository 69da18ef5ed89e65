//! `{{asset "src/main.ts"}}`: the address the front-end build gave to a source.

use std::sync::Arc;

use handlebars::{Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext};

use super::misuse;
use crate::Assets;

/// The address of a static file.
pub(super) struct AssetUrl(pub(super) Arc<Assets>);

impl HelperDef for AssetUrl {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let source = helper
            .param(0)
            .and_then(|parameter| parameter.value().as_str())
            .ok_or_else(|| misuse("asset", "the parameter is a path in apps/frontend"))?;
        out.write(&self.0.url(source))?;
        Ok(())
    }
}
