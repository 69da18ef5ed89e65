//! What single lines are.

/// Blanks that a level of lists is indented by.
pub(super) const LEVEL: usize = 4;

/// How many blanks a line begins with.
pub(super) fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// A line without the blanks of some levels; one that has fewer keeps them.
pub(super) fn without_levels(line: &str, levels: usize) -> &str {
    let blanks = levels * LEVEL;
    if indent(line) < blanks {
        line
    } else {
        &line[blanks..]
    }
}

/// The backticks or tildes that open a fence, or `None`.
pub(super) fn fence(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let (fence, info) = line.split_at(line.len() - line.trim_start_matches(mark).len());
    (fence.len() >= 3 && is_info(info)).then_some(fence)
}

/// Whether text may stand behind the opening of a fence: a language, lines to mark, or attributes
/// in braces.
fn is_info(info: &str) -> bool {
    let info = info.trim_start_matches(' ');
    if info.starts_with('{') && info.ends_with('}') {
        return true;
    }
    let info = info.strip_prefix('.').unwrap_or(info);
    let is_name = |c: char| c.is_alphanumeric() || "_#.+-".contains(c);
    let marked = info.trim_start_matches(is_name).trim_matches(' ');
    let lines = marked.strip_prefix("hl_lines=").unwrap_or(marked);
    let quoted = |quote| lines.len() > 1 && lines.starts_with(quote) && lines.ends_with(quote);
    marked.is_empty() || (lines.len() < marked.len() && (quoted('"') || quoted('\'')))
}

/// Whether a line closes a fence.
pub(super) fn closes(line: &str, fence: &str) -> bool {
    line.strip_prefix(fence)
        .is_some_and(|rest| rest.trim().is_empty())
}

/// The kind of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Bullets,
    Numbers,
}

/// What follows the digits at the beginning of a line.
fn behind_digits(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < line.len()).then_some(rest)
}

/// An item: the kind of its list and its text.
pub(super) fn item(line: &str) -> Option<(List, &str)> {
    if is_rule(line) {
        return None;
    }
    let (kind, rest) = if let Some(rest) = line.strip_prefix(['*', '+', '-']) {
        (List::Bullets, rest)
    } else {
        (List::Numbers, behind_digits(line)?.strip_prefix('.')?)
    };
    let text = rest.trim_start_matches(' ');
    (text.len() < rest.len()).then_some((kind, text))
}

/// Whether `CommonMark` takes a line for the beginning of a list.
pub(super) fn looks_like_item(line: &str) -> bool {
    let bullet = line.strip_prefix(['*', '+', '-']);
    let marker = bullet.or_else(|| behind_digits(line)?.strip_prefix(['.', ')']));
    marker.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// Whether `CommonMark` may take a line for more than text.
pub(super) fn looks_like_block(line: &str) -> bool {
    let is_fence = line.starts_with("```") || line.starts_with("~~~");
    is_fence || looks_like_item(line) || line.starts_with(['#', '<', '>'])
}

pub(super) fn is_rule(line: &str) -> bool {
    ['*', '-', '_'].iter().any(|mark| {
        let marks = line.chars().filter(|c| c == mark).count();
        marks >= 3 && line.chars().all(|c| c == *mark || c == ' ')
    })
}

pub(super) fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    ['=', '-']
        .iter()
        .any(|mark| !line.is_empty() && line.chars().all(|c| c == *mark))
}

/// The level and the title of a heading; the marks behind the title are no part of it.
pub(super) fn heading(line: &str) -> Option<(&str, &str)> {
    let marks = line.len() - line.trim_start_matches('#').len();
    let (marks, text) = line.split_at(marks.min(6));
    let title = text.trim_end_matches('#');
    let is_escaped = title.ends_with('\\') && title.len() < text.len();
    let title = &text[..title.len() + usize::from(is_escaped)];
    (!marks.is_empty()).then_some((marks, title.trim()))
}

/// The text of a line of a quote.
pub(super) fn quoted(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    let rest = text
        .strip_prefix('>')
        .filter(|_| line.len() - text.len() < LEVEL)?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}
