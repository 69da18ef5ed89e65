//! Values of fields as arguments of statements.

use sqlx::postgres::types::PgInterval;
use sqlx::postgres::{PgArguments, PgHasArrayType};
use sqlx::{Arguments as _, Encode, Postgres, Type};

use super::texts::is_written;
use crate::{Column, Entity, Field, Id, Interval, Kind, Result, Value};

/// Adds one argument.
pub(crate) fn add<'t, T>(arguments: &mut PgArguments, value: T) -> Result<()>
where
    T: Encode<'t, Postgres> + Type<Postgres>,
{
    arguments
        .add(value)
        .map_err(|error| sqlx::Error::Encode(error).into())
}

/// Adds the field at this position.
pub(super) fn add_field<E: Entity>(
    arguments: &mut PgArguments,
    row: &E,
    index: usize,
) -> Result<()> {
    add_value(arguments, E::META.fields[index].kind, row.value(index))
}

/// Adds all written fields.
pub(super) fn add_fields<E: Entity>(arguments: &mut PgArguments, row: &E) -> Result<()> {
    for (index, field) in E::META.fields.iter().enumerate().skip(1) {
        if is_written(E::META, field) {
            add_value(arguments, field.kind, row.value(index))?;
        }
    }
    Ok(())
}

/// Adds a value in the type of a column of this kind.
pub(super) fn add_value(arguments: &mut PgArguments, kind: Kind, value: Value) -> Result<()> {
    match kind {
        Kind::Id | Kind::Int | Kind::Fk(_) => add(arguments, Option::<Id>::put(value)?),
        Kind::Bool => add(arguments, Option::<bool>::put(value)?),
        Kind::Text => add(arguments, Option::<String>::put(value)?),
        Kind::Time => add(
            arguments,
            Option::<chrono::DateTime<chrono::Utc>>::put(value)?,
        ),
        Kind::Span => add(
            arguments,
            Option::<Interval>::put(value)?.map(PgInterval::from),
        ),
    }
}

/// Adds an array in the type of a column of this kind.
pub(super) fn add_array(
    arguments: &mut PgArguments,
    kind: Kind,
    values: impl Iterator<Item = Value>,
) -> Result<()> {
    fn array<C, T>(
        arguments: &mut PgArguments,
        values: impl Iterator<Item = Value>,
        convert: fn(C) -> T,
    ) -> Result<()>
    where
        Option<C>: Column,
        T: for<'q> Encode<'q, Postgres> + Type<Postgres> + PgHasArrayType,
    {
        let cells = values.map(|value| Ok(Option::<C>::put(value)?.map(convert)));
        add(arguments, cells.collect::<Result<Vec<_>>>()?)
    }
    match kind {
        Kind::Id | Kind::Int | Kind::Fk(_) => array::<Id, _>(arguments, values, |id| id),
        Kind::Bool => array::<bool, _>(arguments, values, |truth| truth),
        Kind::Text => array::<String, _>(arguments, values, |text| text),
        Kind::Time => array::<chrono::DateTime<chrono::Utc>, _>(arguments, values, |time| time),
        Kind::Span => array::<Interval, _>(arguments, values, PgInterval::from),
    }
}

/// Adds one array for each written field of the rows, the key first if it is given.
pub(super) fn add_columns<E: Entity>(
    arguments: &mut PgArguments,
    rows: &[E],
    keyed: bool,
) -> Result<()> {
    let written = |(index, field): &(usize, &Field)| {
        if *index == 0 {
            keyed
        } else {
            is_written(E::META, field)
        }
    };
    for (index, field) in E::META.fields.iter().enumerate().filter(written) {
        add_array(
            arguments,
            field.kind,
            rows.iter().map(|row| row.value(index)),
        )?;
    }
    Ok(())
}
