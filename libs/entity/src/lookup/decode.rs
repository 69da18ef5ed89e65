//! Cells of a result, read straight into values.

use chrono::{DateTime, Utc};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{Decode as _, Row as _, ValueRef as _};

use crate::{Interval, Kind, Result, Value};

/// Reads the cell of a column that holds this kind.
pub(super) fn cell(row: &PgRow, index: usize, kind: Kind) -> Result<Value> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    read(raw, kind).map_err(|source| {
        sqlx::Error::ColumnDecode {
            index: index.to_string(),
            source,
        }
        .into()
    })
}

fn read(raw: PgValueRef<'_>, kind: Kind) -> std::result::Result<Value, BoxDynError> {
    Ok(match kind {
        Kind::Id | Kind::Int | Kind::Fk(_) => Value::Int(int(raw.as_bytes()?)?),
        Kind::Bool => Value::Bool(bool::decode(raw)?),
        Kind::Text => Value::Text(raw.as_str()?.to_owned()),
        Kind::Time => Value::Time(DateTime::<Utc>::decode(raw)?),
        Kind::Span => Value::Span(Interval::from(sqlx::postgres::types::PgInterval::decode(
            raw,
        )?)),
    })
}

/// A number of any width that the database has.
fn int(bytes: &[u8]) -> std::result::Result<i64, BoxDynError> {
    Ok(match bytes.len() {
        2 => i64::from(i16::from_be_bytes(bytes.try_into()?)),
        4 => i64::from(i32::from_be_bytes(bytes.try_into()?)),
        _ => i64::from_be_bytes(bytes.try_into()?),
    })
}
