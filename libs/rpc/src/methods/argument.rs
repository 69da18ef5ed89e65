//! Parameters that many methods share: ids, values, queries; and the usual create and update.

use domain::form::Form;
use domain::{Ctx, Error, Result, form};
use entity::{Entity, Id, Map, Value, python};

use crate::FromArgument;

/// The id of a row. Null, and one beyond 32 bits, becomes 0, which nothing has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pk(pub(super) Id);

impl FromArgument for Pk {
    const KIND: &'static str = "id";

    fn from_value(value: Value) -> Result<Self> {
        if value.is_null() {
            return Ok(Self(0));
        }
        form::primary_key(&value).map(|id| Self(Id::try_from(id).unwrap_or_default()))
    }
}

/// The fields of an object to be made or changed.
#[derive(Debug, Clone)]
pub(super) struct Values(pub(super) Map);

impl FromArgument for Values {
    const KIND: &'static str = "object";

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Map(map) => Ok(Self(map)),
            other => {
                let kind = python::type_name(&other);
                Err(Error::Type(format!("values must be a mapping, not {kind}")))
            }
        }
    }
}

/// The fields of an object to be changed. Anything that names no field changes nothing.
#[derive(Debug, Clone)]
pub(super) struct Changes(pub(super) Map);

impl FromArgument for Changes {
    const KIND: &'static str = "object";

    fn from_value(value: Value) -> Result<Self> {
        match value {
            Value::Text(_) | Value::List(_) => Ok(Self(Map::new())),
            other => Values::from_value(other).map(|values| Self(values.0)),
        }
    }
}

/// Puts times that were sent with a zone back as they were sent, `…Z` or `…+02:00`.
///
/// They are stored and later read in UTC; only the answer of the same call shows the zone.
pub(super) fn echo_zones(answer: &mut Map, sent: &Map) {
    for (name, value) in sent {
        let (Value::Text(text), Some(Value::Time(time))) = (value, answer.get(name)) else {
            continue;
        };
        if let Some(echo) = domain::text::in_zone(text, *time) {
            answer.insert(name.clone(), echo.into());
        }
    }
}

/// Conditions in the query language.
#[derive(Debug, Clone)]
pub(super) struct Query(pub(super) Map);

impl FromArgument for Query {
    const KIND: &'static str = "query";

    fn from_value(value: Value) -> Result<Self> {
        domain::query::conditions(Some(value)).map(Self)
    }
}

/// Conditions in the query language; none at all for a missing or null parameter.
pub(super) fn conditions(query: Option<Query>) -> Map {
    query.map(|query| query.0).unwrap_or_default()
}

/// Text for a column without a form: scalars in their text form, null refused.
pub(super) fn text(value: &Value, column: &str) -> Result<String> {
    match value {
        Value::Null => Err(Error::refused(format!(
            "null value in column \"{column}\" violates not-null constraint"
        ))),
        Value::Text(text) if text.contains('\0') => Err(Error::refused(
            "A string literal cannot contain NUL (0x00) characters.",
        )),
        other => Ok(python::text(other)),
    }
}

/// Checks the values, inserts a row and returns it as an object.
pub(super) async fn create<E: Entity + Default>(ctx: &mut Ctx, values: &Map) -> Result<Map> {
    let mut row = E::default();
    Form::create(values).apply(ctx, &mut row).await?;
    ctx.insert(&mut row).await?;
    Ok(row.to_map())
}

/// Checks the values, changes the row and returns it as an object.
pub(super) async fn update<E: Entity + Clone>(ctx: &mut Ctx, id: Id, values: &Map) -> Result<Map> {
    let old: E = ctx.get_for_update(id).await?;
    let mut new = old.clone();
    Form::update(values).apply(ctx, &mut new).await?;
    ctx.update(&old, &new).await?;
    Ok(new.to_map())
}

/// True for a missing, null, false, zero or empty value.
pub(super) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false) | Value::Int(0)) => true,
        Some(Value::Float(number)) => *number == 0.0,
        Some(Value::Text(text)) => text.is_empty(),
        Some(Value::List(list)) => list.is_empty(),
        Some(Value::Map(map)) => map.is_empty(),
        Some(_) => false,
    }
}
