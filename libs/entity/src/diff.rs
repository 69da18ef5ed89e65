//! What changed between two states of a row, as a unified diff per column.

mod blocks;

use similar::DiffTag;

use crate::{Entity, Kind, Value, python};

/// The reason of a history record: one unified diff for each column that differs, in the order of
/// the columns; empty if nothing differs.
///
/// Values are printed as people read them, text goes through `sanitise` first.
pub fn reason<E: Entity>(old: &E, new: &E, sanitise: fn(&str) -> String) -> String {
    let mut parts = vec![];
    for (index, field) in E::META.fields.iter().enumerate() {
        let (before, after) = (old.value(index), new.value(index));
        if before != after {
            let print = |value: &Value| match (field.kind, value) {
                (Kind::Text, Value::Text(text)) => sanitise(text),
                (_, value) => python::text(value),
            };
            parts.extend(unified(field.column, &print(&before), &print(&after)));
        }
    }
    parts.join("\n")
}

/// A unified diff with three lines of context and without a line break at its end; nothing if the
/// texts are equal.
fn unified(name: &str, old: &str, new: &str) -> Option<String> {
    let (old, new): (Vec<_>, Vec<_>) = (old.split('\n').collect(), new.split('\n').collect());
    let mut lines = vec![];
    for group in similar::group_diff_ops(blocks::changes(&old, &new), 3) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            continue;
        };
        if lines.is_empty() {
            lines.push(format!("--- {name}"));
            lines.push(format!("+++ {name}"));
        }
        lines.push(format!(
            "@@ -{} +{} @@",
            span(first.old_range().start, last.old_range().end),
            span(first.new_range().start, last.new_range().end),
        ));
        for operation in group {
            let (removed, added) = (&old[operation.old_range()], &new[operation.new_range()]);
            if operation.tag() == DiffTag::Equal {
                lines.extend(removed.iter().map(|line| format!(" {line}")));
            } else {
                lines.extend(removed.iter().map(|line| format!("-{line}")));
                lines.extend(added.iter().map(|line| format!("+{line}")));
            }
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A range of lines in a hunk header; the length 1 is left out.
fn span(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => (start + 1).to_string(),
        length => format!("{},{length}", start + 1),
    }
}
