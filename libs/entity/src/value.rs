//! The one value type of queries, forms, history and both RPC codecs.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, Utc};
use indexmap::IndexMap;

use crate::{Interval, Table};

/// A name inside a [`Map`]; constant for everything that we send.
pub type Key = Cow<'static, str>;

/// An object: names in the order in which they came or are sent.
pub type Map = IndexMap<Key, Value>;

/// Anything that a client can send or receive.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// `null`, `<nil/>`
    #[default]
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number. Numbers beyond 64 bits arrive as [`Value::Float`].
    Int(i64),
    /// A fractional number.
    Float(f64),
    /// Text; HTML-escaped by the codecs on its way out, never here.
    Text(String),
    /// XML-RPC `<base64>` from a client; never sent.
    Bytes(Vec<u8>),
    /// A point in time, UTC.
    Time(DateTime<Utc>),
    /// A point in time with the zone that a client sent; for answers only.
    Zoned(DateTime<FixedOffset>),
    /// A length of time, sent as seconds.
    Span(Interval),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Map(Map),
    /// Rows of the same shape, sent as an array of objects.
    Table(Table),
}

impl Value {
    /// An object from constant names.
    pub fn object<const N: usize>(pairs: [(&'static str, Self); N]) -> Self {
        Self::Map(
            pairs
                .into_iter()
                .map(|(name, value)| (Cow::Borrowed(name), value))
                .collect(),
        )
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The whole number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// True for `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

macro_rules! from {
    ($($source:ty => $variant:ident $(as $target:ty)?),* $(,)?) => {
        $(impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Self::$variant(<from!(@target $source $(, $target)?)>::from(value))
            }
        })*
    };
    (@target $source:ty) => { $source };
    (@target $source:ty, $target:ty) => { $target };
}

from! {
    bool => Bool, i32 => Int as i64, i64 => Int, f64 => Float, String => Text, &str => Text as String,
    DateTime<Utc> => Time, Interval => Span, Vec<Value> => List, Map => Map, Table => Table,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
