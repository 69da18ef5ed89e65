//! HTML on lines of its own: from a tag that makes a block to where that block is closed.

use std::fmt::Write as _;

use super::{ASIDE, closes, fence};

/// Tags that make a block, besides comments and declarations.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "canvas",
    "center",
    "colgroup",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "html",
    "iframe",
    "legend",
    "li",
    "main",
    "map",
    "math",
    "menu",
    "nav",
    "noscript",
    "object",
    "ol",
    "option",
    "output",
    "p",
    "pre",
    "progress",
    "script",
    "search",
    "section",
    "style",
    "summary",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
    "video",
];

const COMMENT_END: &str = "-->";

/// Replaces each block of HTML by its number, on a line between blank lines.
pub(super) fn set_aside(text: &str, aside: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut open_fence: Option<&str> = None;
    let mut unclosed: Vec<&str> = Vec::new();
    let last_end = text.rfind(COMMENT_END).unwrap_or_default();
    while !rest.is_empty() {
        let line_end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let (line, after) = rest.split_at(line_end);
        let content = line.trim_end_matches('\n');
        if let Some(opening) = open_fence {
            if closes(content, opening) {
                open_fence = None;
            }
        } else if let Some(opening) = fence(content) {
            // one that is never closed is no fence, and neither are the next ones like it
            if !unclosed.contains(&opening) {
                let is_closed = after.lines().any(|line| closes(line, opening));
                open_fence = is_closed.then_some(opening);
                unclosed.extend((!is_closed).then_some(opening));
            }
        } else if let Some(length) = block(rest, text.len() - rest.len() < last_end) {
            let number = aside.len();
            let (html, after) = rest.split_at(length);
            let next = after.trim_start_matches([' ', '\n']);
            let is_apart = after[..after.len() - next.len()].matches('\n').count() > 1;
            // a blank line behind it is kept
            aside.push(format!("{html}{}", if is_apart { "\n" } else { "" }));
            // writing to a String cannot fail
            let _ = write!(out, "\n\n{ASIDE}{number}{ASIDE}\n\n");
            rest = next;
            continue;
        }
        out.push_str(line);
        rest = after;
    }
    out
}

/// Length of the block of HTML that a text begins with; a comment needs an end.
fn block(text: &str, has_end: bool) -> Option<usize> {
    let start = text.len() - text.trim_start_matches(' ').len();
    let from = &text[start..];
    let after = from.strip_prefix('<').filter(|_| start < super::LEVEL)?;
    let until = |end: &str| from.find(end).map_or(from.len(), |at| at + end.len());
    if after.starts_with("!--") {
        return has_end.then(|| start + until(COMMENT_END));
    }
    if after.starts_with('?') {
        return Some(start + until("?>"));
    }
    let end = after.find(|c: char| !c.is_ascii_alphanumeric())?;
    let name = after[..end].to_ascii_lowercase();
    let is_tag = after[end..].starts_with([' ', '\t', '\n', '>', '/']);
    if !is_tag || !BLOCKS.contains(&name.as_str()) {
        return None;
    }
    if name == "hr" {
        return Some(start + until(">"));
    }
    Some(start + element(from, &name))
}

/// Length of the element at the beginning, with the elements of the same name inside of it.
fn element(text: &str, name: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(found) = text[at..].find('<') {
        let tag = &text[at + found + 1..];
        let (is_end, tag) = match tag.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, tag),
        };
        at += found + 1;
        let matches = tag
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
            && !tag[name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if !matches {
            continue;
        }
        if !is_end {
            depth += 1;
        } else if depth <= 1 {
            return text[at..].find('>').map_or(text.len(), |end| at + end + 1);
        } else {
            depth -= 1;
        }
    }
    text.len()
}
