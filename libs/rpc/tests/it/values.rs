//! Any value that a method could return, and what a client has after one way through a codec.

use std::sync::Arc;

use chrono::DateTime;
use entity::{Cell, Interval, Key, Map, Table, Value};
use proptest::prelude::*;

/// Texts with everything that is special somewhere.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        6 => any::<char>(),
        4 => prop::sample::select(vec!['<', '>', '&', '"', '\'', '\\', '\0', '\u{7}', '\n', '\t', ' ']),
        2 => prop::sample::select(vec!['\u{fffe}', '\u{ffff}', '\u{2028}', '\u{feff}', 'ü', '🎉', ';']),
        6 => proptest::char::range('a', 'z'),
    ];
    prop::collection::vec(character, 0..80).prop_map(|characters| characters.into_iter().collect())
}

/// A value of any kind. Numbers fit 32 bits and times the years of ISO 8601.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        any::<f64>().prop_map(Value::Float),
        text().prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        (-62_135_596_800_000_000_i64..253_402_300_800_000_000).prop_map(|micros| {
            Value::Time(DateTime::from_timestamp_micros(micros).expect("is in range"))
        }),
        any::<i32>().prop_map(|micros| Value::Span(Interval(i64::from(micros)))),
    ];
    let table = (
        prop::collection::hash_set(text(), 1..4),
        prop::collection::vec(leaf.clone(), 0..20),
    )
        .prop_map(|(columns, cells)| {
            let columns: Arc<[Key]> = columns.into_iter().map(Key::from).collect();
            let whole = cells.len() / columns.len() * columns.len();
            let mut table = Table::new(columns);
            for value in &cells[..whole] {
                table.push(cell(value));
            }
            Value::Table(table)
        });
    prop_oneof![4 => leaf, 1 => table].prop_recursive(4, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
            prop::collection::vec((text(), inner), 0..8)
                .prop_map(|pairs| Value::Map(pairs.into_iter().map(named).collect())),
        ]
    })
}

/// Tables hold neither fractions nor bytes.
fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Bool(value) => Cell::Bool(*value),
        Value::Int(number) => Cell::Int(*number),
        Value::Text(text) => Cell::Text(text),
        Value::Time(time) => Cell::Time(*time),
        Value::Span(span) => Cell::Span(*span),
        _ => Cell::Null,
    }
}

fn named((name, value): (String, Value)) -> (Key, Value) {
    (name.into(), value)
}

/// What a value becomes on its way to a client and back.
pub(crate) fn travelled(
    value: &Value,
    scalar: fn(&Value) -> Value,
    name: fn(&str) -> String,
) -> Value {
    let object = |map: &Map| {
        let pairs = map
            .iter()
            .map(|(key, value)| (name(key).into(), travelled(value, scalar, name)));
        Value::Map(pairs.collect())
    };
    match value {
        Value::Span(span) => Value::Float(span.seconds()),
        Value::Float(number) if !number.is_finite() => Value::Null,
        Value::List(values) => Value::List(
            values
                .iter()
                .map(|value| travelled(value, scalar, name))
                .collect(),
        ),
        Value::Map(map) => object(map),
        Value::Table(table) => Value::List(table.to_maps().iter().map(object).collect()),
        other => scalar(other),
    }
}

/// The inverse of the escaping of texts.
pub(crate) fn unescaped(value: Value) -> Value {
    let plain = |text: &str| {
        text.replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#x27;", "'")
            .replace("&amp;", "&")
    };
    match value {
        Value::Text(text) => Value::Text(plain(&text)),
        Value::List(values) => Value::List(values.into_iter().map(unescaped).collect()),
        Value::Map(map) => Value::Map(
            map.into_iter()
                .map(|(name, value)| (name, unescaped(value)))
                .collect(),
        ),
        other => other,
    }
}

/// A text after XML has taken what it does not allow.
pub(crate) fn xml_text(text: &str) -> String {
    let allowed = |character: char| match character {
        '\t' | '\n' => character,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        other => other,
    };
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .map(allowed)
        .collect()
}
