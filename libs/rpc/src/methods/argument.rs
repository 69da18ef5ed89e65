//! Parameters that many methods share: ids, values, queries; and the usual create and update.

use domain::bulk::{self, Change, RowErrors};
use domain::form::Form;
use domain::tag::{self, Tag};
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

/// The id of a row, read after what must fail before it.
#[derive(Debug, Clone)]
pub(super) struct LatePk(Value);

impl LatePk {
    pub(super) fn read(self) -> Result<Id> {
        Pk::from_value(self.0).map(|id| id.0)
    }

    /// The id; where there is none, the row before it must exist.
    pub(super) async fn read_after<E: Entity>(self, ctx: &mut Ctx, row: Pk) -> Result<Id> {
        let id = self.read();
        if id.is_err() {
            ctx.get::<E>(row.0).await?;
        }
        id
    }
}

impl FromArgument for LatePk {
    const KIND: &'static str = Pk::KIND;

    fn from_value(value: Value) -> Result<Self> {
        Ok(Self(value))
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

/// Gives times that were sent with a zone, `…Z` or `…+02:00`, that zone again.
///
/// They are stored and later read in UTC; only the answer of the same call shows the zone.
pub(super) fn echo_zones(answer: &mut Map, sent: &Map) {
    for (name, value) in sent {
        let (Value::Text(text), Some(Value::Time(time))) = (value, answer.get(name)) else {
            continue;
        };
        if let Some(echo) = domain::text::in_zone(text, *time) {
            answer.insert(name.clone(), echo);
        }
    }
}

/// The fields of many objects to be made or changed.
#[derive(Debug, Clone)]
pub(super) struct Rows(pub(super) Vec<Map>);

impl FromArgument for Rows {
    const KIND: &'static str = "array of objects";

    fn from_value(value: Value) -> Result<Self> {
        let Value::List(values) = value else {
            let kind = python::type_name(&value);
            return Err(Error::Type(format!("values must be a list, not {kind}")));
        };
        bulk::limit(values.len())?;
        let mut errors = RowErrors::default();
        let mut rows = Vec::with_capacity(values.len());
        for (place, value) in values.into_iter().enumerate() {
            match Values::from_value(value) {
                Ok(values) => rows.push(values.0),
                Err(error) => errors.note(place, "__all__", error)?,
            }
        }
        errors.into_result()?;
        Ok(Self(rows))
    }
}

/// The ids of many rows.
#[derive(Debug, Clone)]
pub(super) struct Ids(pub(super) Vec<Id>);

impl FromArgument for Ids {
    const KIND: &'static str = "array of ids";

    fn from_value(value: Value) -> Result<Self> {
        let Value::List(values) = value else {
            let kind = python::type_name(&value);
            return Err(Error::Type(format!("ids must be a list, not {kind}")));
        };
        bulk::limit(values.len())?;
        let mut errors = RowErrors::default();
        let mut ids = Vec::with_capacity(values.len());
        for (place, value) in values.into_iter().enumerate() {
            match Pk::from_value(value) {
                Ok(Pk(id)) => ids.push(id),
                Err(error) => errors.note(place, "id", error)?,
            }
        }
        errors.into_result()?;
        Ok(Self(ids))
    }
}

impl Rows {
    /// Takes the id out of each row.
    pub(super) fn changes(self) -> Result<Vec<Change>> {
        let mut errors = RowErrors::default();
        let mut changes = Vec::with_capacity(self.0.len());
        for (place, mut values) in self.0.into_iter().enumerate() {
            match values.shift_remove("id") {
                None | Some(Value::Null) => errors.add(place, "id", "This field is required."),
                Some(id) => match Pk::from_value(id) {
                    Ok(Pk(id)) => changes.push(Change { id, values }),
                    Err(error) => errors.note(place, "id", error)?,
                },
            }
        }
        errors.into_result()?;
        Ok(changes)
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

/// The tag of this name; null names none.
pub(super) async fn existing_tag(ctx: &mut Ctx, name: &Value) -> Result<Tag> {
    if name.is_null() {
        return Err(Error::NotFound {
            entity: Tag::META.name,
        });
    }
    tag::find(ctx, &text(name, "name")?).await
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
    !value.is_some_and(python::truth)
}
