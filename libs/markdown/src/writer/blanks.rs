//! Blanks at the ends and the beginnings of lines, which are kept.

/// The blanks at the end of a line that go on from a place in the source.
pub(super) fn trailing(source: &str, at: usize) -> &str {
    let line = source[at..].lines().next().unwrap_or_default();
    if line.bytes().all(|byte| byte == b' ') {
        line
    } else {
        ""
    }
}

/// The blanks around a line break: at the end of its line, and at the beginning of the next one
/// behind the marks of quotes.
pub(super) fn around(source: &str, at: usize, quotes: usize) -> (&str, &str) {
    let newline = source[at..]
        .find('\n')
        .map_or(source.len(), |found| at + found);
    let line = &source[..newline];
    let before = &line[line.trim_end_matches(' ').len()..];
    let next = without_quotes(source.get(newline + 1..).unwrap_or_default(), quotes);
    let after = &next[..next.len() - next.trim_start_matches(' ').len()];
    (before, after)
}

/// A line without the marks of the quotes that it is in.
pub(super) fn without_quotes(line: &str, quotes: usize) -> &str {
    let mut line = line;
    for _ in 0..quotes {
        let Some(inner) = line.trim_start_matches(' ').strip_prefix("> ") else {
            break;
        };
        line = inner;
    }
    line
}
