//! Parameters of a statement.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::postgres::PgArguments;

use crate::Result;
use crate::repository::add;

/// A parameter. Lists are one array, so that their length does not change the text.
///
/// Numbers are wider than the columns: what lies outside of 32 bits still compares as it should.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// A number.
    Int(i64),
    /// Numbers.
    Ints(Vec<i64>),
    /// A truth value.
    Bool(bool),
    /// Truth values.
    Bools(Vec<bool>),
    /// Text, a pattern, or an interval that the server reads.
    Text(String),
    /// Texts.
    Texts(Vec<String>),
    /// A point in time.
    Time(DateTime<Utc>),
    /// Points in time.
    Times(Vec<DateTime<Utc>>),
    /// A day.
    Date(NaiveDate),
    /// Days.
    Dates(Vec<NaiveDate>),
    /// A time of day.
    Clock(NaiveTime),
    /// Times of day.
    Clocks(Vec<NaiveTime>),
}

impl Bind {
    pub(super) fn add_to(self, arguments: &mut PgArguments) -> Result<()> {
        match self {
            Self::Int(value) => add(arguments, value),
            Self::Ints(values) => add(arguments, values),
            Self::Bool(value) => add(arguments, value),
            Self::Bools(values) => add(arguments, values),
            Self::Text(value) => add(arguments, value),
            Self::Texts(values) => add(arguments, values),
            Self::Time(value) => add(arguments, value),
            Self::Times(values) => add(arguments, values),
            Self::Date(value) => add(arguments, value),
            Self::Dates(values) => add(arguments, values),
            Self::Clock(value) => add(arguments, value),
            Self::Clocks(values) => add(arguments, values),
        }
    }

    /// The database cannot store U+0000.
    pub(super) fn has_zero(&self) -> bool {
        match self {
            Self::Text(text) => text.contains('\0'),
            Self::Texts(texts) => texts.iter().any(|text| text.contains('\0')),
            _ => false,
        }
    }
}

/// Appends the placeholder of a new parameter.
pub(super) fn push(sql: &mut String, binds: &mut Vec<Bind>, bind: Bind) {
    binds.push(bind);
    sql.push('$');
    push_number(sql, binds.len());
}

/// Appends a number without the machinery of `fmt`.
pub(super) fn push_number(sql: &mut String, number: usize) {
    if number >= 10 {
        push_number(sql, number / 10);
    }
    sql.push(char::from(b'0' + (number % 10) as u8));
}
