//! The original Markdown rules in the terms of `CommonMark`.
//!
//! Line by line: what `CommonMark` would take for markup gets an inert character in front, what it
//! would overlook is rewritten, and raw HTML is set aside as a whole.

mod raw;

use std::borrow::Cow;

/// Stands in front of what only looks like markup; dropped when HTML is written.
pub(crate) const INERT: char = '\u{f8fe}';
/// Stands around the number of a piece of raw HTML that was set aside.
pub(crate) const ASIDE: char = '\u{f8fd}';

/// Quotes inside quotes beyond this depth are text, because nesting costs more than it says.
const DEEPEST_QUOTE: usize = 8;
/// Blanks that a level of lists is indented by.
const LEVEL: usize = 4;

/// Text for a `CommonMark` parser, and the HTML that was set aside.
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) aside: Vec<String>,
}

/// Rewrites a text.
pub(crate) fn to_common_mark(text: &str) -> Source {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace([INERT, ASIDE, '\0'], "\u{fffd}");
    let mut aside = Vec::new();
    let text = raw::set_aside(&text, &mut aside);
    let lines: Vec<Cow<'_, str>> = text.lines().map(without_tabs).collect();
    let mut rewriter = Rewriter::default();
    rewriter.rewrite(&lines, 0);
    Source {
        text: rewriter.out,
        aside,
    }
}

/// Tabs at the beginning of a line become blanks.
fn without_tabs(line: &str) -> Cow<'_, str> {
    let end = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
    if !line[..end].contains('\t') {
        return Cow::Borrowed(line);
    }
    let width = line[..end].chars().fold(0, |width, c| match c {
        '\t' => (width / LEVEL + 1) * LEVEL,
        _ => width + 1,
    });
    Cow::Owned(format!("{}{}", " ".repeat(width), &line[end..]))
}

/// How many backticks or tildes open a fence, or `None`.
pub(crate) fn fence(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    let is_fence = length >= 3 && (mark == '~' || !line[length..].contains('`'));
    is_fence.then(|| &line[..length])
}

/// Whether a line closes a fence.
pub(crate) fn closes(line: &str, fence: &str) -> bool {
    line.strip_prefix(fence)
        .is_some_and(|rest| rest.trim().is_empty())
}

/// The kind of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Bullets,
    Numbers,
}

/// What follows the digits at the beginning of a line.
fn behind_digits(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < line.len()).then_some(rest)
}

/// An item: the kind of its list and its text.
fn item(line: &str) -> Option<(List, &str)> {
    let (kind, rest) = if let Some(rest) = line.strip_prefix(['*', '+', '-']) {
        (List::Bullets, rest)
    } else {
        (List::Numbers, behind_digits(line)?.strip_prefix('.')?)
    };
    let text = rest.trim_start_matches(' ');
    (text.len() < rest.len()).then_some((kind, text))
}

/// Whether `CommonMark` takes a line for the beginning of a list.
fn looks_like_item(line: &str) -> bool {
    let bullet = line.strip_prefix(['*', '+', '-']);
    let marker = bullet.or_else(|| behind_digits(line)?.strip_prefix(['.', ')']));
    marker.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn is_rule(line: &str) -> bool {
    ['*', '-', '_'].iter().any(|mark| {
        let marks = line.chars().filter(|c| c == mark).count();
        marks >= 3 && line.chars().all(|c| c == *mark || c == ' ')
    })
}

fn is_underline(line: &str) -> bool {
    let line = line.trim_end();
    ['=', '-']
        .iter()
        .any(|mark| !line.is_empty() && line.chars().all(|c| c == *mark))
}

#[derive(Default)]
struct Rewriter {
    out: String,
    /// The lists that are open, outermost first.
    lists: Vec<List>,
    /// Lines of the paragraph that is open.
    paragraph: usize,
    /// The line before was blank, or there was none.
    after_blank: bool,
}

impl Rewriter {
    fn push(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn blank(&mut self) {
        self.push("");
        self.paragraph = 0;
        self.after_blank = true;
    }

    fn rewrite(&mut self, lines: &[Cow<'_, str>], depth: usize) {
        self.after_blank = true;
        let mut index = 0;
        let mut unclosed: Vec<String> = Vec::new();
        while let Some(line) = lines.get(index) {
            index += 1;
            if line.trim().is_empty() {
                self.blank();
                continue;
            }
            let opening = fence(line).filter(|opening| !unclosed.iter().any(|f| f == opening));
            if let Some(opening) = opening {
                let end = lines[index..].iter().position(|line| closes(line, opening));
                let Some(end) = end else {
                    // no other fence of this kind is closed either, so none is looked for again
                    unclosed.push(opening.to_owned());
                    self.line(line);
                    continue;
                };
                self.lists.clear();
                self.blank();
                for line in &lines[index - 1..=index + end] {
                    self.push(line);
                }
                self.blank();
                index += end + 1;
                continue;
            }
            let is_quote = self.lists.is_empty() && quoted(line).is_some();
            if is_quote && depth >= DEEPEST_QUOTE {
                self.after_blank = false;
                self.inert(0, line.trim_start());
                continue;
            }
            if is_quote {
                let rest = &lines[index - 1..];
                let length = rest.iter().position(|line| line.trim().is_empty());
                let length = length.unwrap_or(rest.len());
                self.quote(&rest[..length], depth);
                index += length - 1;
                continue;
            }
            self.line(line);
        }
    }

    /// A quote goes on until the next blank line, whether its lines say so or not.
    fn quote(&mut self, lines: &[Cow<'_, str>], depth: usize) {
        let inner: Vec<Cow<'_, str>> = lines
            .iter()
            .map(|line| Cow::Borrowed(quoted(line).unwrap_or(line)))
            .collect();
        let mut rewriter = Self::default();
        rewriter.rewrite(&inner, depth + 1);
        for line in rewriter.out.lines() {
            self.out.push_str("> ");
            self.push(line);
        }
        self.paragraph = 1;
        self.after_blank = false;
    }

    /// A line that is neither blank nor part of a fence.
    fn line(&mut self, line: &str) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let text = &line[indent..];
        if self.after_blank && indent < LEVEL && item(text).is_none() {
            self.lists.clear();
        }
        let level = (indent / LEVEL).min(self.lists.len());
        let is_code = indent >= LEVEL * (level + 1);
        let was_blank = std::mem::replace(&mut self.after_blank, false);
        if is_code {
            // code, or what goes on with a paragraph
            self.paragraph += 1;
            self.push(line);
            return;
        }
        let is_heading = text.starts_with('#') && indent == level * LEVEL;
        if is_rule(text) && !(self.paragraph == 1 && is_underline(text)) {
            // with a blank line in front it cannot underline a paragraph
            self.blank();
            self.indented(level, text);
            self.blank();
        } else if let Some((kind, content)) = item(text).filter(|_| !is_rule(text)) {
            self.item(level, kind, content, text, was_blank);
        } else if is_heading {
            let hashes = text.len() - text.trim_start_matches('#').len();
            let (hashes, title) = text.split_at(hashes.min(6));
            self.blank();
            self.indented(level, &format!("{hashes} {title}"));
            self.blank();
        } else if is_underline(text) {
            if self.paragraph == 1 {
                self.push(line);
                self.blank();
            } else {
                self.inert(level, text);
            }
        } else if looks_like_item(text) || text.starts_with(['#', '<']) || fence(text).is_some() {
            self.inert(level, text);
        } else {
            self.paragraph += 1;
            self.push(line);
        }
    }

    fn item(&mut self, level: usize, kind: List, content: &str, text: &str, was_blank: bool) {
        let open = self.lists.get(level).copied();
        let begins = match open {
            Some(open) => open == kind || was_blank,
            // a list inside of an item needs no blank line
            None => was_blank || level > 0,
        };
        if !begins {
            self.inert(level, text);
            return;
        }
        self.lists.truncate(level);
        self.lists.push(kind);
        let marker = match kind {
            List::Bullets => "-   ",
            List::Numbers => "1.  ",
        };
        self.paragraph = 1;
        // one list inside of another on the same line is enough
        let is_deep = item(content).is_some_and(|(_, inner)| looks_like_item(inner));
        let inert = if is_deep || content.starts_with('<') {
            INERT.to_string()
        } else {
            String::new()
        };
        self.indented(level, &format!("{marker}{inert}{content}"));
    }

    /// Text that must not be taken for anything else.
    fn inert(&mut self, level: usize, text: &str) {
        self.paragraph += 1;
        self.indented(level, &format!("{INERT}{text}"));
    }

    fn indented(&mut self, level: usize, text: &str) {
        for _ in 0..level * LEVEL {
            self.out.push(' ');
        }
        self.push(text);
    }
}

/// The text of a line of a quote.
fn quoted(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    let rest = text
        .strip_prefix('>')
        .filter(|_| line.len() - text.len() < LEVEL)?;
    Some(rest.strip_prefix(' ').unwrap_or(rest))
}
