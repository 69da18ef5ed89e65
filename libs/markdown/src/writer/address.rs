//! Addresses in angle brackets.

use std::fmt::Write as _;

use super::text::{attribute, escape};

/// Writes an address as a link to it. Only those of the web and of mail are addresses.
pub(super) fn write(out: &mut String, text: &str) {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let is_web = scheme.is_some_and(|scheme| {
        ["http", "https", "ftp"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(scheme))
    });
    if is_web {
        out.push_str("<a");
        attribute(out, "href", text);
        out.push('>');
        escape(out, text);
        out.push_str("</a>");
    } else if text.contains('@') {
        let mail = text.strip_prefix("mailto:").unwrap_or(text);
        let spelt = spell(mail);
        let scheme = spell("mailto:");
        // writing to a String cannot fail
        let _ = write!(out, "<a href=\"{scheme}{spelt}\">{spelt}</a>");
    } else {
        escape(out, &format!("<{text}>"));
    }
}

/// A text as the numbers of its characters, which hides it from those who gather addresses.
fn spell(text: &str) -> String {
    let numbers = text.chars().map(|c| format!("&#{};", u32::from(c)));
    numbers.collect()
}
