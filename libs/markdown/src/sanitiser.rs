//! HTML to harmless HTML (spec 01 §8.3).

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

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
        .attribute_filter(|_, attribute, value| {
            Some(if attribute == "style" {
                "".into()
            } else {
                value.into()
            })
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

pub(crate) fn clean(html: &str) -> String {
    SANITISER
        .clean(&escape_foreign_tags(html))
        .to_string()
        .replace(ENTITY, "&")
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
/// of tags, keeps entities as they are written.
fn escape_foreign_tags(text: &str) -> String {
    let text = text.replace(ENTITY, "\u{fffd}");
    let mut out = String::with_capacity(text.len() + 16);
    let mut nesting = Nesting::default();
    let mut rest = text.as_str();
    while let Some(index) = rest.find(['<', '&']) {
        let (before, from) = rest.split_at(index);
        out.push_str(before);
        if let Some(after) = from.strip_prefix('&') {
            out.push(if is_entity(after) { ENTITY } else { '&' });
            rest = after;
        } else if is_comment(from) || tag(from).is_some_and(|tag| nesting.takes(&tag)) {
            let end = from.find('>').map_or(from.len(), |end| end + 1);
            out.push_str(&from[..end]);
            rest = &from[end..];
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

/// True after the `&` of `&lt;`, `&#39;`, `&#x27;` and their like.
fn is_entity(after: &str) -> bool {
    let Some((name, _)) = after.split_once(';') else {
        return false;
    };
    match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => (1..=6).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit()),
            None => (1..=7).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()),
        },
        None => ["amp", "lt", "gt", "quot", "apos", "nbsp"].contains(&name),
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
