//! Queries from their notation on the wire.

use entity::{Map, Value};

/// A query as a client sends it.
pub(crate) fn map(query: &serde_json::Value) -> Map {
    match value(query) {
        Value::Map(map) => map,
        other => panic!("a query is an object, not {other:?}"),
    }
}

fn value(json: &serde_json::Value) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => number.as_i64().map_or_else(
            || Value::Float(number.as_f64().expect("a number")),
            Value::Int,
        ),
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(values) => Value::List(values.iter().map(value).collect()),
        Json::Object(pairs) => Value::Map(
            pairs
                .iter()
                .map(|(name, json)| (name.clone().into(), value(json)))
                .collect(),
        ),
    }
}
