//! JSON as HTML: indented, with its parts marked for colours.

use std::fmt::Write as _;

use serde_json::Value;

use crate::SafeHtml;

/// Characters up to which something stays on one line.
const LINE: usize = 56;

impl SafeHtml {
    /// JSON for people: short things on one line, everything escaped.
    pub fn from_json(value: &Value) -> Self {
        let mut html = String::new();
        write(&mut html, value, 0);
        Self::trusted(html)
    }
}

fn write(html: &mut String, value: &Value, depth: usize) {
    let is_short = value.to_string().len() + 2 * depth <= LINE;
    match value {
        Value::Array(items) if !items.is_empty() => {
            let parts = items.iter().map(|item| (None, item));
            block(html, ['[', ']'], parts, is_short, depth);
        }
        Value::Object(members) if !members.is_empty() => {
            let parts = members.iter().map(|(name, item)| (Some(name), item));
            block(html, ['{', '}'], parts, is_short, depth);
        }
        Value::String(text) => mark(html, "string", &Value::from(text.as_str()).to_string()),
        Value::Number(_) => mark(html, "number", &value.to_string()),
        Value::Bool(_) | Value::Null => mark(html, "word", &value.to_string()),
        Value::Array(_) | Value::Object(_) => html.push_str(&value.to_string()),
    }
}

fn block<'v>(
    html: &mut String,
    [open, close]: [char; 2],
    parts: impl Iterator<Item = (Option<&'v String>, &'v Value)>,
    is_short: bool,
    depth: usize,
) {
    html.push(open);
    for (index, (name, value)) in parts.enumerate() {
        if index > 0 {
            html.push_str(if is_short { ", " } else { "," });
        }
        line(html, is_short, depth + 1);
        if let Some(name) = name {
            mark(html, "key", &Value::from(name.as_str()).to_string());
            html.push_str(": ");
        }
        write(html, value, depth + 1);
    }
    line(html, is_short, depth);
    html.push(close);
}

fn line(html: &mut String, is_short: bool, depth: usize) {
    if !is_short {
        html.push('\n');
        html.extend(std::iter::repeat_n("  ", depth));
    }
}

fn mark(html: &mut String, kind: &str, text: &str) {
    let _ = write!(html, "<span class=\"code-{kind}\">");
    for character in text.chars() {
        match character {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
    }
    html.push_str("</span>");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn html(value: &Value) -> String {
        serde_json::to_value(SafeHtml::from_json(value))
            .ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    #[test]
    fn short_things_stay_on_a_line_and_markup_is_text() {
        assert_eq!(
            html(&json!({"a": [1, null]})),
            "{<span class=\"code-key\">&quot;a&quot;</span>: [<span class=\"code-number\">1</span>, \
             <span class=\"code-word\">null</span>]}"
        );
        assert_eq!(html(&json!([])), "[]");
        assert!(html(&json!("</script><b>")).contains("&lt;/script&gt;&lt;b&gt;"));
    }

    #[test]
    fn long_things_are_indented() {
        let long = "x".repeat(60);
        let text = html(&json!({"a": [long], "b": 1}));
        let indents: Vec<usize> = text
            .lines()
            .map(|line| line.len() - line.trim_start().len())
            .collect();
        assert_eq!(indents, [0, 2, 4, 2, 2, 0]);
    }
}
