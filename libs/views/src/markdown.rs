//! Markdown to HTML that may be shown as it is.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, Options, Parser, html};
use serde::Serialize;

/// HTML that went through the sanitiser; templates print it unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

/// Tags that people may write.
const TAGS: [&str; 36] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "dd",
    "del",
    "div",
    "dt",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "s",
    "span",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "tt",
];

static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().chain(["ul"]).collect())
        .generic_attributes(HashSet::from(["class"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "alt", "title"])),
            ("img", HashSet::from(["src", "width", "height", "alt"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener nofollow"));
    builder
});

impl SafeHtml {
    /// Markup that this crate made and escaped itself.
    pub(crate) fn trusted(html: String) -> Self {
        Self(html)
    }

    /// Renders what a person wrote; harmful markup is shown as text or dropped.
    pub fn from_markdown(text: &str) -> Self {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let events = Parser::new_ext(text, options).map(|event| match event {
            Event::SoftBreak => Event::HardBreak,
            Event::Html(markup) | Event::InlineHtml(markup) if !allowed(&markup) => {
                Event::Text(markup)
            }
            other => other,
        });
        let mut rendered = String::with_capacity(text.len() * 2);
        html::push_html(&mut rendered, events);
        Self(SANITISER.clean(&rendered).to_string())
    }

    /// Shows plain text as it is typed.
    pub fn from_text(text: &str) -> Self {
        Self(handlebars::html_escape(text))
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<SafeHtml> for Cow<'static, str> {
    fn from(html: SafeHtml) -> Self {
        Self::Owned(html.0)
    }
}

/// Whether a piece of markup consists of allowed tags only.
fn allowed(markup: &str) -> bool {
    markup.split('<').skip(1).all(|piece| {
        let name: String = piece
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .flat_map(char::to_lowercase)
            .collect();
        name == "ul" || TAGS.contains(&name.as_str()) || piece.starts_with("!--")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> String {
        SafeHtml::from_markdown(text).0
    }

    #[test]
    fn common_markup_is_rendered() {
        assert_eq!(
            render("**x** and ~~y~~"),
            "<p><strong>x</strong> and <del>y</del></p>\n"
        );
        assert_eq!(render("one\ntwo"), "<p>one<br>\ntwo</p>\n");
        assert!(render("| a |\n|---|\n| b |").contains("<td>b</td>"));
        assert!(render("```py\nx < 1\n```").contains("x &lt; 1"));
    }

    #[test]
    fn scripts_become_text_or_vanish() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "<a href='jav&#x09;ascript:alert(1)'>x</a>",
            "<svg/onload=alert(1)>",
            "<p style=\"background:url(x)\">x</p>",
            "<iframe src=\"//evil\"></iframe>",
        ] {
            let safe = render(attack);
            for harm in [
                "<script",
                "onerror=",
                "href=\"jav",
                "<svg",
                "style=",
                "<iframe",
            ] {
                assert!(!safe.contains(harm), "{attack} became {safe}");
            }
        }
        assert!(render("<script>x</script>").contains("&lt;script&gt;"));
    }

    #[test]
    fn rendering_twice_changes_nothing() {
        let once = render("a <b>b</b> & [c](https://example.org)");
        assert_eq!(SANITISER.clean(&once).to_string(), once);
    }
}
