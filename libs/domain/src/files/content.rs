//! What a file may contain (spec 01 §7.4).
//!
//! The whole content is searched as one piece. What slips through is still served in a way that
//! runs nothing; these checks keep it from being stored at all.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

const EXECUTABLE: &str = "Uploading executable files is forbidden";

const EXECUTABLE_TYPES: [&str; 4] = [
    "application/vnd.microsoft.portable-executable",
    "application/x-dosexec",
    "application/x-ms-dos-executable",
    "application/x-msdownload",
];

/// First bytes of programs of Windows and of Linux.
const EXECUTABLE_STARTS: [&[u8]; 2] = [b"MZ", b"\x7fELF"];

/// Extensions of files that browsers read as markup.
const MARKUP: [&str; 9] = [
    "htm", "html", "shtml", "svg", "svgz", "xht", "xhtml", "xml", "xsl",
];

/// Forbidden behind `<`; of several, the first one here is reported.
const TAGS: &[&str] = &[
    "applet", "audio", "bgsound", "body", "canvas", "embed", "frame", "frameset", "head", "html",
    "iframe", "link", "meta", "object", "param", "source", "script", "ruby", "rt", "title",
    "track", "video", "xmp",
];

/// Forbidden behind a boundary; of several, the first one here is reported.
const ATTRIBUTES: &[&str] = &[
    "onabort",
    "onafterprint",
    "onbeforeprint",
    "onbeforeunload",
    "onblur",
    "oncanplay",
    "oncanplaythrough",
    "onchange",
    "onclick",
    "oncontextmenu",
    "oncopy",
    "oncuechange",
    "oncut",
    "ondblclick",
    "ondrag",
    "ondragend",
    "ondragenter",
    "ondragleave",
    "ondragover",
    "ondragstart",
    "ondrop",
    "ondurationchange",
    "onemptied",
    "onended",
    "onerror",
    "onfocus",
    "onhashchange",
    "oninput",
    "oninvalid",
    "onkeydown",
    "onkeypress",
    "onkeyup",
    "onload",
    "onloadeddata",
    "onloadedmetadata",
    "onloadstart",
    "onmessage",
    "onmousedown",
    "onmousemove",
    "onmouseout",
    "onmouseover",
    "onmouseup",
    "onmousewheel",
    "onoffline",
    "ononline",
    "onpagehide",
    "onpageshow",
    "onpaste",
    "onpause",
    "onplay",
    "onplaying",
    "onpopstate",
    "onprogress",
    "onratechange",
    "onreset",
    "onresize",
    "onscroll",
    "onsearch",
    "onseeked",
    "onseeking",
    "onselect",
    "onstalled",
    "onstorage",
    "onsubmit",
    "onsuspend",
    "ontimeupdate",
    "ontoggle",
    "onunload",
    "onvolumechange",
    "onwaiting",
    "onwheel",
    "data:",
    "javascript:",
];

static TAG: LazyLock<AhoCorasick> =
    LazyLock::new(|| matcher(TAGS.iter().map(|name| format!("<{name}"))));
static ATTRIBUTE: LazyLock<AhoCorasick> = LazyLock::new(|| matcher(ATTRIBUTES));

/// At one place the pattern that is named first counts, so `<frameset` is `<frame`.
fn matcher(patterns: impl IntoIterator<Item = impl AsRef<[u8]>>) -> AhoCorasick {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::LeftmostFirst)
        .build(patterns)
        .expect("about a hundred short patterns fit any automaton")
}

/// Checks the name, the declared type and the content of a file; the error is the message for the
/// person who sent it.
pub fn check(name: &str, declared: Option<&str>, content: &[u8]) -> Result<(), String> {
    if is_executable(name, declared, content) {
        return Err(EXECUTABLE.to_owned());
    }
    check_text(name, content)?;
    // whoever reads it may believe the mark or not
    utf16(content).map_or(Ok(()), |text| check_text(name, text.as_bytes()))
}

fn check_text(name: &str, text: &[u8]) -> Result<(), String> {
    if let Some(tag) = first_tag(text) {
        return Err(format!("File contains forbidden tag: <{tag}>"));
    }
    if let Some(attribute) = first_attribute(text, is_markup(name, text)) {
        return Err(format!("File contains forbidden attribute: `{attribute}`"));
    }
    Ok(())
}

fn is_executable(name: &str, declared: Option<&str>, content: &[u8]) -> bool {
    name.to_ascii_lowercase().contains(".exe")
        || declared.is_some_and(|declared| {
            let declared = declared.split(';').next().unwrap_or_default().trim();
            EXECUTABLE_TYPES
                .iter()
                .any(|kind| kind.eq_ignore_ascii_case(declared))
        })
        || EXECUTABLE_STARTS
            .iter()
            .any(|start| content.starts_with(start))
}

/// The text of a file that is marked as UTF-16.
fn utf16(content: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match content {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = content[2..]
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]));
    let characters = char::decode_utf16(units);
    Some(
        characters
            .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

/// Whether browsers read it as markup: by its name, or because it begins like that.
fn is_markup(name: &str, text: &[u8]) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let by_name = extension.is_some_and(|extension| {
        MARKUP
            .iter()
            .any(|known| known.eq_ignore_ascii_case(extension))
    });
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let begins_like_it = matches!(
        text.trim_ascii_start(),
        [b'<', b'!' | b'?' | b'a'..=b'z' | b'A'..=b'Z', ..]
    );
    by_name || begins_like_it
}

fn first_tag(text: &[u8]) -> Option<&'static str> {
    let found = TAG.find_iter(text).map(|found| found.pattern().as_usize());
    found.min().map(|index| TAGS[index])
}

/// In markup everything that cannot be part of a name is a boundary, and so is the beginning; in
/// other files only a blank, a tab and a line feed are, so that ordinary text passes.
fn first_attribute(text: &[u8], is_markup: bool) -> Option<&'static str> {
    let is_boundary = |before: Option<&u8>| match before {
        None => is_markup,
        Some(b' ' | b'\t' | b'\n') => true,
        Some(byte) => is_markup && !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')),
    };
    let found = ATTRIBUTE.find_iter(text).filter(|found| {
        let before = found.start().checked_sub(1);
        is_boundary(before.and_then(|before| text.get(before)))
    });
    let found = found.map(|found| found.pattern().as_usize());
    found.min().map(|index| ATTRIBUTES[index])
}

#[cfg(test)]
mod tests;
