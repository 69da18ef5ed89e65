//! `KiwiTCMS.*`

use domain::{Ctx, Result};
use macros::rpc;

use crate::Method;

#[expect(clippy::unused_async, reason = "every method is async")]
/// The version of the server.
#[rpc("KiwiTCMS.version", login)]
async fn version(ctx: &mut Ctx) -> Result<String> {
    Ok(ctx.domain().settings().version.clone())
}

pub(super) const METHODS: &[Method] = &[VERSION];
