//! The original Markdown rules in the terms of `CommonMark`.
//!
//! Line by line: what `CommonMark` would take for markup gets an inert character in front, what it
//! would overlook is rewritten, and raw HTML is set aside as a whole.

mod lines;
mod raw;
mod table;

use std::collections::HashSet;

use lines::{
    LEVEL, List, closes, fence, heading, indent, is_rule, is_underline, item, looks_like_block,
    looks_like_item, quoted, without_levels,
};

/// Stands in front of what only looks like markup; dropped when HTML is written.
pub(crate) const INERT: char = '\u{f8fe}';
/// Stands around the number of a piece of raw HTML that was set aside.
pub(crate) const ASIDE: char = '\u{f8fd}';

/// Quotes inside quotes beyond this depth are text, because nesting costs more than it says.
const DEEPEST_QUOTE: usize = 8;

/// Text for a `CommonMark` parser, and what it cannot say.
///
/// Lines that go on with a paragraph stand without the indentation of their list, so that their
/// blanks are their own.
pub(crate) struct Source {
    pub(crate) text: String,
    pub(crate) aside: Vec<String>,
    /// Where the items begin whose text is a paragraph of its own.
    pub(crate) loose: HashSet<usize>,
}

/// Rewrites a text.
pub(crate) fn to_common_mark(text: &str) -> Source {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.replace([INERT, ASIDE, '\0'], "\u{fffd}");
    let text = without_tabs(text);
    let mut aside = Vec::new();
    let text = raw::set_aside(&text, &mut aside);
    let lines: Vec<&str> = text.lines().collect();
    let mut rewriter = Rewriter::default();
    rewriter.rewrite(&lines);
    Source {
        text: rewriter.out,
        aside,
        loose: rewriter.loose,
    }
}

/// Tabs become as many blanks as reach the next column that four divides.
fn without_tabs(text: String) -> String {
    if !text.contains('\t') {
        return text;
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut column = 0;
    for character in text.chars() {
        let width = if character == '\t' {
            LEVEL - column % LEVEL
        } else {
            1
        };
        if character == '\t' {
            out.extend(std::iter::repeat_n(' ', width));
        } else {
            out.push(character);
        }
        column = if character == '\n' { 0 } else { column + width };
    }
    out
}

/// A list that is open.
struct Open {
    kind: List,
    /// Where its last item begins.
    item: usize,
}

#[derive(Default)]
struct Rewriter {
    out: String,
    loose: HashSet<usize>,
    /// Stands in front of every line: the marks of the quotes around it.
    prefix: String,
    /// The lists that are open, outermost first.
    lists: Vec<Open>,
    /// Level of the lines since the last blank one.
    base: usize,
    /// The lines since the last blank one began with an item.
    is_list: bool,
    /// Level of the paragraph that is open.
    level: usize,
    /// Lines of the paragraph that is open.
    paragraph: usize,
    /// The line before was blank, or there was none.
    after_blank: bool,
}

impl Rewriter {
    fn rewrite(&mut self, lines: &[&str]) {
        self.after_blank = true;
        let mut index = 0;
        let mut unclosed: Vec<&str> = Vec::new();
        while let Some(&line) = lines.get(index) {
            let rest = &lines[index..];
            index += 1;
            if line.trim().is_empty() {
                self.blank();
                continue;
            }
            let opening = fence(line).filter(|_| self.prefix.is_empty());
            if let Some(opening) = opening.filter(|opening| !unclosed.contains(opening)) {
                if let Some(end) = rest.iter().skip(1).position(|line| closes(line, opening)) {
                    self.fenced(&rest[..end + 2]);
                    index += end + 1;
                    continue;
                }
                // no other fence of this kind is closed either, so none is looked for again
                unclosed.push(opening);
            }
            if self.after_blank {
                self.begin(line);
            }
            let own = self.own(line);
            let is_code = indent(own) >= LEVEL;
            if self.after_blank
                && !is_code
                && table::begins(own, rest.get(1).map(|line| self.own(line)))
            {
                let length = rest.iter().position(|line| line.trim().is_empty());
                let block = &rest[..length.unwrap_or(rest.len())];
                self.table(block);
                index += block.len() - 1;
            } else if quoted(own).is_some() && self.prefix.matches('>').count() < DEEPEST_QUOTE {
                let ends = |line: &&str| self.ends_quote(line);
                let length = rest.iter().skip(1).position(ends);
                let block = &rest[..length.map_or(rest.len(), |length| length + 1)];
                self.quote(block);
                index += block.len() - 1;
            } else {
                self.line(line);
            }
        }
    }

    fn push(&mut self, line: &str) {
        self.out.push_str(&self.prefix);
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn indented(&mut self, level: usize, text: &str) {
        let line = format!("{:1$}{text}", "", level * LEVEL);
        self.push(&line);
    }

    fn blank(&mut self) {
        self.push("");
        self.paragraph = 0;
        self.after_blank = true;
    }

    fn fenced(&mut self, lines: &[&str]) {
        self.lists.clear();
        self.blank();
        for line in lines {
            let is_blank = line.trim_start_matches(' ').is_empty();
            self.push(if is_blank { "" } else { line });
        }
        self.blank();
    }

    /// The first line behind a blank one says what the next ones belong to.
    fn begin(&mut self, line: &str) {
        let blanks = indent(line);
        self.is_list = item(&line[blanks..]).is_some();
        if blanks < LEVEL && !self.is_list {
            self.lists.clear();
        }
        self.base = (blanks / LEVEL).min(self.lists.len());
        self.level = self.base;
        let is_code = blanks >= (self.base + 1) * LEVEL;
        if !is_code && self.base > 0 {
            self.loosen(self.base - 1);
        }
        if is_code || !self.is_list {
            self.lists.truncate(self.base);
        }
    }

    /// The last item of a list gets a paragraph.
    fn loosen(&mut self, level: usize) {
        self.loose
            .extend(self.lists.get(level).map(|open| open.item));
    }

    /// A line without the blanks of the level its paragraph is on.
    fn own<'l>(&self, line: &'l str) -> &'l str {
        let mut own = without_levels(line, self.base);
        for _ in self.base..self.level {
            own = without_levels(own, 1);
        }
        own
    }

    /// A quote goes on until the next blank line, whether its lines say so or not; headings, rules
    /// and the next item end it, too.
    fn ends_quote(&self, line: &str) -> bool {
        let own = self.own(line);
        let text = own.trim_start_matches(' ');
        text.is_empty()
            || heading(own).is_some()
            || (is_rule(text) && indent(own) < LEVEL)
            || (self.is_list && item(text).is_some())
    }

    fn quote(&mut self, lines: &[&str]) {
        let inner = lines.iter().map(|line| self.own(line));
        let inner: Vec<&str> = inner.map(|own| quoted(own).unwrap_or(own)).collect();
        // among items it is part of the last one
        let level = self.level + usize::from(self.is_list);
        if self.is_list {
            self.push("");
        }
        let mut rewriter = Self {
            out: std::mem::take(&mut self.out),
            loose: std::mem::take(&mut self.loose),
            prefix: format!("{}{:2$}> ", self.prefix, "", level * LEVEL),
            ..Self::default()
        };
        rewriter.rewrite(&inner);
        self.out = rewriter.out;
        self.loose = rewriter.loose;
        self.after_blank = false;
    }

    fn table(&mut self, lines: &[&str]) {
        for line in lines {
            let row = table::row(without_levels(line, self.base).trim());
            self.indented(self.base, &row);
        }
        self.after_blank = false;
    }

    /// A line that is neither blank nor part of a fence, a quote or a table.
    fn line(&mut self, line: &str) {
        let inner = without_levels(line, self.base);
        let blanks = indent(inner);
        let text = &inner[blanks..];
        let deeper = (blanks / LEVEL).min(self.lists.len().saturating_sub(self.base));
        let level = self.base + deeper;
        let was_blank = std::mem::replace(&mut self.after_blank, false);
        if blanks >= (deeper + 1) * LEVEL {
            if was_blank {
                // code; what follows it begins anew
                self.after_blank = true;
                self.indented(self.base, inner);
            } else {
                self.text(line, text);
            }
            return;
        }
        let title = heading(text).filter(|_| blanks == deeper * LEVEL);
        if is_rule(text) && !(self.paragraph == 1 && is_underline(text)) {
            self.apart(level, text);
        } else if let Some((kind, content)) = item(text) {
            self.item(level, kind, content, line, was_blank);
        } else if let Some((marks, title)) = title {
            let end = if title.ends_with('#') {
                Some(INERT)
            } else {
                None
            };
            let end = end.map(String::from).unwrap_or_default();
            self.apart(level, &format!("{marks} {title}{end}"));
        } else if is_underline(text) && self.paragraph == 1 && blanks == 0 {
            self.indented(self.base, text);
            self.blank();
        } else {
            self.text(line, text);
        }
    }

    /// A line between blank ones, so that it neither underlines a paragraph nor goes on with it.
    fn apart(&mut self, level: usize, text: &str) {
        self.lists.truncate(level);
        self.blank();
        self.indented(level, text);
        self.blank();
    }

    /// A line of a paragraph.
    fn text(&mut self, line: &str, text: &str) {
        let looks_like_more = looks_like_block(text)
            || is_underline(text)
            || is_rule(text)
            || table::is_delimiters(text);
        let inert = if looks_like_more {
            INERT.to_string()
        } else {
            String::new()
        };
        self.paragraph += 1;
        if self.paragraph == 1 {
            self.level = self.base;
            self.indented(self.base, &format!("{inert}{text}"));
            return;
        }
        let blanks = indent(self.own(line));
        self.push(&format!("{:1$}{inert}{text}", "", blanks));
    }

    fn item(&mut self, level: usize, kind: List, content: &str, line: &str, was_blank: bool) {
        // without a blank line an item is the next one of an open list, or begins a list inside of
        // an item
        let level = if was_blank {
            level
        } else {
            let mut levels = level..self.lists.len();
            let next = levels.find(|level| self.lists[*level].kind == kind);
            let inner = (level > 0 && level == self.lists.len()).then_some(level);
            let Some(level) = next.or(inner).filter(|_| self.is_list) else {
                self.text(line, line.trim_start_matches(' '));
                return;
            };
            level
        };
        let is_next = self.lists.get(level).is_some_and(|open| open.kind == kind);
        // a blank line makes every text of an item a paragraph; `loose` tells which ones are
        self.push("");
        let at = self.out.len() + self.prefix.len() + level * LEVEL;
        if was_blank && is_next {
            self.loosen(level);
            self.loose.insert(at);
        }
        self.lists.truncate(level);
        self.lists.push(Open { kind, item: at });
        let marker = match kind {
            List::Bullets => "-   ",
            List::Numbers => "1.  ",
        };
        self.level = level;
        self.paragraph = 1;
        // one list inside of another on the same line is enough
        let is_deep = item(content).is_some_and(|(_, inner)| looks_like_item(inner));
        let inert = if is_deep || content.starts_with('<') || fence(content).is_some() {
            INERT.to_string()
        } else {
            String::new()
        };
        self.indented(level, &format!("{marker}{inert}{content}"));
    }
}
