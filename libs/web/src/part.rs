//! Which part of a file a client asks for.

use std::ops::Range;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};

/// The part as it was asked for; it may lie beyond the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// From one offset to another, both included, or to the end.
    From(u64, Option<u64>),
    /// The last bytes.
    Last(u64),
}

/// Reads `Range`; `None` for several parts and for what is not understood, which means: all.
fn parse(header: &str) -> Option<Asked> {
    let (first, last) = header.strip_prefix("bytes=")?.trim().split_once('-')?;
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u64>().ok()).flatten()
    };
    match (first, last) {
        ("", last) => number(last).map(Asked::Last),
        (first, "") => number(first).map(|first| Asked::From(first, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Asked::From(first, Some(last)))
        }
    }
}

/// The part that a request with these headers asks for of what has this tag; `None` means: all.
pub(crate) fn asked(headers: &HeaderMap, etag: &str) -> Option<Asked> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let range = text(header::RANGE)?;
    let is_same = text(header::IF_RANGE).is_none_or(|known| known == etag);
    is_same.then(|| parse(range)).flatten()
}

/// The head of an answer with a part; the answer itself when there is nothing of it.
pub(crate) fn head(range: Option<&Range<u64>>, size: u64) -> Response {
    let (status, value) = match range {
        Some(range) => {
            let (first, last) = (range.start, range.end - 1);
            (
                StatusCode::PARTIAL_CONTENT,
                format!("bytes {first}-{last}/{size}"),
            )
        }
        None => (StatusCode::RANGE_NOT_SATISFIABLE, format!("bytes */{size}")),
    };
    (status, [(header::CONTENT_RANGE, value)]).into_response()
}

impl Asked {
    /// What there is of it in a file of this size; `None` if nothing.
    pub(crate) fn within(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::From(first, last) => {
                first..last.map_or(size, |last| last.saturating_add(1).min(size))
            }
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_and_cut_to_the_file() {
        for (header, range) in [
            ("bytes=0-3", Some(0..4)),
            ("bytes=5-", Some(5..10)),
            ("bytes=5-18446744073709551615", Some(5..10)),
            ("bytes=-3", Some(7..10)),
            ("bytes=-30", Some(0..10)),
            ("bytes=10-", None),
            ("bytes=-0", None),
        ] {
            let asked = parse(header).expect("understood");
            assert_eq!(asked.within(10), range, "{header}");
        }
        for header in [
            "",
            "bytes=",
            "bytes=-",
            "bytes=3-1",
            "bytes=0-1,3-4",
            "items=0-1",
            "bytes=+1-2",
        ] {
            assert_eq!(parse(header), None, "{header}");
        }
    }
}
