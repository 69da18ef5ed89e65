//! HTML in the layout that clients know.

mod text;

use std::fmt::Write as _;

use pulldown_cmark::{Alignment, Event, LinkType, Options, Parser, Tag, TagEnd};

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
        images: 0,
        code: None,
        quotes: 0,
    };
    let mut events = Parser::new_ext(&source.text, options)
        .into_offset_iter()
        .peekable();
    while let Some((event, range)) = events.next() {
        let slice = &source.text[range.clone()];
        if matches!(event, Event::End(TagEnd::BlockQuote(_))) {
            let again = matches!(events.peek(), Some((Event::Start(Tag::BlockQuote(_)), _)));
            if again {
                // quotes with only blank lines between them are one
                events.next();
                continue;
            }
        }
        writer.event(event, slice, range.start);
    }
    writer.out
}

struct Writer<'a> {
    source: &'a Source,
    out: String,
    alignments: Vec<Alignment>,
    column: usize,
    is_head: bool,
    has_rows: bool,
    /// Pictures that are open; their text is not shown.
    images: usize,
    /// Language and text of the code block that is open.
    code: Option<(String, String)>,
    quotes: usize,
}

impl Writer<'_> {
    fn event(&mut self, event: Event<'_>, slice: &str, start: usize) {
        if let Some((_, content)) = &mut self.code {
            match event {
                Event::Text(text) => content.push_str(&text),
                Event::End(TagEnd::CodeBlock) => self.end_code(),
                _ => {}
            }
            return;
        }
        if self.images > 0 {
            match event {
                Event::Start(Tag::Image { .. }) => self.images += 1,
                Event::End(TagEnd::Image) => self.images -= 1,
                _ => {}
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(tag, slice),
            Event::End(tag) => self.end(tag, slice),
            Event::Text(text) => text::write(&mut self.out, self.source, &text, slice, start),
            Event::Code(text) => {
                self.out.push_str("<code>");
                escape(&mut self.out, &text);
                self.out.push_str("</code>");
            }
            Event::Html(markup) | Event::InlineHtml(markup) => self.out.push_str(&markup),
            Event::SoftBreak | Event::HardBreak => {
                if slice.starts_with('\\') {
                    self.out.push('\\');
                }
                self.out.push_str("<br>\n");
            }
            Event::Rule => self.block("<hr>\n"),
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                escape(&mut self.out, &text);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    /// Begins something on a line of its own.
    fn block(&mut self, markup: &str) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.push_str(markup);
    }

    fn start(&mut self, tag: Tag<'_>, slice: &str) {
        match tag {
            Tag::Paragraph => self.block("<p>"),
            Tag::Heading { level, .. } => self.block(&format!("<{level}>")),
            Tag::BlockQuote(_) => {
                self.quotes += 1;
                self.block("<blockquote>\n");
            }
            Tag::CodeBlock(kind) => self.code = Some((code::language(&kind), String::new())),
            Tag::List(first) => {
                let markup = if first.is_some() { "<ol>\n" } else { "<ul>\n" };
                // inside of an item it follows its text directly
                self.out.push_str(markup);
            }
            Tag::Item => self.block("<li>"),
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
                link_type,
                dest_url,
                title,
                ..
            } => {
                let scheme = if link_type == LinkType::Email {
                    "mailto:"
                } else {
                    ""
                };
                self.out.push_str("<a");
                attribute(&mut self.out, "href", &format!("{scheme}{dest_url}"));
                if !title.is_empty() {
                    attribute(&mut self.out, "title", &title);
                }
                self.out.push('>');
            }
            Tag::Image { dest_url, .. } => {
                self.images += 1;
                self.out.push_str("<img");
                attribute(&mut self.out, "src", &dest_url);
                self.out.push('>');
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, slice: &str) {
        match tag {
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
            TagEnd::Item => self.out.push_str("</li>\n"),
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
        if let Some((language, content)) = self.code.take() {
            let highlighted = code::highlight(&language, &content);
            self.block("<div class=\"codehilite\"><pre><span></span><code>");
            self.out.push_str(&highlighted);
            self.out.push_str("</code></pre></div>\n");
        }
    }
}

/// One tilde alone strikes nothing.
fn strike<'a>(slice: &str, markup: &'a str) -> &'a str {
    if slice.starts_with("~~") { markup } else { "~" }
}
