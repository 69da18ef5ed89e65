//! Code blocks with the classes that the style sheets of clients know.

mod languages;

use pulldown_cmark::CodeBlockKind;

use crate::writer::escape;
use languages::Language;

/// The language of a code block in lower case; empty when none is given.
pub(crate) fn language(kind: &CodeBlockKind<'_>) -> String {
    let CodeBlockKind::Fenced(info) = kind else {
        return String::new();
    };
    let word = info
        .split([' ', ',', '{', '}'])
        .find(|word| !word.is_empty());
    let word = word.unwrap_or_default();
    word.trim_start_matches('.').to_lowercase()
}

/// The content of a code block as HTML; a language that is not known is plain text.
pub(crate) fn highlight(language: &str, content: &str) -> String {
    let content = content.trim_matches('\n');
    let mut out = String::with_capacity(content.len() * 2);
    if matches!(language, "diff" | "udiff" | "patch") {
        for line in content.lines() {
            token(&mut out, difference(line), line);
            out.push('\n');
        }
        return out;
    }
    match languages::find(language) {
        Some(known) => tokens(&mut out, known, content),
        None => escape(&mut out, content),
    }
    out.push('\n');
    out
}

/// The class of a line of a difference.
fn difference(line: &str) -> &'static str {
    match line.bytes().next() {
        Some(b'+') => "gi",
        Some(b'-') => "gd",
        Some(b'@') => "gu",
        Some(b'!') => "gs",
        _ if line.starts_with("diff ") || line.starts_with("Index") => "gh",
        _ => "",
    }
}

fn token(out: &mut String, class: &str, text: &str) {
    if class.is_empty() {
        escape(out, text);
    } else {
        out.push_str("<span class=\"");
        out.push_str(class);
        out.push_str("\">");
        escape(out, text);
        out.push_str("</span>");
    }
}

fn tokens(out: &mut String, language: &Language, content: &str) {
    let mut rest = content;
    while let Some(first) = rest.chars().next() {
        let (class, length) = next(language, rest, first);
        let (text, after) = rest.split_at(length);
        token(out, class, text);
        rest = after;
    }
}

/// Class and length of the token at the beginning.
fn next(language: &Language, rest: &str, first: char) -> (&'static str, usize) {
    let span = |accepts: fn(char) -> bool| rest.find(|c| !accepts(c)).unwrap_or(rest.len());
    if first.is_whitespace() {
        return ("", span(char::is_whitespace));
    }
    if language
        .line_comments
        .iter()
        .any(|mark| rest.starts_with(mark))
    {
        return ("c1", rest.find('\n').unwrap_or(rest.len()));
    }
    if language.block_comments && rest.starts_with("/*") {
        let end = rest.find("*/").map_or(rest.len(), |end| end + 2);
        return ("cm", end);
    }
    match first {
        '"' => ("s2", quoted(rest, '"')),
        '\'' => ("s1", quoted(rest, '\'')),
        '`' if language.backticks => ("sb", quoted(rest, '`')),
        '0'..='9' => {
            let length = span(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_'));
            let class = if rest[..length].contains('.') {
                "mf"
            } else {
                "mi"
            };
            (class, length)
        }
        _ if first.is_alphabetic() || first == '_' => {
            let length = span(|c| c.is_alphanumeric() || c == '_');
            (language.class_of(&rest[..length]), length)
        }
        '(' | ')' | '[' | ']' | '{' | '}' | ',' | ';' | ':' => ("p", 1),
        _ if first.is_ascii_punctuation() => ("o", 1),
        other => ("", other.len_utf8()),
    }
}

/// Length of a text between quotes; one that is not closed ends with its line.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '\n' if quote != '`' => return at,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return at + quote.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_named_in_several_ways() {
        for (info, name) in [
            ("python", "python"),
            ("Python title=x", "python"),
            ("{.python}", "python"),
            ("{ .python .x }", "python"),
            ("", ""),
        ] {
            assert_eq!(
                language(&CodeBlockKind::Fenced(info.into())),
                name,
                "{info}"
            );
        }
        assert_eq!(language(&CodeBlockKind::Indented), "");
    }

    #[test]
    fn tokens_have_their_classes_and_lose_nothing() {
        let html = highlight(
            "js",
            "const a = \"x\\\"\"; // done\n/* b */ f(`1\n`, 2.5)\n\n",
        );
        assert_eq!(
            html,
            "<span class=\"k\">const</span> <span class=\"n\">a</span> <span class=\"o\">=</span> \
             <span class=\"s2\">\"x\\\"\"</span><span class=\"p\">;</span> \
             <span class=\"c1\">// done</span>\n<span class=\"cm\">/* b */</span> \
             <span class=\"n\">f</span><span class=\"p\">(</span><span class=\"sb\">`1\n`</span>\
             <span class=\"p\">,</span> <span class=\"mf\">2.5</span><span class=\"p\">)</span>\n"
        );
        assert_eq!(highlight("nothing", "<b> & c"), "&lt;b&gt; &amp; c\n");
        assert_eq!(highlight("", "\n a \n\n"), " a \n");
        assert_eq!(highlight("", ""), "\n");
    }
}
