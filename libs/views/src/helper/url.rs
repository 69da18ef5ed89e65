//! `{{url "run" id}}`: every address a template may link to, in one table.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason,
};

use super::misuse;

/// The address of a page or of an action.
pub(super) struct Url;

/// Name, and address before and after the id.
const ADDRESSES: [(&str, &str, &str); 8] = [
    ("dashboard", "/", ""),
    ("login", "/accounts/login/", ""),
    ("logout", "/accounts/logout/", ""),
    ("plan", "/plan/", "/"),
    ("run", "/runs/", "/"),
    ("run-results", "/ui/runs/", "/results/"),
    ("execution-panel", "/ui/executions/", "/panel/"),
    ("execution-result", "/ui/executions/", "/result/"),
];

impl HelperDef for Url {
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
            .and_then(|parameter| parameter.value().as_str());
        let (_, before, after) = ADDRESSES
            .iter()
            .find(|(known, ..)| Some(*known) == name)
            .ok_or_else(|| misuse("url", "the first parameter is the name of an address"))?;
        let id = helper.param(1).and_then(|id| id.value().as_i64());
        match (id, after.is_empty()) {
            (None, true) => out.write(before),
            (Some(id), false) => write!(out, "{before}{id}{after}"),
            _ => return Err(misuse("url", "an id is missing or too much").into()),
        }
        .map_err(|error| RenderErrorReason::Other(error.to_string()))?;
        Ok(())
    }
}
