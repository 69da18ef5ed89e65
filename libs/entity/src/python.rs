//! Values as the original server prints them inside messages.

use std::fmt::Write as _;

use chrono::{DateTime, Timelike as _, Utc};

use crate::Value;

/// The text form of a value: `5`, `True`, `None`, `['a']`.
pub fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Time(time) if time.nanosecond() == 0 => time.format("%Y-%m-%d %H:%M:%S").to_string(),
        Value::Time(time) => time.format("%Y-%m-%d %H:%M:%S%.6f").to_string(),
        other => repr(other),
    }
}

/// The representation of a value: like [`text`], but with texts in quotes.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Text(text) => quote(text),
        Value::Bytes(bytes) => format!("b{}", quote(&String::from_utf8_lossy(bytes))),
        Value::Time(time) => moment(time),
        Value::Zoned(time) => moment(&time.to_utc()),
        Value::Span(span) => span.to_string(),
        Value::List(values) => list(values.iter()),
        Value::Map(map) => {
            let pair =
                |(name, value): (&crate::Key, &Value)| format!("{}: {}", quote(name), repr(value));
            format!(
                "{{{}}}",
                map.iter().map(pair).collect::<Vec<_>>().join(", ")
            )
        }
        Value::Table(table) => {
            let rows: Vec<_> = table.to_maps().into_iter().map(Value::Map).collect();
            list(rows.iter())
        }
    }
}

fn moment(time: &DateTime<Utc>) -> String {
    let mut text = time
        .format("datetime.datetime(%Y, %-m, %-d, %-H, %-M")
        .to_string();
    let (second, micros) = (time.second(), time.nanosecond() / 1000);
    if second > 0 || micros > 0 {
        let _ = write!(text, ", {second}");
    }
    if micros > 0 {
        let _ = write!(text, ", {micros}");
    }
    text.push(')');
    text
}

/// True unless the value is null, false, zero or empty.
pub fn truth(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => false,
        Value::Float(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty(),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::List(list) => !list.is_empty(),
        Value::Map(map) => !map.is_empty(),
        Value::Bool(true)
        | Value::Int(_)
        | Value::Time(_)
        | Value::Zoned(_)
        | Value::Span(_)
        | Value::Table(_) => true,
    }
}

/// Name of the type, as in `argument of type 'int'`.
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::Text(_) => "str",
        Value::Bytes(_) => "bytes",
        Value::Time(_) | Value::Zoned(_) => "DateTime",
        Value::Span(_) => "timedelta",
        Value::List(_) | Value::Table(_) => "list",
        Value::Map(_) => "dict",
    }
}

/// A fractional number: the shortest form that reads back, with at least one decimal.
pub fn float(number: f64) -> String {
    if number.is_nan() {
        "nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "inf" } else { "-inf" }.to_owned()
    } else if number != 0.0 && !(1e-4..1e16).contains(&number.abs()) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, digits) = exponent
            .strip_prefix('-')
            .map_or(("+", exponent), |digits| ("-", digits));
        format!("{mantissa}e{sign}{digits:0>2}")
    } else {
        format!("{number:?}")
    }
}

fn list<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    format!("[{}]", values.map(repr).collect::<Vec<_>>().join(", "))
}

/// A text in quotes: single ones unless it holds only that kind.
pub fn quote(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || (0x7f..=0xa0).contains(&(c as u32)) || c as u32 == 0xad => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c if is_separator(c) => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// Non-ASCII blanks and invisible marks, which the original escapes.
fn is_separator(c: char) -> bool {
    matches!(c as u32, 0x1680 | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x3000 | 0xfeff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_numbers() {
        assert_eq!(quote("a"), "'a'");
        assert_eq!(quote("it's"), "\"it's\"");
        assert_eq!(quote("'\""), "'\\'\"'");
        assert_eq!(quote("5.0\u{a0}MB"), "'5.0\\xa0MB'");
        assert_eq!(float(1.5), "1.5");
        assert_eq!(float(2.0), "2.0");
        assert_eq!(float(1e20), "1e+20");
        assert_eq!(float(1e-7), "1e-07");
        assert_eq!(text(&Value::Bool(true)), "True");
        assert_eq!(text(&Value::List(vec!["a".into()])), "['a']");
    }
}
