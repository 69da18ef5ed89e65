//! Cells of a result, read straight into a table.

use sqlx::error::BoxDynError;
use sqlx::postgres::types::PgInterval;
use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::{Decode as _, Row as _, ValueRef as _};

use crate::table::Packed;
use crate::{Interval, Kind, Result, Table};

/// Microseconds from 1970 to the beginning of time in the database.
const EPOCH: i64 = 946_684_800_000_000;

/// Appends the cell of a column that holds this kind.
pub(super) fn push(table: &mut Table, row: &PgRow, index: usize, kind: Kind) -> Result<()> {
    let raw = row.try_get_raw(index)?;
    let cell = if raw.is_null() {
        Ok(Packed::Null)
    } else {
        read(table, raw, kind)
    };
    let cell = cell.map_err(|source| sqlx::Error::ColumnDecode {
        index: index.to_string(),
        source,
    })?;
    table.push_packed(cell);
    Ok(())
}

fn read(
    table: &mut Table,
    raw: PgValueRef<'_>,
    kind: Kind,
) -> std::result::Result<Packed, BoxDynError> {
    Ok(match kind {
        Kind::Id | Kind::Int | Kind::Fk(_) => Packed::Int(int(raw.as_bytes()?)?),
        Kind::Bool => Packed::Bool(bool::decode(raw)?),
        Kind::Text => table.keep(raw.as_str()?),
        Kind::Time => {
            let micros = int(raw.as_bytes()?)?.checked_add(EPOCH);
            Packed::Time(micros.ok_or("a time without end")?)
        }
        Kind::Span => Packed::Span(Interval::from(PgInterval::decode(raw)?)),
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
