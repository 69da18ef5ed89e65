//! `Markdown.*`

use domain::{Ctx, Error, Result};
use entity::{Value, python};
use macros::rpc;

use crate::Method;

/// Texts beyond this size are rendered where other requests need not wait for it.
const LARGE: usize = 16 * 1024;

/// Renders Markdown as HTML that is safe to show. Like every text of an answer it is escaped once
/// more, so it must be unescaped before it is shown.
#[rpc("Markdown.render", login)]
async fn render(ctx: &mut Ctx, text: Value) -> Result<String> {
    let Value::Text(text) = text else {
        let kind = python::type_name(&text);
        return Err(Error::Refused(format!(
            "'{kind}' object has no attribute 'encode'"
        )));
    };
    ctx.release().await?;
    if text.len() <= LARGE {
        return Ok(domain::markdown::render(&text));
    }
    let rendered = tokio::task::spawn_blocking(move || domain::markdown::render(&text)).await;
    rendered.map_err(|error| Error::Internal(error.into()))
}

pub(super) const METHODS: &[Method] = &[RENDER];
