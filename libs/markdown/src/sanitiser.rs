//! HTML to harmless HTML (spec 01 §8.3).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use pulldown_cmark::{Event, Parser};

const TAGS: &[&str] = &[
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "b",
    "i",
    "strong",
    "em",
    "tt",
    "p",
    "br",
    "span",
    "div",
    "blockquote",
    "code",
    "pre",
    "hr",
    "ul",
    "ol",
    "li",
    "dd",
    "dt",
    "img",
    "a",
    "sub",
    "sup",
    "table",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "th",
    "td",
    "del",
    "s",
];

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(TAGS.iter().copied().collect())
        .generic_attributes(HashSet::from(["class", "style"]))
        .tag_attributes(HashMap::from([
            ("img", HashSet::from(["src", "width", "height"])),
            ("a", HashSet::from(["href", "alt", "title"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(None)
        .attribute_filter(|_, attribute, value| match attribute {
            "style" => Some("".into()),
            "href" if value.starts_with("mailto:") && value.ends_with(SPELT) => {
                Some(spell(value.trim_end_matches(SPELT)).into())
            }
            // what was not decoded could not be judged
            _ if value.contains([ENTITY, NO_BREAK, SPELT]) => None,
            _ => Some(value.into()),
        });
    builder
});

/// Makes HTML harmless: tags that are not allowed become text, attributes that are not allowed go.
/// Applying it twice gives the same as once.
pub fn sanitise(text: &str) -> String {
    if !text.contains(['<', '>', '&']) {
        return text.to_owned();
    }
    clean(text)
}

/// Stands for the `&` of an entity while the text is cleaned, so that `&#x27;` stays as written.
const ENTITY: char = '\u{f8ff}';
/// Stands for a blank that does not break, so that it does not become an entity.
const NO_BREAK: char = '\u{f8fc}';

/// Stands behind a mail address that was written as the numbers of its characters.
const SPELT: char = '\u{f8fb}';
/// What such an address begins with: `mailto:`.
const SPELT_MAIL: &str = "href=\"&#109;&#97;&#105;&#108;&#116;&#111;&#58;";

/// A text as the numbers of its characters.
fn spell(text: &str) -> String {
    let numbers = text.chars().map(|c| format!("{ENTITY}#{};", u32::from(c)));
    numbers.collect()
}

pub(crate) fn clean(html: &str) -> String {
    SANITISER
        .clean(&escape_foreign_tags(html))
        .to_string()
        .replace(ENTITY, "&")
        .replace(NO_BREAK, "\u{a0}")
}

/// Tags that another one of their kind closes, or that need no end: they do not nest.
const FLAT: &[&str] = &[
    "p", "br", "hr", "li", "img", "dd", "dt", "thead", "tbody", "tfoot", "tr", "th", "td",
];
/// Tags that go on behind the end of what they stand in, and so are repeated there.
const REPEATED: &[&str] = &["a", "b", "code", "em", "i", "s", "strong", "tt"];
/// Most elements inside of each other; what is deeper becomes text. Parsers take a time that grows
/// with the square of it.
const DEEPEST: usize = 100;
/// Most of [`REPEATED`] inside of each other.
const MOST_REPEATED: usize = 16;

/// Escapes the `<` of everything that is not an allowed tag, a closing one, or a comment; outside
/// of tags, keeps entities and blanks that do not break as they are written.
fn escape_foreign_tags(text: &str) -> String {
    let text = text.replace([ENTITY, NO_BREAK, SPELT], "\u{fffd}");
    let mut out = String::with_capacity(text.len() + 16);
    let mut nesting = Nesting::default();
    let mut rest = text.as_str();
    while let Some(index) = rest.find(['<', '&', '\u{a0}']) {
        let (before, from) = rest.split_at(index);
        out.push_str(before);
        if let Some(after) = from.strip_prefix('&') {
            if is_entity(after) {
                out.push(ENTITY);
            } else {
                out.push_str("&amp;");
            }
            rest = after;
        } else if let Some(after) = from.strip_prefix('\u{a0}') {
            out.push(NO_BREAK);
            rest = after;
        } else if is_comment(from) {
            let (comment, after) = from.split_at(comment_length(from));
            out.push_str(comment);
            rest = after;
        } else if tag(from).is_some_and(|tag| nesting.takes(&tag)) {
            let (markup, after) = from.split_at(tag_length(from));
            push_tag(&mut out, markup);
            rest = after;
        } else {
            out.push_str("&lt;");
            rest = &from[1..];
        }
    }
    out.push_str(rest);
    out
}

fn is_comment(from: &str) -> bool {
    from.starts_with("<!--")
}

/// An allowed tag.
struct AllowedTag {
    name: &'static str,
    is_end: bool,
}

/// The allowed tag that a text begins with.
fn tag(from: &str) -> Option<AllowedTag> {
    let after = &from[1..];
    let name = after.strip_prefix('/').unwrap_or(after);
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(name.len());
    let known = TAGS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(&name[..end]))?;
    let is_bounded = name[end..].starts_with(|c: char| c.is_whitespace() || c == '>' || c == '/');
    is_bounded.then_some(AllowedTag {
        name: known,
        is_end: name.len() < after.len(),
    })
}

/// Where a parser of HTML stands inside of a tag.
#[derive(Clone, Copy)]
enum Part {
    Between,
    Name,
    Equals,
    Value,
    Quoted(char),
}

/// Length of a tag, up to the first `>` that is not part of a value in quotes.
fn tag_length(from: &str) -> usize {
    let mut part = Part::Between;
    let mut characters = from.char_indices().peekable();
    while characters
        .next_if(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, '<' | '/'))
        .is_some()
    {}
    for (at, character) in characters {
        part = match (part, character) {
            (Part::Quoted(quote), _) if quote == character => Part::Between,
            (Part::Quoted(quote), _) => Part::Quoted(quote),
            (_, '>') => return at + 1,
            (Part::Equals, '"' | '\'') => Part::Quoted(character),
            (Part::Name, '=') => Part::Equals,
            (Part::Value, _) if character.is_ascii_whitespace() => Part::Between,
            (part, _) if character.is_ascii_whitespace() => part,
            (Part::Equals | Part::Value, _) => Part::Value,
            (_, '/') => Part::Between,
            _ => Part::Name,
        }
    }
    from.len()
}

/// Length of a comment as far as it could hold a tag.
fn comment_length(from: &str) -> usize {
    from.find('>').map_or(from.len(), |end| end + 1)
}

/// Copies a tag, and marks a mail address in it that is written as numbers.
fn push_tag(out: &mut String, markup: &str) {
    let address = markup.find(SPELT_MAIL).map(|at| at + SPELT_MAIL.len());
    let end = address.and_then(|at| Some(at + markup[at..].find('"')?));
    let (before, after) = markup.split_at(end.unwrap_or_default());
    out.push_str(before);
    out.extend(end.map(|_| SPELT));
    out.push_str(after);
}

/// How many elements are open.
#[derive(Default)]
struct Nesting {
    all: usize,
    repeated: usize,
}

impl Nesting {
    /// Counts a tag; false if it would go too deep.
    fn takes(&mut self, tag: &AllowedTag) -> bool {
        if FLAT.contains(&tag.name) {
            return true;
        }
        let is_repeated = REPEATED.contains(&tag.name);
        if tag.is_end {
            self.all = self.all.saturating_sub(1);
            self.repeated = self.repeated.saturating_sub(usize::from(is_repeated));
            return true;
        }
        if self.all >= DEEPEST || (is_repeated && self.repeated >= MOST_REPEATED) {
            return false;
        }
        self.all += 1;
        self.repeated += usize::from(is_repeated);
        true
    }
}

/// Most letters of a name that stands for a character.
const LONGEST_NAME: usize = 31;

/// True after the `&` of `&lt;`, `&copy;`, `&#39;`, `&#x27;` and their like.
fn is_entity(after: &str) -> bool {
    let name = after.split(|c: char| !c.is_ascii_alphanumeric()).next();
    let name = name.unwrap_or_default();
    let Some(number) = after.strip_prefix('#') else {
        return after[name.len()..].starts_with(';') && is_name(name);
    };
    let Some((number, _)) = number.split_once(';') else {
        return false;
    };
    match number.strip_prefix(['x', 'X']) {
        Some(hex) => (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => (1..=7).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()),
    }
}

/// Whether HTML knows a character by a name. Single letters stay, too, though they name nothing.
fn is_name(name: &str) -> bool {
    match name.len() {
        1 => name.bytes().all(|b| b.is_ascii_alphabetic()),
        2..=LONGEST_NAME => {
            let entity = format!("&{name};");
            let is_plain = |event| matches!(event, Event::Text(text) if *text == *entity);
            !Parser::new(&entity).any(is_plain)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_tags_become_text() {
        assert_eq!(
            sanitise("<script>x</script>"),
            "&lt;script&gt;x&lt;/script&gt;"
        );
        assert_eq!(
            sanitise("Case <b>one</b> & more"),
            "Case <b>one</b> &amp; more"
        );
        assert_eq!(sanitise("a < b"), "a &lt; b");
        assert_eq!(sanitise("\"q\" 'q'"), "\"q\" 'q'");
        assert_eq!(sanitise("<img src=x onerror=alert(1)>"), "<img src=\"x\">");
        assert_eq!(sanitise("<!-- c -->"), "");
        assert_eq!(
            sanitise("&lt; &#x27; & &foo;"),
            "&lt; &#x27; &amp; &amp;foo;"
        );
        assert_eq!(sanitise("<b>unclosed"), "<b>unclosed</b>");
        let once = sanitise("<p style=\"color:red\" id=\"i\">s</p> <u>u</u>");
        assert_eq!(once, "<p style=\"\">s</p> &lt;u&gt;u&lt;/u&gt;");
        assert_eq!(sanitise(&once), once);
    }

    #[test]
    fn entities_and_blanks_stay_as_written() {
        for kept in [
            "&copy; &eacute;t&eacute; &rarr; &hellip; &frac12;",
            "&AMP; &LT; &CounterClockwiseContourIntegral;",
            "a\u{a0}b&nbsp;c",
            "a&b; &c;",
            "<b>&quot;</b>\u{a0}",
        ] {
            assert_eq!(sanitise(kept), kept);
        }
        for (text, html) in [
            ("&notit; &copy &<b>", "&amp;notit; &amp;copy &amp;<b></b>"),
            (
                "&1; &; &toolongtobethenameofanycharacter;",
                "&amp;1; &amp;; &amp;toolongtobethenameofanycharacter;",
            ),
        ] {
            assert_eq!(sanitise(text), html);
        }
    }

    /// What ends a tag for us and for the parser may differ; no address comes through unread.
    #[test]
    fn no_scheme_hides_behind_a_quoted_bracket() {
        for (text, html) in [
            (
                "<a title=\">\" href=\"/x\">x</a>",
                "<a title=\"&gt;\" href=\"/x\">x</a>",
            ),
            (
                "<a title=\">\" href=\"jav&#x09;ascript:alert(1)\">x</a>",
                "<a title=\"&gt;\">x</a>",
            ),
            (
                "<a title = '>' href='&#106;avascript:1'>x</a>",
                "<a title=\"&gt;\">x</a>",
            ),
            (
                "<a x=y=\" href=x>b</a> <u>",
                "<a href=\"x\">b</a> &lt;u&gt;",
            ),
            ("<a =\"> href=x>b</a> <u>", "<a> href=x&gt;b</a> &lt;u&gt;"),
            (
                "<a href = /x / =\"'>b</a> <u>",
                "<a href=\"/x\">b</a> &lt;u&gt;",
            ),
            // characters that stand for others inside of the sanitiser
            (
                "<a href='&#xf8ff;#106;avascript:1' class='&#xf8fc;'>x</a>",
                "<a>x</a>",
            ),
            (
                "<a href='javascript:1&#xf8fb;'>x</a> <a href='mailto:a\u{f8fb}'>x</a>",
                "<a>x</a> <a href=\"mailto:a\u{fffd}\">x</a>",
            ),
            (
                "<a title='href=\"&#109;&#97;&#105;&#108;&#116;&#111;&#58;\"' href='/x'>x</a>",
                "<a href=\"/x\">x</a>",
            ),
            (
                "<img class='>' src=javascript&colon;1>",
                "<img class=\"&gt;\">",
            ),
            (
                "<a x=y='\" title=\">\" href=\"jav&Tab;ascript:1\">x</a>",
                "<a title=\"&gt;\">x</a>",
            ),
            (
                "<a a='=\">' title=\">\" href=\"&#106;avascript:1\">x</a>",
                "<a title=\"&gt;\">x</a>",
            ),
        ] {
            assert_eq!(sanitise(text), html, "{text}");
        }
    }

    #[test]
    fn no_scheme_but_the_known_ones() {
        assert_eq!(
            sanitise("<a href=\"jav&#x09;ascript:alert(1)\">x</a>"),
            "<a>x</a>"
        );
        for scheme in [
            "JaVaScRiPt",
            " javascript",
            "\u{1}javascript",
            "vbscript",
            "data",
            "ftp",
        ] {
            let link = format!("<a href=\"{scheme}:x\">x</a>");
            assert_eq!(sanitise(&link), "<a>x</a>", "{link:?}");
        }
        for address in [
            "http://h/",
            "https://h/",
            "mailto:a@b.c",
            "/rel",
            "#part",
            "x.html",
        ] {
            let link = format!("<a href=\"{address}\">x</a>");
            assert_eq!(sanitise(&link), link);
        }
    }
}
