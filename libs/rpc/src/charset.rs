//! Character sets of request bodies. Answers are always UTF-8.

use std::borrow::Cow;

use encoding_rs::Encoding;

/// The character set that the content type of a request names; UTF-8 without one, or with one that
/// nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Charset(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Utf8,
    Latin1,
    Other(&'static Encoding),
}

impl Charset {
    /// The character set with this name.
    pub fn of_name(name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        Self(match name.as_str() {
            "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => Kind::Latin1,
            "utf-16" => Kind::Other(encoding_rs::UTF_16LE),
            // ASCII is a part of UTF-8, and the rest of a body that claims it is worth reading
            "ascii" | "us-ascii" => Kind::Utf8,
            other => match Encoding::for_label_no_replacement(other.as_bytes()) {
                Some(encoding) if encoding != encoding_rs::UTF_8 => Kind::Other(encoding),
                _ => Kind::Utf8,
            },
        })
    }

    /// The body as text, or the reason why it is none.
    pub(crate) fn decode(self, body: &[u8]) -> Result<Cow<'_, str>, String> {
        match self.0 {
            Kind::Utf8 => match std::str::from_utf8(body) {
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(error) => {
                    let position = error.valid_up_to();
                    Err(format!("the body is not valid UTF-8 at byte {position}"))
                }
            },
            Kind::Latin1 => Ok(encoding_rs::mem::decode_latin1(body)),
            Kind::Other(encoding) => {
                let (encoding, skip) = match Encoding::for_bom(body) {
                    Some((found, length)) if is_utf_16(encoding) => (found, length),
                    _ => (encoding, 0),
                };
                let body = body.get(skip..).unwrap_or_default();
                let text = encoding.decode_without_bom_handling_and_without_replacement(body);
                text.ok_or_else(|| format!("the body is not valid {}", encoding.name()))
            }
        }
    }
}

fn is_utf_16(encoding: &'static Encoding) -> bool {
    encoding == encoding_rs::UTF_16LE || encoding == encoding_rs::UTF_16BE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(name: &str, body: &[u8]) -> Result<String, String> {
        Charset::of_name(name).decode(body).map(Cow::into_owned)
    }

    #[test]
    fn known_names() {
        assert_eq!(decode("utf-8", "ü".as_bytes()), Ok("ü".to_owned()));
        assert_eq!(decode("Latin-1", b"\xfc\x85"), Ok("ü\u{85}".to_owned()));
        assert_eq!(decode("ISO-8859-1", b"\xfc"), Ok("ü".to_owned()));
        assert_eq!(decode("windows-1252", b"\x80"), Ok("€".to_owned()));
        assert_eq!(decode("utf-16", b"\xff\xfea\0"), Ok("a".to_owned()));
        assert_eq!(decode("utf-16", b"\xfe\xff\0a"), Ok("a".to_owned()));
        assert_eq!(decode("utf-16le", b"a\0"), Ok("a".to_owned()));
        assert_eq!(decode("ascii", b"a"), Ok("a".to_owned()));
        assert_eq!(decode("no-such-thing", b"a"), Ok("a".to_owned()));
    }

    #[test]
    fn wrong_bodies_are_refused() {
        assert_eq!(
            decode("utf-8", b"ab\xff"),
            Err("the body is not valid UTF-8 at byte 2".into())
        );
        assert_eq!(
            decode("utf-16", b"a"),
            Err("the body is not valid UTF-16LE".into())
        );
    }
}
