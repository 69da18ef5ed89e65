//! Brings values of a query into the type of what they are compared with.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::bind::Bind;
use super::moment;
use super::sort::Sort;
use crate::{Error, Result, Value, python};

/// What happens to a fraction that is compared with a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Round {
    /// Cut off.
    Down,
    /// The next whole number, so that `>= 1.5` does not find 1.
    Up,
}

/// One value as a parameter. Null is the caller's business.
pub(super) fn one(sort: Sort, name: &str, value: &Value, round: Round) -> Result<Bind> {
    Ok(match sort {
        Sort::Key | Sort::Int | Sort::Part => Bind::Int(int(name, value, round)?),
        Sort::Year | Sort::Reference | Sort::OneToOne | Sort::Reverse | Sort::ReverseOne => {
            Bind::Int(int(name, value, Round::Down)?)
        }
        Sort::Bool => Bind::Bool(truth(value)?),
        Sort::Char | Sort::Text | Sort::Url | Sort::Email | Sort::Span => {
            Bind::Text(python::text(value))
        }
        Sort::Time => Bind::Time(moment::time(value)?),
        Sort::Date => Bind::Date(moment::date(value)?),
        Sort::Clock => Bind::Clock(moment::clock(value)?),
    })
}

/// Values as one array.
pub(super) fn all(sort: Sort, name: &str, values: &[Cow<'_, Value>]) -> Result<Bind> {
    fn each<T>(values: &[Cow<'_, Value>], convert: impl Fn(&Value) -> Result<T>) -> Result<Vec<T>> {
        values.iter().map(|value| convert(value)).collect()
    }
    Ok(match sort {
        Sort::Key
        | Sort::Int
        | Sort::Part
        | Sort::Year
        | Sort::Reference
        | Sort::OneToOne
        | Sort::Reverse
        | Sort::ReverseOne => Bind::Ints(each(values, |value| int(name, value, Round::Down))?),
        Sort::Bool => Bind::Bools(each(values, truth)?),
        Sort::Char | Sort::Text | Sort::Url | Sort::Email | Sort::Span => {
            Bind::Texts(each(values, |value| Ok(python::text(value)))?)
        }
        Sort::Time => Bind::Times(each(values, moment::time)?),
        Sort::Date => Bind::Dates(each(values, moment::date)?),
        Sort::Clock => Bind::Clocks(each(values, moment::clock)?),
    })
}

/// The elements of a list; a text is the list of its characters, an object that of its names.
pub(super) fn elements(value: &Value) -> Result<Vec<Cow<'_, Value>>> {
    Ok(match value {
        Value::List(values) => values.iter().map(Cow::Borrowed).collect(),
        Value::Text(text) => text
            .chars()
            .map(|one| Cow::Owned(Value::Text(one.to_string())))
            .collect(),
        Value::Map(map) => map
            .keys()
            .map(|name| Cow::Owned(Value::Text(name.to_string())))
            .collect(),
        Value::Bytes(bytes) => bytes
            .iter()
            .map(|byte| Cow::Owned(Value::Int(i64::from(*byte))))
            .collect(),
        Value::Table(table) => table
            .to_maps()
            .into_iter()
            .map(|map| Cow::Owned(Value::Map(map)))
            .collect(),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Zoned(_)
        | Value::Span(_) => {
            let kind = python::type_name(value);
            return Err(Error::type_error(format!(
                "'{kind}' object is not iterable"
            )));
        }
    })
}

/// A pattern for `LIKE` in which the value stands for itself.
pub(super) fn pattern(before: &str, value: &Value, after: &str) -> String {
    let text = match value {
        Value::Text(text) => Cow::Borrowed(text.as_str()),
        other => Cow::Owned(python::text(other)),
    };
    let mut pattern = String::with_capacity(text.len() + 4);
    pattern.push_str(before);
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push_str(after);
    pattern
}

/// A whole number; what does not fit into 64 bits becomes the nearest that does, which compares
/// with a 32-bit column in the same way.
fn int(name: &str, value: &Value, round: Round) -> Result<i64> {
    let message = || {
        format!(
            "Field '{name}' expected a number but got {}.",
            python::repr(value)
        )
    };
    let parsed = match value {
        Value::Int(number) => Some(*number),
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Float(number) if number.is_infinite() => {
            return Err(Error::invalid("cannot convert float infinity to integer"));
        }
        Value::Float(number) if number.is_nan() => None,
        Value::Float(number) if round == Round::Up => Some(number.ceil() as i64),
        Value::Float(number) => Some(*number as i64),
        Value::Text(text) => parse(text),
        Value::Bytes(bytes) => std::str::from_utf8(bytes).ok().and_then(parse),
        Value::Null
        | Value::Time(_)
        | Value::Zoned(_)
        | Value::Span(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Table(_) => return Err(Error::type_error(message())),
    };
    parsed.ok_or_else(|| Error::invalid(message()))
}

/// Digits with an optional sign, blanks around and single underscores between them.
fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (mut number, mut after_digit) = (0_i64, false);
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                number = number
                    .saturating_mul(10)
                    .saturating_add(sign * i64::from(byte - b'0'));
                after_digit = true;
            }
            b'_' if after_digit => after_digit = false,
            _ => return None,
        }
    }
    after_digit.then_some(number)
}

fn truth(value: &Value) -> Result<bool> {
    let truth = match value {
        Value::Bool(truth) => Some(*truth),
        Value::Int(number) => number_truth(*number as f64),
        Value::Float(number) => number_truth(*number),
        Value::Text(text) => match text.as_str() {
            "t" | "True" | "1" => Some(true),
            "f" | "False" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    };
    truth.ok_or_else(|| {
        let text = python::text(value);
        moment::invalid(&text, "value must be either True or False.")
    })
}

/// Exactly one and exactly zero.
fn number_truth(number: f64) -> Option<bool> {
    match number.partial_cmp(&0.0)? {
        Ordering::Equal => Some(false),
        _ => number.total_cmp(&1.0).is_eq().then_some(true),
    }
}
