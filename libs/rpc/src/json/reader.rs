//! From text to calls; everything below `params` becomes a `Value` at once.

use std::cell::Cell;
use std::fmt;

use entity::{Map, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Document, Id};
use crate::{Fault, MAX_VALUES, Params};

/// Levels of arrays and objects inside the parameters.
pub const MAX_DEPTH: usize = 64;

const TOO_DEEP: &str = "nesting deeper than 64 levels";
const TOO_MANY: &str = "too many values";

/// A call as it came.
#[derive(Default)]
pub(super) struct Envelope {
    pub(super) method: Option<Value>,
    pub(super) version: Option<Value>,
    /// The name of the type stands for an id of a wrong one.
    pub(super) id: Option<Result<Id, &'static str>>,
    pub(super) params: Params,
}

/// Reads a whole body.
pub(super) fn document(text: &str, max_calls: usize) -> Result<Document, Fault> {
    let values = Cell::new(MAX_VALUES);
    let visitor = DocumentVisitor {
        max_calls: Some(max_calls),
        values: &values,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let document = visitor.deserialize(&mut deserializer);
    let document = document.and_then(|document| deserializer.end().map(|()| document));
    document.map_err(|error| Fault::parse(reason(&error)))?
}

/// Reads a body, or an element of a batch, which cannot be a batch again.
#[derive(Clone, Copy)]
struct DocumentVisitor<'c> {
    /// `None` inside a batch.
    max_calls: Option<usize>,
    values: &'c Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for DocumentVisitor<'_> {
    type Value = Result<Document, Fault>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DocumentVisitor<'_> {
    type Value = Result<Document, Fault>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err(super::no_call("NoneType")))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Err(super::no_call("bool")))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Err(super::no_call("int")))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Err(super::no_call("int")))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Err(super::no_call("float")))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Err(super::no_call("str")))
    }

    /// The first fault refuses the batch; what follows it must only be readable.
    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let inner = ValueSeed {
            depth: 1,
            values: self.values,
        };
        let Some(max_calls) = self.max_calls else {
            while sequence.next_element_seed(inner)?.is_some() {}
            return Ok(Err(super::no_call("list")));
        };
        let element = Self {
            max_calls: None,
            ..self
        };
        let mut calls = Vec::new();
        while let Some(document) = sequence.next_element_seed(element)? {
            let refused = match document {
                Ok(Document::Single(_)) if calls.len() == max_calls => {
                    Fault::too_many_calls(max_calls)
                }
                Ok(Document::Single(call)) => {
                    calls.push(call);
                    continue;
                }
                Ok(Document::Batch(_)) => super::no_call("list"),
                Err(fault) => fault,
            };
            while sequence.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Err(refused));
        }
        Ok(Ok(Document::Batch(calls)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let inner = ValueSeed {
            depth: 0,
            values: self.values,
        };
        let mut envelope = Envelope::default();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(inner)?;
            match key.as_str() {
                "method" => envelope.method = Some(value.plain()),
                "jsonrpc" => envelope.version = Some(value.plain()),
                "id" => envelope.id = Some(value.id()),
                "params" => envelope.params = value.params(),
                _ => {}
            }
        }
        Ok(super::check(envelope).map(Document::Single))
    }
}

/// A value; whole numbers beyond 63 bits are kept apart, because an id must come back unchanged.
enum Parsed {
    Plain(Value),
    Large(u64),
}

impl Parsed {
    fn plain(self) -> Value {
        match self {
            Self::Plain(value) => value,
            Self::Large(number) => Value::Float(number as f64),
        }
    }

    fn id(self) -> Result<Id, &'static str> {
        match self {
            Self::Large(number) => Ok(Id::Large(number)),
            Self::Plain(Value::Null) => Ok(Id::Null),
            Self::Plain(Value::Int(number)) => Ok(Id::Int(number)),
            Self::Plain(Value::Float(number)) => Ok(Id::Float(number)),
            Self::Plain(Value::Text(text)) => Ok(Id::Text(text)),
            Self::Plain(other) => Err(entity::python::type_name(&other)),
        }
    }

    fn params(self) -> Params {
        match self {
            Self::Plain(Value::List(values)) => Params::Positional(values),
            Self::Plain(Value::Map(map)) => Params::Named(map),
            _ => Params::default(),
        }
    }
}

/// Reads a value; `depth` is the number of arrays and objects around it, and `values` how many
/// more may come.
#[derive(Clone, Copy)]
struct ValueSeed<'c> {
    depth: usize,
    values: &'c Cell<usize>,
}

impl ValueSeed<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(TOO_DEEP));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Parsed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed, D::Error> {
        let left = self
            .values
            .get()
            .checked_sub(1)
            .ok_or_else(|| D::Error::custom(TOO_MANY))?;
        self.values.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Plain(Value::Null))
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Parsed, E> {
        Ok(Parsed::Plain(Value::Bool(truth)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Parsed, E> {
        Ok(Parsed::Plain(Value::Int(number)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Parsed, E> {
        Ok(
            i64::try_from(number).map_or(Parsed::Large(number), |number| {
                Parsed::Plain(Value::Int(number))
            }),
        )
    }

    fn visit_f64<E>(self, number: f64) -> Result<Parsed, E> {
        Ok(Parsed::Plain(Value::Float(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Parsed, E> {
        Ok(Parsed::Plain(Value::Text(text.to_owned())))
    }

    fn visit_string<E>(self, text: String) -> Result<Parsed, E> {
        Ok(Parsed::Plain(Value::Text(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Parsed, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = sequence.next_element_seed(inner)? {
            values.push(value.plain());
        }
        Ok(Parsed::Plain(Value::List(values)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Parsed, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            map.insert(key.into(), entries.next_value_seed(inner)?.plain());
        }
        Ok(Parsed::Plain(Value::Map(map)))
    }
}

/// Texts of the parser, and what clients of the original read instead.
const REASONS: &[(&str, &str)] = &[
    ("recursion limit exceeded", TOO_DEEP),
    (TOO_DEEP, TOO_DEEP),
    (TOO_MANY, TOO_MANY),
    ("trailing characters", "Extra data"),
    (
        "key must be a string",
        "Expecting property name enclosed in double quotes",
    ),
    (
        "EOF while parsing an object",
        "Expecting property name enclosed in double quotes",
    ),
    ("trailing comma", "Illegal trailing comma"),
    ("expected `:`", "Expecting ':' delimiter"),
    ("expected `,`", "Expecting ',' delimiter"),
    ("EOF while parsing a list", "Expecting ',' delimiter"),
    ("EOF while parsing a string", "Unterminated string"),
    ("control character", "Invalid control character"),
    ("invalid escape", "Invalid \\escape"),
    ("lone leading surrogate", "Invalid \\uXXXX escape"),
    ("unexpected end of hex escape", "Invalid \\uXXXX escape"),
    ("invalid unicode code point", "Invalid \\uXXXX escape"),
    ("number out of range", "Number out of range"),
];

/// Why a body is not JSON, and where.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let known = REASONS.iter().find(|(ours, _)| text.starts_with(ours));
    let reason = known.map_or("Expecting value", |(_, reason)| reason);
    format!(
        "{reason}: line {} column {}",
        error.line(),
        error.column().max(1)
    )
}
