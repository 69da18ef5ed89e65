//! `{{icon "name"}}`: a drawing from the sprite `src/icons/sprite.svg`.

use std::sync::Arc;

use super::{Definition, define, misuse, text};
use crate::Assets;

/// An icon; decoration only, the words stand beside it.
pub(super) fn icon(assets: Arc<Assets>) -> Definition {
    define(move |helper, _, out| {
        let name = text(helper, 0)
            .filter(|name| {
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-')
            })
            .ok_or_else(|| misuse("icon", "the parameter is the name of an icon"))?;
        write!(
            out,
            "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{}#{name}\"/></svg>",
            assets.url("src/icons/sprite.svg")
        )?;
        Ok(())
    })
}
