//! From values to text, straight into the buffer.

use chrono::NaiveDateTime;
use entity::{Cell, Map, Table, Value, python};

use crate::Fault;
use crate::escape::{self, Escape};
use crate::scalar;

/// Appends the whole answer to a call that succeeded. The result must have passed [`check`].
pub fn write_result(out: &mut String, result: &Value) {
    out.push_str("<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n");
    write_value(out, result);
    out.push_str("\n</param>\n</params>\n</methodResponse>\n");
}

/// Appends the whole answer to a call that failed. The text is not escaped as HTML.
pub fn write_fault(out: &mut String, fault: &Fault) {
    out.push_str(
        "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n\
         <member><name>faultCode</name><value><int>",
    );
    scalar::push_int(out, fault.code.into());
    out.push_str("</int></value></member>\n<member><name>faultString</name><value><string>");
    escape::push::<Plain>(out, &fault.message);
    out.push_str("</string></value></member>\n</struct></value>\n</fault>\n</methodResponse>\n");
}

/// Finds what XML-RPC cannot express: numbers beyond 32 bits.
pub(crate) fn check(value: &Value) -> Result<(), Fault> {
    if fits(value) {
        return Ok(());
    }
    let mut result = python::repr(value);
    if let Some((end, _)) = result.char_indices().nth(200) {
        result.truncate(end);
        result.push('…');
    }
    Err(Fault::unserialisable(&result, "int exceeds XML-RPC limits"))
}

fn fits(value: &Value) -> bool {
    match value {
        Value::Int(number) => i32::try_from(*number).is_ok(),
        Value::List(values) => values.iter().all(fits),
        Value::Map(map) => map.values().all(fits),
        Value::Table(table) => {
            let mut numbers = table.cells().filter_map(Cell::as_int);
            numbers.all(|number| i32::try_from(number).is_ok())
        }
        _ => true,
    }
}

/// Appends a `<value>`; texts are escaped as HTML and then as XML, names only as XML.
pub fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => write_cell(out, Cell::Null),
        Value::Bool(value) => write_cell(out, Cell::Bool(*value)),
        Value::Int(number) => write_cell(out, Cell::Int(*number)),
        Value::Text(text) => write_cell(out, Cell::Text(text)),
        Value::Time(time) => write_cell(out, Cell::Time(*time)),
        Value::Zoned(time) => write_time(out, time.naive_local()),
        Value::Span(span) => write_cell(out, Cell::Span(*span)),
        Value::Float(number) => write_float(out, *number),
        Value::Bytes(bytes) => {
            use base64::Engine as _;
            out.push_str("<value><base64>");
            base64::engine::general_purpose::STANDARD.encode_string(bytes, out);
            out.push_str("</base64></value>");
        }
        Value::List(values) => {
            out.push_str("<value><array><data>\n");
            for value in values {
                write_value(out, value);
                out.push('\n');
            }
            out.push_str("</data></array></value>");
        }
        Value::Map(map) => write_struct(out, map),
        Value::Table(table) => write_table(out, table),
    }
}

fn write_cell(out: &mut String, cell: Cell<'_>) {
    match cell {
        Cell::Null => out.push_str("<value><nil/></value>"),
        Cell::Bool(true) => out.push_str("<value><boolean>1</boolean></value>"),
        Cell::Bool(false) => out.push_str("<value><boolean>0</boolean></value>"),
        Cell::Int(number) => {
            out.push_str("<value><int>");
            scalar::push_int(out, number);
            out.push_str("</int></value>");
        }
        Cell::Span(span) => write_float(out, span.seconds()),
        Cell::Text(text) => {
            out.push_str("<value><string>");
            escape::push::<Html>(out, text);
            out.push_str("</string></value>");
        }
        Cell::Time(time) => write_time(out, time.naive_utc()),
    }
}

fn write_time(out: &mut String, time: NaiveDateTime) {
    out.push_str("<value><dateTime.iso8601>");
    scalar::push_compact_time(out, time);
    out.push_str("</dateTime.iso8601></value>");
}

fn write_struct(out: &mut String, map: &Map) {
    out.push_str("<value><struct>\n");
    for (name, value) in map {
        out.push_str("<member><name>");
        escape::push::<Plain>(out, name);
        out.push_str("</name>");
        write_value(out, value);
        out.push_str("</member>\n");
    }
    out.push_str("</struct></value>");
}

/// Names are prepared once, and stand before each cell.
fn write_table(out: &mut String, table: &Table) {
    let prepare = |name: &entity::Key| {
        let mut text = String::from("<member><name>");
        escape::push::<Plain>(&mut text, name);
        text.push_str("</name>");
        text
    };
    let names: Vec<String> = table.columns.iter().map(prepare).collect();
    out.push_str("<value><array><data>\n");
    for row in table.rows() {
        out.push_str("<value><struct>\n");
        for (name, cell) in names.iter().zip(row.cells()) {
            out.push_str(name);
            write_cell(out, cell);
            out.push_str("</member>\n");
        }
        out.push_str("</struct></value>\n");
    }
    out.push_str("</data></array></value>");
}

/// XML-RPC has no word for what is not a number.
fn write_float(out: &mut String, number: f64) {
    if number.is_finite() {
        out.push_str("<value><double>");
        scalar::push_float(out, number);
        out.push_str("</double></value>");
    } else {
        out.push_str("<value><nil/></value>");
    }
}

/// Texts that are not escaped as HTML: names, messages.
struct Plain;

impl Escape for Plain {
    fn special(byte: u8) -> bool {
        matches!(byte, b'&' | b'<' | b'>') || is_suspect(byte)
    }

    fn replacement(rest: &[u8]) -> Option<(&'static str, usize)> {
        match rest.first()? {
            b'&' => Some(("&amp;", 1)),
            b'<' => Some(("&lt;", 1)),
            b'>' => Some(("&gt;", 1)),
            _ => forbidden(rest),
        }
    }
}

/// Texts of results: HTML entities, whose ampersand is escaped again.
struct Html;

impl Escape for Html {
    fn special(byte: u8) -> bool {
        Plain::special(byte) || matches!(byte, b'"' | b'\'')
    }

    fn replacement(rest: &[u8]) -> Option<(&'static str, usize)> {
        match rest.first()? {
            b'&' => Some(("&amp;amp;", 1)),
            b'<' => Some(("&amp;lt;", 1)),
            b'>' => Some(("&amp;gt;", 1)),
            b'"' => Some(("&amp;quot;", 1)),
            b'\'' => Some(("&amp;#x27;", 1)),
            _ => forbidden(rest),
        }
    }
}

/// The beginning of what XML forbids: control characters, U+FFFE and U+FFFF.
fn is_suspect(byte: u8) -> bool {
    matches!(byte, 0..=8 | 11 | 12 | 14..0x20 | 0xef)
}

/// A carriage return stays as it is: readers make a line feed of it, as they always did with the
/// answers of the original, whose clients compare texts.
fn forbidden(rest: &[u8]) -> Option<(&'static str, usize)> {
    match rest {
        [0xef, 0xbf, 0xbe | 0xbf, ..] => Some(("\u{fffd}", 3)),
        [0xef, ..] => None,
        _ => Some(("\u{fffd}", 1)),
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
        let inner = out
            .strip_prefix("<value>")
            .and_then(|text| text.strip_suffix("</value>"));
        inner.expect("is a value").to_owned()
    }

    #[test]
    fn scalars() {
        assert_eq!(written(Value::Null), "<nil/>");
        assert_eq!(written(true), "<boolean>1</boolean>");
        assert_eq!(written(5), "<int>5</int>");
        assert_eq!(written(90.0), "<double>90.0</double>");
        assert_eq!(written(f64::INFINITY), "<nil/>");
        assert_eq!(written(Interval::from_seconds(1.5)), "<double>1.5</double>");
        assert_eq!(
            written(Value::Bytes(b"hi".to_vec())),
            "<base64>aGk=</base64>"
        );
        let time = DateTime::from_timestamp_micros(1_767_619_800_614_999).expect("is a time");
        assert_eq!(
            written(time),
            "<dateTime.iso8601>20260105T13:30:00</dateTime.iso8601>"
        );
    }

    #[test]
    fn texts_are_escaped_twice_and_names_once() {
        assert_eq!(
            written("<b>&\"'"),
            "<string>&amp;lt;b&amp;gt;&amp;amp;&amp;quot;&amp;#x27;</string>"
        );
        assert_eq!(
            written(Value::object([("<'&", Value::Null)])),
            "<struct>\n<member><name>&lt;'&amp;</name><value><nil/></value></member>\n</struct>"
        );
    }

    #[test]
    fn forbidden_characters_are_replaced_and_others_are_kept() {
        assert_eq!(
            written("a\0b\u{7}\t\r\n\u{2403}\u{fffe}\u{ffff}\u{fffd}\u{feff}"),
            "<string>a\u{fffd}b\u{fffd}\t\r\n\u{2403}\u{fffd}\u{fffd}\u{fffd}\u{feff}</string>"
        );
    }

    #[test]
    fn containers() {
        assert_eq!(
            written(Value::List(vec![1.into(), Value::List(vec![])])),
            "<array><data>\n<value><int>1</int></value>\n\
             <value><array><data>\n</data></array></value>\n</data></array>"
        );
        let mut table = Table::new(Arc::from(["id".into()]));
        table.push(Cell::Int(1));
        table.push(Cell::Int(2));
        let maps = table.to_maps().into_iter().map(Value::Map).collect();
        assert_eq!(written(table), written(Value::List(maps)));
    }

    #[test]
    fn numbers_must_fit() {
        assert_eq!(
            check(&Value::List(vec![i32::MAX.into(), i32::MIN.into()])),
            Ok(())
        );
        let fault = check(&Value::object([("id", 2_147_483_648_i64.into())]));
        assert_eq!(
            fault.expect_err("does not fit").message,
            "Unable to serialize result data: {'id': 2147483648}. Original exception: int exceeds \
             XML-RPC limits"
        );
    }

    #[test]
    fn answers() {
        let mut out = String::new();
        write_fault(&mut out, &Fault::method("<b>'"));
        insta::assert_snapshot!(out, @r#"
        <?xml version='1.0'?>
        <methodResponse>
        <fault>
        <value><struct>
        <member><name>faultCode</name><value><int>-32601</int></value></member>
        <member><name>faultString</name><value><string>Method not found: "&lt;b&gt;'"</string></value></member>
        </struct></value>
        </fault>
        </methodResponse>
        "#);
        out.clear();
        write_result(&mut out, &Value::Null);
        insta::assert_snapshot!(out, @r"
        <?xml version='1.0'?>
        <methodResponse>
        <params>
        <param>
        <value><nil/></value>
        </param>
        </params>
        </methodResponse>
        ");
    }
}
