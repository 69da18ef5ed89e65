//! `{{date moment}}`, `{{date moment format="relative"}}` and `{{clock moment}}`.

use chrono::{DateTime, Utc};
use handlebars::{Helper, RenderErrorReason};

use super::{Definition, define, misuse, text};

/// A moment as a `<time>` element, or one that counts along (`relative`). The text is in UTC; a
/// script turns it into the visitor's own zone.
pub(super) fn date() -> Definition {
    define(|helper, _, out| {
        let moment = moment("date", helper)?;
        let exact = moment.format("%Y-%m-%dT%H:%M:%SZ");
        let format = helper
            .hash_get("format")
            .and_then(|format| format.value().as_str());
        match format {
            Some("relative") => write!(
                out,
                "<relative-time datetime=\"{exact}\">{}</relative-time>",
                moment.format("%-d %b %Y")
            ),
            Some("day") => write!(
                out,
                "<time datetime=\"{exact}\" data-format=\"day\">{}</time>",
                moment.format("%-d %b %Y")
            ),
            _ => write!(
                out,
                "<time datetime=\"{exact}\">{} UTC</time>",
                moment.format("%-d %b %Y, %H:%M")
            ),
        }?;
        Ok(())
    })
}

/// Hours and minutes of a moment.
pub(super) fn clock() -> Definition {
    define(|helper, _, out| {
        write!(out, "{}", moment("clock", helper)?.format("%-H:%M"))?;
        Ok(())
    })
}

fn moment(name: &'static str, helper: &Helper<'_>) -> Result<DateTime<Utc>, RenderErrorReason> {
    text(helper, 0)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| {
            misuse(
                name,
                "the parameter is a moment such as 2026-01-05T10:11:12Z",
            )
        })
}
