//! The list of a run, which may have thousands of lines.
//!
//! The template engine needs about ten microseconds for a line, most of it for finding values by
//! name. `templates/test_run/row.html` is therefore cut into pieces once, may only contain the
//! names below, and is filled straight from the structs.

use std::sync::LazyLock;

use handlebars::html_escape;
use serde::{Serialize, Serializer};

use super::ExecutionRow;
use crate::rendering::embedded;

/// The row template, cut at its names: text, name, text, name, …, text.
static PIECES: LazyLock<Vec<String>> = LazyLock::new(|| {
    embedded("test_run/row.html")
        .split("{{")
        .flat_map(|piece| piece.split("}}"))
        .map(str::to_owned)
        .collect()
});

/// Serialises rows as one string of HTML.
pub(super) fn as_html<S: Serializer>(
    rows: &[ExecutionRow],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    html(rows).serialize(serializer)
}

fn html(rows: &[ExecutionRow]) -> String {
    let length: usize = PIECES.iter().map(String::len).sum();
    let mut out = String::with_capacity(rows.len() * (length + 160));
    for row in rows {
        for (index, piece) in PIECES.iter().enumerate() {
            if index.is_multiple_of(2) {
                out.push_str(piece);
            } else {
                fill(&mut out, row, piece);
            }
        }
    }
    out
}

fn fill(out: &mut String, row: &ExecutionRow, name: &str) {
    match name {
        "id" => out.push_str(&row.id.to_string()),
        "case_id" => out.push_str(&row.case_id.to_string()),
        "status_id" => out.push_str(&row.status.id.to_string()),
        "focused" => out.push_str(if row.focused { "true" } else { "false" }),
        "tone" => out.push_str(row.status.tone),
        "glyph" => out.push_str(row.status.glyph),
        "status" => escape(out, &row.status.name),
        "summary" => escape(out, &row.summary),
        "priority" => escape(out, &row.priority),
        "category" => escape(out, &row.category),
        "assignee" => escape(out, row.assignee.as_deref().unwrap_or_default()),
        "tested_by" => escape(out, row.tested_by.as_deref().unwrap_or_default()),
        // a name nobody knows is left to be seen, and found by the test below
        other => out.extend(["{{", other, "}}"]),
    }
}

fn escape(out: &mut String, text: &str) {
    if text.contains(['&', '<', '>', '"', '\'', '`', '=']) {
        out.push_str(&html_escape(text));
    } else {
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Views;
    use crate::page::gallery;

    #[test]
    fn rows_are_filled_and_escaped() {
        let views = Views::new().expect("embedded files are valid");
        let statuses = views.statuses(gallery::shipped_statuses(), "en");
        let row = ExecutionRow {
            id: 7,
            case_id: 3,
            summary: "<b>\"Pay\" & go</b>".to_owned(),
            status: statuses.get(5).cloned().expect("shipped"),
            priority: "P1".to_owned(),
            category: "a=b".to_owned(),
            assignee: None,
            tested_by: Some("ann".to_owned()),
            focused: true,
        };
        assert_eq!(
            html(&[row]),
            "<tr id=\"test-execution-7\" class=\"test-execution-7 test-execution-case-3\" \
             data-id=\"7\" data-status=\"5\" aria-current=\"true\">\
             <td><button class=\"status tone-red glyph-x-circle\" form=\"focus\" name=\"focus\" \
             value=\"7\">Failed</button></td><td class=\"ids\">TE-7/TC-3</td>\
             <th scope=\"row\"><button form=\"focus\" name=\"focus\" value=\"7\">\
             &lt;b&gt;&quot;Pay&quot; &amp; go&lt;/b&gt;</button></th><td>P1</td>\
             <td>a&#x3D;b</td><td></td><td>ann</td></tr>\n"
        );
    }
}
