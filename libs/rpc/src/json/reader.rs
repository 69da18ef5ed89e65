//! From text to the parts of an envelope; everything below `params` becomes a `Value` at once.

use std::fmt;

use entity::{Map, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::Params;

use super::Id;

/// Levels of arrays and objects inside the parameters.
pub const MAX_DEPTH: usize = 64;

const TOO_DEEP: &str = "nesting deeper than 64 levels";

/// A call as it came.
#[derive(Default)]
pub(super) struct Envelope {
    pub(super) method: Option<Value>,
    pub(super) version: Option<Value>,
    /// The name of the type stands for an id of a wrong one.
    pub(super) id: Option<Result<Id, &'static str>>,
    pub(super) params: Params,
}

/// A body, or an element of a batch.
pub(super) enum Element {
    Object(Box<Envelope>),
    List(Vec<Self>),
    /// Anything else, by the name of its type.
    Other(&'static str),
}

/// Reads a body.
pub(super) struct DocumentSeed;

impl<'de> DeserializeSeed<'de> for DocumentSeed {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(ElementVisitor { batch: true })
    }
}

/// Reads a body, or an element of a batch, which cannot be a batch again.
#[derive(Clone, Copy)]
struct ElementVisitor {
    batch: bool,
}

impl<'de> DeserializeSeed<'de> for ElementVisitor {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ElementVisitor {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call")
    }

    fn visit_unit<E>(self) -> Result<Element, E> {
        Ok(Element::Other("NoneType"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Element, E> {
        Ok(Element::Other("bool"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Element, E> {
        Ok(Element::Other("int"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Element, E> {
        Ok(Element::Other("int"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Element, E> {
        Ok(Element::Other("float"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Element, E> {
        Ok(Element::Other("str"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Element, A::Error> {
        let mut elements = Vec::new();
        if self.batch {
            while let Some(element) = sequence.next_element_seed(Self { batch: false })? {
                elements.push(element);
            }
        } else {
            while sequence
                .next_element_seed(ValueSeed { depth: 1 })?
                .is_some()
            {}
        }
        Ok(Element::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        let mut envelope = Envelope::default();
        while let Some(key) = map.next_key::<String>()? {
            let value = map.next_value_seed(ValueSeed { depth: 0 })?;
            match key.as_str() {
                "method" => envelope.method = Some(value.plain()),
                "jsonrpc" => envelope.version = Some(value.plain()),
                "id" => envelope.id = Some(value.id()),
                "params" => envelope.params = value.params(),
                _ => {}
            }
        }
        Ok(Element::Object(Box::new(envelope)))
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

/// Reads a value; `depth` is the number of arrays and objects around it.
#[derive(Clone, Copy)]
struct ValueSeed {
    depth: usize,
}

impl ValueSeed {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(TOO_DEEP));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Parsed;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parsed, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
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
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let known = REASONS.iter().find(|(ours, _)| text.starts_with(ours));
    let reason = known.map_or("Expecting value", |(_, reason)| reason);
    format!(
        "{reason}: line {} column {}",
        error.line(),
        error.column().max(1)
    )
}
