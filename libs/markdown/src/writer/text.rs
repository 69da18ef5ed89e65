//! Plain text in HTML.

use super::blanks::without_quotes;
use crate::dialect::{ASIDE, INERT, Source};

/// Characters that a backslash makes plain; in front of others it is itself plain.
const ESCAPABLE: &str = "\\`*_{}[]()>#+-.!|";

/// Writes text as it stood in the source: entities stay as they were written, and so do
/// backslashes that escape nothing.
pub(super) fn write(out: &mut String, source: &Source, text: &str, slice: &str, start: usize) {
    let is_entity = slice.starts_with('&') && slice.ends_with(';') && slice != text;
    if is_entity {
        out.push_str(slice);
        return;
    }
    let first = slice.chars().next();
    if first.is_some_and(|first| first.is_ascii_punctuation() && !ESCAPABLE.contains(first)) {
        let before = &source.text[..start];
        let backslashes = before.len() - before.trim_end_matches('\\').len();
        if backslashes % 2 == 1 {
            out.push('\\');
        }
    }
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        escape(out, before);
        let name = from[1..].trim_start_matches(|c: char| c.is_ascii_alphanumeric());
        // whether it is an entity is for the sanitiser to say
        out.push_str(if name.starts_with(';') { "&" } else { "&amp;" });
        rest = &from[1..];
    }
    escape(out, rest);
}

/// Writes code; its line feeds stay.
pub(super) fn write_code(out: &mut String, text: &str, slice: &str, quotes: usize) {
    if !slice.contains('\n') {
        escape(out, text.trim());
        return;
    }
    let ticks = slice.len() - slice.trim_start_matches('`').len();
    let content = slice[ticks..slice.len() - ticks].replace(INERT, "");
    let mut lines = content.split('\n');
    let mut code = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        code.push('\n');
        code.push_str(without_quotes(line, quotes));
    }
    escape(out, code.trim());
}

/// Writes text that means nothing.
pub(crate) fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            INERT => {}
            other => out.push(other),
        }
    }
}

/// Writes an attribute.
pub(super) fn attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            INERT | ASIDE => {}
            other => out.push(other),
        }
    }
    out.push('"');
}

/// The number of HTML that was set aside, if a text is nothing else.
pub(super) fn number(text: &str) -> Option<usize> {
    let inner = text.strip_prefix(ASIDE)?.strip_suffix(ASIDE)?;
    inner.parse().ok()
}
