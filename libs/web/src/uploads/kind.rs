//! What a file is, by its first bytes alone.

/// What a file is, as far as its delivery depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A picture of pixels, which cannot hold a script.
    Picture(&'static str),
    /// Text of any sort.
    Text,
    /// Anything else; to be saved rather than shown.
    Other,
}

impl Kind {
    /// The value of `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Picture(kind) => kind,
            Self::Text | Self::Other => "text/plain",
        }
    }

    /// How `Content-Disposition` begins.
    pub(super) fn disposition(self) -> &'static str {
        match self {
            Self::Picture(_) | Self::Text => "inline",
            Self::Other => "attachment",
        }
    }
}

/// Looks at the beginning of a file.
pub(super) fn of(first: &[u8]) -> Kind {
    match first {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Kind::Picture("image/png"),
        [0xff, 0xd8, 0xff, ..] => Kind::Picture("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Kind::Picture("image/gif"),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Kind::Picture("image/webp"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Kind::Text,
        _ if first.iter().take(512).copied().any(is_binary) => Kind::Other,
        _ => Kind::Text,
    }
}

/// Whether a byte does not occur in text; those of the MIME sniffing standard.
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_decide() {
        for (first, kind) in [
            (&b"\x89PNG\r\n\x1a\n\0"[..], Kind::Picture("image/png")),
            (b"\xff\xd8\xff\xe0", Kind::Picture("image/jpeg")),
            (b"GIF89a", Kind::Picture("image/gif")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Kind::Picture("image/webp")),
            (b"<svg onload=1>", Kind::Text),
            (b"\x1b[31mred", Kind::Text),
            ("ünï".as_bytes(), Kind::Text),
            (b"\xff\xfea\0", Kind::Text),
            (b"PK\x03\x04", Kind::Other),
            (b"", Kind::Text),
        ] {
            assert_eq!(of(first), kind, "{first:?}");
        }
    }
}
