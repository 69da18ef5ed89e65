//! From values to text, straight into the buffer.

use entity::{Cell, Table, Value};

use crate::Fault;
use crate::escape::{self, Escape};
use crate::scalar;

use super::Id;

/// Appends the answer to a call that succeeded.
pub fn write_result(out: &mut String, id: &Id, result: &Value) {
    write_head(out, id);
    out.push_str("\"result\":");
    write_value(out, result);
    out.push('}');
}

/// Appends the answer to a call that failed. The text is not escaped as HTML.
pub fn write_fault(out: &mut String, id: &Id, fault: &Fault) {
    write_head(out, id);
    out.push_str("\"error\":{\"code\":");
    scalar::push_int(out, fault.code.into());
    out.push_str(",\"message\":");
    push_quoted::<Plain>(out, &fault.message);
    out.push_str("}}");
}

fn write_head(out: &mut String, id: &Id) {
    out.push_str("{\"id\":");
    match id {
        Id::Null => out.push_str("null"),
        Id::Int(number) => scalar::push_int(out, *number),
        Id::Large(number) => out.push_str(itoa::Buffer::new().format(*number)),
        Id::Float(number) => scalar::push_float(out, *number),
        Id::Text(text) => push_quoted::<Plain>(out, text),
    }
    out.push_str(",\"jsonrpc\":\"2.0\",");
}

/// Appends a value; texts are escaped as HTML, names are not.
pub fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => write_cell(out, Cell::Null),
        Value::Bool(value) => write_cell(out, Cell::Bool(*value)),
        Value::Int(number) => write_cell(out, Cell::Int(*number)),
        Value::Text(text) => write_cell(out, Cell::Text(text)),
        Value::Time(time) => write_cell(out, Cell::Time(*time)),
        Value::Zoned(time) => {
            out.push('"');
            scalar::push_iso_time(out, time.naive_local());
            scalar::push_zone(out, *time.offset());
            out.push('"');
        }
        Value::Span(span) => write_cell(out, Cell::Span(*span)),
        Value::Float(number) => push_float(out, *number),
        Value::Bytes(bytes) => push_bytes(out, bytes),
        Value::List(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, value);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (name, value)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                push_quoted::<Plain>(out, name);
                out.push(':');
                write_value(out, value);
            }
            out.push('}');
        }
        Value::Table(table) => write_table(out, table),
    }
}

fn write_cell(out: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Null => out.push_str("null"),
        Cell::Bool(true) => out.push_str("true"),
        Cell::Bool(false) => out.push_str("false"),
        Cell::Int(number) => scalar::push_int(out, number),
        Cell::Span(span) => push_float(out, span.seconds()),
        Cell::Text(text) => push_quoted::<Html>(out, text),
        Cell::Time(time) => {
            out.push('"');
            scalar::push_iso_time(out, time.naive_utc());
            out.push('"');
        }
    }
}

/// Names are prepared once, and stand before each cell.
fn write_table(out: &mut String, table: &Table) {
    let prepare = |(index, name): (usize, &entity::Key)| {
        let mut text = String::from(if index == 0 { "{" } else { "," });
        push_quoted::<Plain>(&mut text, name);
        text.push(':');
        text
    };
    let names: Vec<String> = table.columns.iter().enumerate().map(prepare).collect();
    out.push('[');
    for (index, row) in table.rows().enumerate() {
        if index > 0 {
            out.push(',');
        }
        for (name, cell) in names.iter().zip(row.cells()) {
            out.push_str(name);
            write_cell(out, cell);
        }
        out.push('}');
    }
    out.push(']');
}

/// JSON has no word for what is not a number.
fn push_float(out: &mut String, number: f64) {
    if number.is_finite() {
        scalar::push_float(out, number);
    } else {
        out.push_str("null");
    }
}

fn push_bytes(out: &mut String, bytes: &[u8]) {
    use base64::Engine as _;
    out.push('"');
    base64::engine::general_purpose::STANDARD.encode_string(bytes, out);
    out.push('"');
}

fn push_quoted<E: Escape>(out: &mut String, text: &str) {
    out.push('"');
    escape::push::<E>(out, text);
    out.push('"');
}

/// Texts that are not escaped as HTML: names, ids, messages.
struct Plain;

impl Escape for Plain {
    fn special(byte: u8) -> bool {
        escape::any_of(byte, b"\"\\") || byte < 0x20
    }

    fn replacement(rest: &[u8]) -> Option<(&'static str, usize)> {
        let text = match rest.first()? {
            b'"' => "\\\"",
            other => control_or_backslash(*other)?,
        };
        Some((text, 1))
    }
}

/// Texts of results.
struct Html;

impl Escape for Html {
    fn special(byte: u8) -> bool {
        escape::any_of(byte, b"\"\\&'<>") || byte < 0x20
    }

    fn replacement(rest: &[u8]) -> Option<(&'static str, usize)> {
        let text = match rest.first()? {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#x27;",
            other => control_or_backslash(*other)?,
        };
        Some((text, 1))
    }
}

fn control_or_backslash(byte: u8) -> Option<&'static str> {
    const CONTROLS: [&str; 32] = [
        "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006", "\\u0007",
        "\\b", "\\t", "\\n", "\\u000b", "\\f", "\\r", "\\u000e", "\\u000f", "\\u0010", "\\u0011",
        "\\u0012", "\\u0013", "\\u0014", "\\u0015", "\\u0016", "\\u0017", "\\u0018", "\\u0019",
        "\\u001a", "\\u001b", "\\u001c", "\\u001d", "\\u001e", "\\u001f",
    ];
    if byte == b'\\' {
        Some("\\\\")
    } else {
        CONTROLS.get(usize::from(byte)).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use entity::Interval;

    use super::*;

    fn written(value: impl Into<Value>) -> String {
        let mut out = String::new();
        write_value(&mut out, &value.into());
        out
    }

    #[test]
    fn scalars() {
        assert_eq!(written(Value::Null), "null");
        assert_eq!(written(true), "true");
        assert_eq!(written(i64::MIN), "-9223372036854775808");
        assert_eq!(written(90.0), "90.0");
        assert_eq!(written(f64::NAN), "null");
        assert_eq!(written(Interval::from_seconds(0.5)), "0.5");
        assert_eq!(written(Interval::from_seconds(-3600.0)), "-3600.0");
        assert_eq!(written(Value::Bytes(vec![104, 105])), "\"aGk=\"");
        let time = DateTime::from_timestamp_micros(1_767_619_800_614_999).expect("is a time");
        assert_eq!(written(time), "\"2026-01-05T13:30:00.614\"");
    }

    #[test]
    fn texts_are_escaped_as_html_and_names_are_not() {
        assert_eq!(
            written("<b>&\"' &lt; / ` \\ \n\u{7}\u{2403}ü"),
            r#""&lt;b&gt;&amp;&quot;&#x27; &amp;lt; / ` \\ \n\u0007␃ü""#
        );
        assert_eq!(
            written(Value::object([("<\"'>", "<".into())])),
            r#"{"<\"'>":"&lt;"}"#
        );
        let long = format!("{}<{}", "a".repeat(100), "b".repeat(100));
        assert_eq!(
            written(long.as_str()),
            format!("\"{}\"", long.replace('<', "&lt;"))
        );
    }

    #[test]
    fn containers() {
        let list = Value::List(vec![1.into(), Value::List(vec![]), Value::object([])]);
        assert_eq!(written(list), "[1,[],{}]");
        let mut table = Table::new(Arc::from(["id".into(), "name".into()]));
        for cell in [Cell::Int(1), Cell::Text("a"), Cell::Int(2), Cell::Null] {
            table.push(cell);
        }
        assert_eq!(
            written(table),
            r#"[{"id":1,"name":"a"},{"id":2,"name":null}]"#
        );
        let empty = Table::new(Arc::from(["id".into()]));
        assert_eq!(written(empty), "[]");
    }

    #[test]
    fn answers() {
        let mut out = String::new();
        write_result(&mut out, &Id::Text("<a\"ü>".to_owned()), &Value::Null);
        write_fault(&mut out, &Id::Float(1.5), &Fault::method("<b>"));
        assert_eq!(
            out,
            r#"{"id":"<a\"ü>","jsonrpc":"2.0","result":null}{"id":1.5,"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found: \"<b>\""}}"#
        );
    }
}
