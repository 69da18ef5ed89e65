//! `{{date moment}}`, `{{date moment format="relative"}}` and `{{clock moment}}`.

use chrono::{DateTime, Utc};
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason,
};

use super::misuse;

/// A moment as a `<time>` element, or one that counts along (`relative`). The text is in UTC; a
/// script turns it into the visitor's own zone.
pub(super) struct Date;

impl HelperDef for Date {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
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
        }
        .map_err(|error| RenderErrorReason::Other(error.to_string()))?;
        Ok(())
    }
}

/// Hours and minutes of a moment.
pub(super) struct TimeOfDay;

impl HelperDef for TimeOfDay {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let moment = moment("clock", helper)?;
        out.write(&moment.format("%-H:%M").to_string())?;
        Ok(())
    }
}

fn moment(name: &'static str, helper: &Helper<'_>) -> Result<DateTime<Utc>, RenderErrorReason> {
    helper
        .param(0)
        .and_then(|parameter| parameter.value().as_str())
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| {
            misuse(
                name,
                "the parameter is a moment such as 2026-01-05T10:11:12Z",
            )
        })
}
