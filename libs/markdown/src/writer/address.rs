//! Addresses in angle brackets.

use std::fmt::Write as _;

use crate::sanitiser::SPELT;

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
        out.push_str("<a");
        attribute(out, "href", &format!("mailto:{mail}{SPELT}"));
        out.push('>');
        for character in mail.chars() {
            // writing to a String cannot fail
            let _ = write!(out, "&#{};", u32::from(character));
        }
        out.push_str("</a>");
    } else {
        escape(out, &format!("<{text}>"));
    }
}
