//! Rust types that can stand in a column.

use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::postgres::PgRow;
use sqlx::postgres::types::PgInterval;

use crate::{Entity, Error, Interval, Kind, Result, Value};

/// A primary key. 32 bits, because XML-RPC integers have no more.
pub type Id = i32;

/// A reference to a row of `T`, by its id.
pub struct Fk<T>(pub Id, PhantomData<fn() -> T>);

impl<T> Fk<T> {
    /// A reference to the row with this id.
    pub const fn new(id: Id) -> Self {
        Self(id, PhantomData)
    }

    /// The id of the row.
    pub const fn id(self) -> Id {
        self.0
    }
}

impl<T> Clone for Fk<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Fk<T> {}
impl<T> Default for Fk<T> {
    fn default() -> Self {
        Self::new(0)
    }
}
impl<T> std::fmt::Debug for Fk<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
impl<T> PartialEq for Fk<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Fk<T> {}
impl<T> From<Id> for Fk<T> {
    fn from(id: Id) -> Self {
        Self::new(id)
    }
}

/// How a Rust type is declared, read and written.
pub trait Column: Sized {
    /// What [`crate::Field::new`] is told.
    const KIND: Kind;
    /// True if NULL is allowed.
    const NULL: bool = false;
    /// Reads the column at this position.
    fn read(row: &PgRow, index: usize) -> Result<Self>;
    /// As a value.
    fn get(&self) -> Value;
    /// From a value that a form has already normalised; anything else is a programming error.
    fn put(value: Value) -> Result<Self>;
}

fn wrong<T>(expected: &str, value: &Value) -> Result<T> {
    Err(Error::type_error(format!(
        "expected {expected}, got {value:?}"
    )))
}

macro_rules! column {
    ($type:ty, $kind:expr, $expected:literal, |$row:ident, $index:ident| $read:expr,
     |$this:ident| $get:expr, $pattern:pat => $put:expr) => {
        impl Column for $type {
            const KIND: Kind = $kind;
            fn read($row: &PgRow, $index: usize) -> Result<Self> {
                Ok($read)
            }
            fn get(&self) -> Value {
                let $this = self;
                $get
            }
            fn put(value: Value) -> Result<Self> {
                match value {
                    $pattern => Ok($put),
                    other => wrong($expected, &other),
                }
            }
        }
        impl Column for Option<$type> {
            const KIND: Kind = $kind;
            const NULL: bool = true;
            fn read(row: &PgRow, index: usize) -> Result<Self> {
                if is_null(row, index)? {
                    Ok(None)
                } else {
                    <$type>::read(row, index).map(Some)
                }
            }
            fn get(&self) -> Value {
                self.as_ref().map_or(Value::Null, Column::get)
            }
            fn put(value: Value) -> Result<Self> {
                if value.is_null() {
                    Ok(None)
                } else {
                    <$type>::put(value).map(Some)
                }
            }
        }
    };
}

fn is_null(row: &PgRow, index: usize) -> Result<bool> {
    use sqlx::ValueRef as _;
    Ok(row.try_get_raw(index)?.is_null())
}

column!(bool, Kind::Bool, "a truth value", |row, index| row.try_get(index)?,
    |this| Value::Bool(*this), Value::Bool(value) => value);
column!(i32, Kind::Int, "a number", |row, index| row.try_get(index)?,
    |this| Value::Int(i64::from(*this)), Value::Int(value) => narrow(value)?);
column!(String, Kind::Text, "text", |row, index| row.try_get(index)?,
    |this| Value::Text(this.clone()), Value::Text(value) => value);
column!(DateTime<Utc>, Kind::Time, "a time", |row, index| row.try_get(index)?,
    |this| Value::Time(*this), Value::Time(value) => value);
column!(Interval, Kind::Span, "a duration", |row, index| row.try_get::<PgInterval, _>(index)?.into(),
    |this| Value::Span(*this), Value::Span(value) => value);

impl<T: Entity> Column for Fk<T> {
    const KIND: Kind = Kind::Fk(|| T::META);
    fn read(row: &PgRow, index: usize) -> Result<Self> {
        Ok(Self::new(row.try_get(index)?))
    }
    fn get(&self) -> Value {
        Value::Int(i64::from(self.0))
    }
    fn put(value: Value) -> Result<Self> {
        i32::put(value).map(Self::new)
    }
}

impl<T: Entity> Column for Option<Fk<T>> {
    const KIND: Kind = Kind::Fk(|| T::META);
    const NULL: bool = true;
    fn read(row: &PgRow, index: usize) -> Result<Self> {
        Ok(row.try_get::<Option<Id>, _>(index)?.map(Fk::new))
    }
    fn get(&self) -> Value {
        self.map_or(Value::Null, |fk| fk.get())
    }
    fn put(value: Value) -> Result<Self> {
        if value.is_null() {
            Ok(None)
        } else {
            Fk::put(value).map(Some)
        }
    }
}

fn narrow(value: i64) -> Result<i32> {
    i32::try_from(value).or_else(|_| wrong("a 32-bit number", &Value::Int(value)))
}
