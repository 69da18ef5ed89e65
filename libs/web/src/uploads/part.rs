//! Which part of a file a client asks for.

use std::ops::Range;

/// The part as it was asked for; it may lie beyond the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// From one offset to another, both included, or to the end.
    From(u64, Option<u64>),
    /// The last bytes.
    Last(u64),
}

/// Reads `Range`; `None` for several parts and for what is not understood, which means: all.
pub(super) fn parse(header: &str) -> Option<Asked> {
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

impl Asked {
    /// What there is of it in a file of this size; `None` if nothing.
    pub(super) fn within(self, size: u64) -> Option<Range<u64>> {
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
