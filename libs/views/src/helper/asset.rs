//! `{{asset "src/main.ts"}}`: the address the front-end build gave to a source.

use std::sync::Arc;

use super::{Definition, define, misuse, text};
use crate::Assets;

/// The address of a static file.
pub(super) fn asset(assets: Arc<Assets>) -> Definition {
    define(move |helper, _, out| {
        let source = text(helper, 0)
            .ok_or_else(|| misuse("asset", "the parameter is a path in apps/frontend"))?;
        out.write(&assets.url(source))?;
        Ok(())
    })
}
