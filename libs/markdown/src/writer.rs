//! HTML in the layout that clients know.

mod address;
mod blanks;
mod text;

use std::fmt::Write as _;
use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::code;
use crate::dialect::Source;
use text::attribute;
pub(crate) use text::escape;

/// Reads a text and writes it as HTML; not yet harmless.
pub(crate) fn write(source: &Source) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut writer = Writer {
        source,
        out: String::with_capacity(source.text.len() * 2),
        alignments: Vec::new(),
        column: 0,
        is_head: false,
        has_rows: false,
        hidden: 0,
        code: None,
        quotes: 0,
        inline_end: None,
        bare: Bare::No,
    };
    let mut events = Parser::new_ext(&source.text, options)
        .into_offset_iter()
        .peekable();
    while let Some((mut event, range)) = events.next() {
        let slice = &source.text[range.clone()];
        if matches!(event, Event::End(TagEnd::BlockQuote(_))) {
            let again = matches!(events.peek(), Some((Event::Start(Tag::BlockQuote(_)), _)));
            if again {
                // quotes with only blank lines between them are one
                events.next();
                continue;
            }
        }
        if let Some((next, next_range)) = events.peek_mut()
            && is_both((&event, &range), (next, next_range))
        {
            std::mem::swap(&mut event, next);
        }
        writer.event(event, slice, range);
    }
    writer.out
}

/// Whether two marks at one place make text both strong and emphasised; what is strong is outside.
fn is_both(first: (&Event<'_>, &Range<usize>), next: (&Event<'_>, &Range<usize>)) -> bool {
    let (emphasis, strong) = match (first.0, next.0) {
        (Event::Start(Tag::Emphasis), Event::Start(Tag::Strong)) => (first.1, next.1),
        (Event::End(TagEnd::Strong), Event::End(TagEnd::Emphasis)) => (next.1, first.1),
        _ => return false,
    };
    (emphasis.start + 1..emphasis.end - 1) == *strong
}

struct Writer<'a> {
    source: &'a Source,
    out: String,
    alignments: Vec<Alignment>,
    column: usize,
    is_head: bool,
    has_rows: bool,
    /// Pictures and addresses that are open, and links in them; their text is not shown.
    hidden: usize,
    /// Kind and text of the code block that is open.
    code: Option<(CodeBlockKind<'a>, String)>,
    quotes: usize,
    /// Where the piece of a paragraph ends that was written last.
    inline_end: Option<usize>,
    bare: Bare,
}

/// Whether a paragraph is the text of an item and so has no tags.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bare {
    No,
    /// If it comes next.
    Next,
    /// It is open.
    Open,
}

impl<'a> Writer<'a> {
    fn event(&mut self, event: Event<'a>, slice: &str, range: Range<usize>) {
        if let Some((_, content)) = &mut self.code {
            match event {
                Event::Text(text) => content.push_str(&text),
                Event::End(TagEnd::CodeBlock) => self.end_code(),
                _ => {}
            }
            return;
        }
        if self.hidden > 0 {
            match event {
                Event::Start(Tag::Image { .. } | Tag::Link { .. }) => self.hidden += 1,
                Event::End(TagEnd::Image | TagEnd::Link) => self.hidden -= 1,
                _ => {}
            }
            self.inline_end = Some(range.end);
            return;
        }
        let inline_end = self.inline_end.take();
        if is_inline(&event) {
            self.inline_end = Some(range.end);
        }
        if matches!(event, Event::Start(_) | Event::Code(_)) {
            // blanks at the beginning of a line stay in front of text only
            let line = self.out.trim_end_matches(' ');
            if line.ends_with("<br>\n") {
                self.out.truncate(line.len());
            }
        }
        match event {
            Event::Start(tag) => self.start(tag, slice, range.start),
            Event::End(tag) => {
                if matches!(tag, TagEnd::Paragraph | TagEnd::Item) {
                    let blanks = inline_end.map(|end| blanks::trailing(&self.source.text, end));
                    self.out.push_str(blanks.unwrap_or_default());
                }
                self.end(tag, slice);
            }
            Event::Text(text) => text::write(&mut self.out, self.source, &text, slice, range.start),
            Event::Code(text) => {
                self.out.push_str("<code>");
                text::write_code(&mut self.out, &text, slice, self.quotes);
                self.out.push_str("</code>");
            }
            Event::Html(markup) | Event::InlineHtml(markup) => self.out.push_str(&markup),
            Event::SoftBreak | Event::HardBreak => self.line_break(slice, range.start),
            Event::Rule => self.block("<hr>\n"),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                escape(&mut self.out, &text);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    fn line_break(&mut self, slice: &str, start: usize) {
        let (before, after) = blanks::around(&self.source.text, start, self.quotes);
        if slice.starts_with('\\') {
            self.out.push('\\');
        }
        // two blanks are themselves a line break
        self.out
            .push_str(before.strip_prefix("  ").unwrap_or(before));
        self.out.push_str("<br>\n");
        self.out.push_str(after);
    }

    /// Begins something on a line of its own, unless it follows the text of an item.
    fn block(&mut self, markup: &str) {
        if self.out.ends_with("<li>") {
            self.out.push('\n');
        }
        self.out.push_str(markup);
    }

    fn start(&mut self, tag: Tag<'a>, slice: &str, start: usize) {
        let bare = self.bare;
        if bare == Bare::Next {
            self.bare = Bare::No;
        }
        match tag {
            Tag::Paragraph if bare == Bare::Next => self.bare = Bare::Open,
            Tag::Paragraph => self.block("<p>"),
            Tag::Heading { level, .. } => self.block(&format!("<{level}>")),
            Tag::BlockQuote(_) => {
                self.quotes += 1;
                self.block("<blockquote>\n");
            }
            Tag::CodeBlock(kind) => self.code = Some((kind, String::new())),
            Tag::List(first) => {
                let markup = if first.is_some() { "<ol>\n" } else { "<ul>\n" };
                // inside of an item it follows its text directly
                self.out.push_str(markup);
            }
            Tag::Item => {
                let is_loose = self.source.loose.contains(&start);
                self.bare = if is_loose { Bare::No } else { Bare::Next };
                self.block("<li>");
            }
            Tag::Table(alignments) => {
                self.alignments = alignments;
                self.has_rows = false;
                self.block("<table>\n<thead>\n");
                self.is_head = true;
            }
            Tag::TableHead | Tag::TableRow => {
                self.column = 0;
                self.has_rows |= !self.is_head;
                self.block("<tr>\n");
            }
            Tag::TableCell => {
                let style = match self.alignments.get(self.column) {
                    None | Some(Alignment::None) => "",
                    Some(_) => " style=\"\"",
                };
                self.column += 1;
                self.out.push_str(if self.is_head { "<th" } else { "<td" });
                self.out.push_str(style);
                self.out.push('>');
            }
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => self.out.push_str(strike(slice, "<s>")),
            Tag::Link {
                link_type: LinkType::Autolink | LinkType::Email,
                ..
            } => {
                self.hidden += 1;
                let text = slice.trim_start_matches('<').trim_end_matches('>');
                address::write(&mut self.out, text);
            }
            Tag::Link {
                dest_url, title, ..
            } => {
                self.out.push_str("<a");
                attribute(&mut self.out, "href", &dest_url);
                if !title.is_empty() {
                    attribute(&mut self.out, "title", &title);
                }
                self.out.push('>');
            }
            Tag::Image { dest_url, .. } => {
                self.hidden += 1;
                self.out.push_str("<img");
                attribute(&mut self.out, "src", &dest_url);
                self.out.push('>');
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, slice: &str) {
        match tag {
            TagEnd::Paragraph if self.bare == Bare::Open => self.bare = Bare::No,
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Heading(level) => {
                // writing to a String cannot fail
                let _ = writeln!(self.out, "</{level}>");
            }
            TagEnd::BlockQuote(_) => {
                self.quotes -= 1;
                self.block("</blockquote>\n");
            }
            TagEnd::List(ordered) => self.block(if ordered { "</ol>\n" } else { "</ul>\n" }),
            TagEnd::Item => {
                self.bare = Bare::No;
                self.out.push_str("</li>\n");
            }
            TagEnd::Table => {
                if !self.has_rows {
                    self.empty_row();
                }
                self.block("</tbody>\n</table>\n");
            }
            TagEnd::TableHead => {
                self.is_head = false;
                self.block("</tr>\n</thead>\n<tbody>\n");
            }
            TagEnd::TableRow => self.block("</tr>\n"),
            TagEnd::TableCell => {
                self.out
                    .push_str(if self.is_head { "</th>\n" } else { "</td>\n" });
            }
            TagEnd::Emphasis => self.out.push_str("</em>"),
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Strikethrough => self.out.push_str(strike(slice, "</s>")),
            TagEnd::Link => self.out.push_str("</a>"),
            _ => {}
        }
    }

    /// A paragraph that is only the number of HTML set aside is that HTML.
    fn end_paragraph(&mut self) {
        let start = self.out.rfind("<p>").unwrap_or_default();
        let aside = text::number(&self.out[start + "<p>".len()..]);
        match aside.and_then(|number| self.source.aside.get(number)) {
            Some(html) => {
                self.out.truncate(start);
                self.out.push_str(html);
                self.out.push('\n');
            }
            None => self.out.push_str("</p>\n"),
        }
    }

    fn empty_row(&mut self) {
        self.block("<tr>\n");
        for alignment in &self.alignments {
            let is_plain = matches!(alignment, Alignment::None);
            self.out.push_str(if is_plain {
                "<td></td>\n"
            } else {
                "<td style=\"\"></td>\n"
            });
        }
        self.out.push_str("</tr>\n");
    }

    fn end_code(&mut self) {
        if let Some((kind, content)) = self.code.take() {
            let is_fenced = matches!(kind, CodeBlockKind::Fenced(_));
            let content = if is_fenced {
                content
            } else {
                let pieces: Vec<&str> = content.split("\n\n").map(str::trim_end).collect();
                pieces.join("\n\n")
            };
            let highlighted = code::highlight(&code::language(&kind), &content);
            self.out
                .push_str("<div class=\"codehilite\"><pre><span></span><code>");
            self.out.push_str(&highlighted);
            self.out.push_str("</code></pre></div>\n\n");
        }
    }
}

/// Whether an event is a piece of a paragraph.
fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_) | Event::Code(_) | Event::InlineHtml(_) => true,
        Event::End(tag) => matches!(
            tag,
            TagEnd::Emphasis
                | TagEnd::Strong
                | TagEnd::Strikethrough
                | TagEnd::Link
                | TagEnd::Image
        ),
        _ => false,
    }
}

/// One tilde alone strikes nothing.
fn strike<'a>(slice: &str, markup: &'a str) -> &'a str {
    if slice.starts_with("~~") { markup } else { "~" }
}
