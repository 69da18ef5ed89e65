//! Rust types that a method can answer with.

use chrono::{DateTime, Utc};
use domain::Error;
use entity::{Interval, Map, Table, Value};

/// A type that a method can return.
pub trait IntoAnswer {
    /// The value that the codecs send.
    fn into_answer(self) -> Result<Value, Error>;
}

macro_rules! answers {
    ($($type:ty),* $(,)?) => {
        $(impl IntoAnswer for $type {
            fn into_answer(self) -> Result<Value, Error> {
                Ok(Value::from(self))
            }
        })*
    };
}

answers! { Value, Map, Table, bool, i32, i64, f64, String, &str, DateTime<Utc>, Interval }

/// `null`
impl IntoAnswer for () {
    fn into_answer(self) -> Result<Value, Error> {
        Ok(Value::Null)
    }
}

impl<T: IntoAnswer> IntoAnswer for Option<T> {
    fn into_answer(self) -> Result<Value, Error> {
        self.map_or(Ok(Value::Null), T::into_answer)
    }
}

impl<T: IntoAnswer> IntoAnswer for Vec<T> {
    fn into_answer(self) -> Result<Value, Error> {
        self.into_iter()
            .map(T::into_answer)
            .collect::<Result<_, _>>()
            .map(Value::List)
    }
}

/// A pair, such as the number of removed rows and what they were.
impl<A: IntoAnswer, B: IntoAnswer> IntoAnswer for (A, B) {
    fn into_answer(self) -> Result<Value, Error> {
        Ok(Value::List(vec![
            self.0.into_answer()?,
            self.1.into_answer()?,
        ]))
    }
}
