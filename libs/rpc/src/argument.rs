//! Rust types that can be parameters of a method.

use domain::Error;
use entity::{Map, Value, python};

use crate::Args;

/// A type that a parameter of a method can have.
pub trait FromArgument: Sized {
    /// What it takes, in a word; for the documentation.
    const KIND: &'static str;
    /// May be left out.
    const OPTIONAL: bool = false;

    /// Makes one from the next argument. `name` is the parameter's name for messages.
    fn take(args: &mut Args, name: &str) -> Result<Self, Error> {
        let missing = || Error::Type(format!("missing required argument: '{name}'"));
        Self::from_value(args.next_value().ok_or_else(missing)?)
    }

    /// Makes one from what the client sent.
    fn from_value(value: Value) -> Result<Self, Error>;
}

/// Anything; the function looks at it itself.
impl FromArgument for Value {
    const KIND: &'static str = "any";

    fn from_value(value: Value) -> Result<Self, Error> {
        Ok(value)
    }
}

/// Left out and `null` are the same.
impl<T: FromArgument> FromArgument for Option<T> {
    const KIND: &'static str = T::KIND;
    const OPTIONAL: bool = true;

    fn take(args: &mut Args, _name: &str) -> Result<Self, Error> {
        args.next_value().map_or(Ok(None), Self::from_value)
    }

    fn from_value(value: Value) -> Result<Self, Error> {
        if value.is_null() {
            Ok(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
}

impl FromArgument for Map {
    const KIND: &'static str = "object";

    fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Map(map) => Ok(map),
            other => Err(wrong("a mapping", &other)),
        }
    }
}

impl FromArgument for Vec<Value> {
    const KIND: &'static str = "array";

    fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::List(values) => Ok(values),
            other => Err(wrong("a list", &other)),
        }
    }
}

/// Text as it came; numbers and truth values in their text form.
impl FromArgument for String {
    const KIND: &'static str = "string";

    fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Text(text) => Ok(text),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => Ok(python::text(&value)),
            other => Err(wrong("a string", &other)),
        }
    }
}

impl FromArgument for bool {
    const KIND: &'static str = "boolean";

    fn from_value(value: Value) -> Result<Self, Error> {
        match value {
            Value::Bool(truth) => Ok(truth),
            Value::Int(number) => Ok(number != 0),
            other => Err(wrong("a boolean", &other)),
        }
    }
}

/// The id of a row: a number, or text that holds one. Fractions are cut off.
impl FromArgument for i64 {
    const KIND: &'static str = "integer";

    fn from_value(value: Value) -> Result<Self, Error> {
        let number = match &value {
            Value::Int(number) => Some(*number),
            Value::Bool(truth) => Some(Self::from(*truth)),
            Value::Float(number) if number.is_finite() => Some(number.trunc() as Self),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| {
            let text = format!(
                "Field 'id' expected a number but got {}.",
                python::repr(&value)
            );
            let scalar = matches!(value, Value::Text(_) | Value::Float(_));
            if scalar {
                Error::Refused(text)
            } else {
                Error::Type(text)
            }
        })
    }
}

fn wrong(expected: &str, value: &Value) -> Error {
    Error::Type(format!(
        "argument must be {expected}, not {}",
        python::type_name(value)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take<T: FromArgument>(value: Option<Value>) -> Result<T, String> {
        T::take(&mut Args::new(vec![value]), "x").map_err(|error| error.to_string())
    }

    #[test]
    fn left_out_and_null_are_the_same() {
        assert_eq!(take::<Option<Value>>(None), Ok(None));
        assert_eq!(take::<Option<Value>>(Some(Value::Null)), Ok(None));
        assert_eq!(take::<Option<Map>>(None), Ok(None));
        assert_eq!(take::<Value>(Some(Value::Null)), Ok(Value::Null));
    }

    #[test]
    fn ids_are_numbers_or_hold_one() {
        assert_eq!(take::<i64>(Some(5.into())), Ok(5));
        assert_eq!(take::<i64>(Some("5".into())), Ok(5));
        assert_eq!(take::<i64>(Some(5.9.into())), Ok(5));
        assert_eq!(take::<i64>(Some(true.into())), Ok(1));
        let wrong = take::<i64>(Some("abc".into()));
        assert_eq!(
            wrong,
            Err("Field 'id' expected a number but got 'abc'.".to_owned())
        );
        let wrong = i64::from_value(Value::List(vec![1.into()]));
        assert!(matches!(wrong, Err(Error::Type(text)) if text.ends_with("but got [1].")));
    }

    #[test]
    fn wrong_types_are_named() {
        let wrong = take::<Map>(Some(Value::List(vec![])));
        assert_eq!(
            wrong,
            Err("argument must be a mapping, not list".to_owned())
        );
        assert_eq!(take::<String>(Some(5.into())), Ok("5".to_owned()));
        assert_eq!(
            take::<String>(Some(Value::Null)),
            Err("argument must be a string, not NoneType".to_owned())
        );
    }
}
