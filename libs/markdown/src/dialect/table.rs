//! Rows of tables.

/// Whether a table begins with two lines.
pub(super) fn begins(head: &str, delimiters: Option<&str>) -> bool {
    let delimiters = delimiters.filter(|line| is_delimiters(line));
    head.contains('|') && delimiters.is_some_and(|line| cells(line) == cells(&row(head)))
}

fn cells(row: &str) -> usize {
    let row = row.trim_matches(' ');
    let row = row.strip_prefix('|').unwrap_or(row);
    let row = row.strip_suffix('|').unwrap_or(row);
    row.matches('|').count() - row.matches("\\|").count() + 1
}

/// Whether a line may stand between the head of a table and its rows.
pub(super) fn is_delimiters(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| matches!(c, '|' | ':' | '-' | ' '))
}

/// A row that begins with a bar, and in which no bar inside of backticks parts cells.
pub(super) fn row(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 1);
    out.push('|');
    let mut rest = line.strip_prefix('|').unwrap_or(line);
    while let Some(start) = rest.find('`') {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let ticks = from.len() - from.trim_start_matches('`').len();
        let code = if before.ends_with('\\') {
            None
        } else {
            code_length(from, ticks)
        };
        let (piece, after) = from.split_at(code.unwrap_or(ticks));
        if code.is_some() {
            out.push_str(&piece.replace('|', "\\|"));
        } else {
            out.push_str(piece);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Length of the code that a text begins with, up to as many backticks as open it.
fn code_length(text: &str, ticks: usize) -> Option<usize> {
    let mut at = ticks;
    while let Some(found) = text[at..].find('`') {
        at += found;
        let run = text[at..].len() - text[at..].trim_start_matches('`').len();
        at += run;
        if run == ticks {
            return Some(at);
        }
    }
    None
}
