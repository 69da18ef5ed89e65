//! One value of one kind: what it becomes, or what is wrong with it.

use chrono::{DateTime, Utc};
use entity::{Field, Kind, Value, python};

use super::{CHOICE, REQUIRED};
use crate::text::{self, DurationFault};
use crate::{Error, Result};

/// What became of a value.
pub(super) enum Cleaned {
    /// Ready to be stored.
    Value(Value),
    /// Empty, and that is allowed.
    Empty,
    /// Not acceptable; the messages for the field.
    Wrong(Vec<String>),
    /// The id of a row that must be found first.
    Reference(i64),
}

fn wrong(message: impl Into<String>) -> Cleaned {
    Cleaned::Wrong(vec![message.into()])
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        _ => false,
    }
}

/// Reads a value for this field; `updating` means that nothing is required.
pub(super) fn clean(
    field: &Field,
    value: &Value,
    updating: bool,
    now: DateTime<Utc>,
) -> Result<Cleaned> {
    let optional = field.is_blank || updating;
    Ok(match field.kind {
        Kind::Bool => Cleaned::Value(Value::Bool(truth(value))),
        Kind::Text => text_field(field, value, optional),
        Kind::Id | Kind::Int => number(value, optional),
        Kind::Fk(_) => reference(value, optional),
        Kind::Time => time(field, value, now)?,
        Kind::Span => span(value),
    })
}

/// Any text but `false` in any letter case is true, even `0` and `no`.
fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::Int(number) => *number != 0,
        Value::Float(number) => *number != 0.0,
        Value::Text(text) => !text.is_empty() && !text.eq_ignore_ascii_case("false"),
        other => !is_empty(other),
    }
}

fn text_field(field: &Field, value: &Value, optional: bool) -> Cleaned {
    let text = if is_empty(value) {
        String::new()
    } else {
        python::text(value)
    };
    let text = text.trim_matches(|c: char| c.is_whitespace() || ('\x1c'..='\x1f').contains(&c));
    if text.is_empty() {
        return if optional {
            Cleaned::Empty
        } else {
            wrong(REQUIRED)
        };
    }
    if field.is_colour {
        return colour(field, text);
    }
    if field.is_url {
        return match text::url(text) {
            _ if text.contains('\0') => wrong("Null characters are not allowed."),
            None => {
                let mut messages = vec!["Enter a valid URL.".to_owned()];
                if let Cleaned::Wrong(more) = limited(field, text::with_scheme(text)) {
                    messages.extend(more);
                }
                Cleaned::Wrong(messages)
            }
            Some(url) => limited(field, url),
        };
    }
    if text.contains('\0') {
        return wrong("Null characters are not allowed.");
    }
    limited(field, text.to_owned())
}

fn limited(field: &Field, text: String) -> Cleaned {
    let length = text.chars().count();
    if field.max > 0 && length > field.max {
        return wrong(format!(
            "Ensure this value has at most {} characters (it has {length}).",
            field.max
        ));
    }
    Cleaned::Value(Value::Text(text))
}

fn colour(field: &Field, text: &str) -> Cleaned {
    let mut messages = vec![];
    if !text::is_colour(text) {
        messages.push("Enter a valid hex color, eg. #000000".to_owned());
    }
    if let Cleaned::Wrong(more) = limited(field, text.to_owned()) {
        messages.extend(more);
    }
    if text.contains('\0') {
        messages.push("Null characters are not allowed.".to_owned());
    }
    if messages.is_empty() {
        Cleaned::Value(Value::Text(text.to_owned()))
    } else {
        Cleaned::Wrong(messages)
    }
}

fn number(value: &Value, optional: bool) -> Cleaned {
    if is_empty(value) || matches!(value, Value::Text(text) if text.trim().is_empty()) {
        return if optional {
            Cleaned::Empty
        } else {
            wrong(REQUIRED)
        };
    }
    let number = match value {
        Value::Int(number) => Some(*number as f64),
        Value::Float(number) if number.fract() == 0.0 => Some(*number),
        Value::Text(text) => whole(text.trim()),
        _ => None,
    };
    match number {
        None => wrong("Enter a whole number."),
        Some(number) if number > f64::from(i32::MAX) => wrong(format!(
            "Ensure this value is less than or equal to {}.",
            i32::MAX
        )),
        Some(number) if number < f64::from(i32::MIN) => wrong(format!(
            "Ensure this value is greater than or equal to {}.",
            i32::MIN
        )),
        Some(number) => Cleaned::Value(Value::Int(number as i64)),
    }
}

/// `-7`, `2.0` and `2.00` are whole; `2.5` and `1e3` are not.
fn whole(text: &str) -> Option<f64> {
    let (number, zeros) = text.split_once('.').unwrap_or((text, ""));
    let digits = number.strip_prefix(['-', '+']).unwrap_or(number);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (plain && zeros.bytes().all(|byte| byte == b'0'))
        .then(|| number.parse().ok())
        .flatten()
}

fn reference(value: &Value, optional: bool) -> Cleaned {
    if is_empty(value) {
        return if optional {
            Cleaned::Empty
        } else {
            wrong(REQUIRED)
        };
    }
    let id = match value {
        Value::Int(id) => Some(*id),
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Float(id) if id.is_finite() => Some(id.trunc() as i64),
        Value::Text(text) => text.trim().parse().ok(),
        _ => None,
    };
    id.map_or_else(|| wrong(CHOICE), Cleaned::Reference)
}

fn time(field: &Field, value: &Value, now: DateTime<Utc>) -> Result<Cleaned> {
    let now_if_missing = || {
        if field.null {
            Cleaned::Empty
        } else {
            Cleaned::Value(Value::Time(now))
        }
    };
    Ok(match value {
        Value::Time(time) => Cleaned::Value(Value::Time(*time)),
        Value::Text(text) if text.trim().is_empty() => now_if_missing(),
        Value::Text(text) => match text::date_time(text) {
            Some(time) => Cleaned::Value(Value::Time(time)),
            None => wrong("Invalid date format. Expected YYYY-MM-DD [HH:MM:SS]."),
        },
        // a serialised date of PHP clients: {"date": "…", "timezone": "UTC", …}
        Value::Map(map) if matches!(map.get("date"), Some(Value::Text(_))) => {
            return time(field, &map["date"], now);
        }
        empty if is_empty(empty) => now_if_missing(),
        other => {
            let kind = python::type_name(other);
            return Err(Error::refused(format!(
                "'{kind}' object has no attribute 'strip'"
            )));
        }
    })
}

fn span(value: &Value) -> Cleaned {
    let parsed = match value {
        Value::Span(span) => Ok(*span),
        Value::Int(number) => text::seconds(*number as f64),
        Value::Float(number) => text::seconds(*number),
        Value::Text(text) if !text.is_empty() => text::duration(text),
        empty if is_empty(empty) => return Cleaned::Empty,
        _ => Err(DurationFault::Form),
    };
    match parsed {
        Ok(span) => Cleaned::Value(Value::Span(span)),
        Err(DurationFault::Form) => wrong("Enter a valid duration."),
        Err(DurationFault::Range) => {
            wrong("The number of days must be between -999999999 and 999999999.")
        }
    }
}
