//! Plain text in HTML.

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
    escape(out, text);
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
