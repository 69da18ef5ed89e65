//! The statement texts of an entity, made once.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{PoisonError, RwLock};

use sqlx::postgres::PgArguments;

use super::arguments::{add_array, add_value};
use crate::{Entity, Error, Field, Kind, Meta, Result, Value};

/// All texts of one entity. Pairs are the variants without and with a given id.
pub(super) struct Texts {
    pub(super) kind: String,
    pub(super) select: String,
    pub(super) get: String,
    pub(super) lock: String,
    pub(super) get_many: String,
    pub(super) lock_many: String,
    pub(super) as_of: String,
    pub(super) insert: [String; 2],
    pub(super) insert_recorded: [String; 2],
    pub(super) insert_many: [String; 2],
    pub(super) insert_many_recorded: [String; 2],
    pub(super) update: String,
    pub(super) update_recorded: String,
    pub(super) update_many_recorded: String,
    pub(super) delete: String,
    pub(super) delete_recorded: String,
}

/// The texts of an entity. They are never freed: their number is that of the entities.
pub(super) fn texts(meta: &'static Meta) -> &'static Texts {
    static CACHE: RwLock<Option<HashMap<usize, &'static Texts>>> = RwLock::new(None);
    let key = std::ptr::from_ref(meta).addr();
    let cache = CACHE.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = cache.as_ref().and_then(|map| map.get(&key)) {
        return found;
    }
    drop(cache);
    let made: &'static Texts = Box::leak(Box::new(Texts::new(meta)));
    let mut cache = CACHE.write().unwrap_or_else(PoisonError::into_inner);
    cache.get_or_insert_default().entry(key).or_insert(made)
}

/// True unless the field is the key, or another name for it.
pub(super) fn is_written(meta: &Meta, field: &Field) -> bool {
    field.column != meta.key().column
}

/// Appends `WHERE … ORDER BY …` for rows that are equal in these fields.
pub(super) fn conditions<E: Entity>(
    sql: &mut String,
    arguments: &mut PgArguments,
    conditions: &[(&str, Value)],
) -> Result<()> {
    let mut parameters = 0;
    for (index, (name, value)) in conditions.iter().enumerate() {
        let named = |field: &&Field| field.name == *name || field.column == *name;
        let field =
            E::META.fields.iter().find(named).ok_or_else(|| {
                Error::type_error(format!("{} has no field {name}", E::META.name))
            })?;
        sql.push_str(if index == 0 {
            "\nWHERE t."
        } else {
            "\n  AND t."
        });
        sql.push_str(field.column);
        match value {
            Value::Null => sql.push_str(" IS NULL"),
            Value::List(values) => {
                parameters += 1;
                let _ = write!(sql, " = ANY(${parameters})");
                add_array(arguments, field.kind, values.iter().cloned())?;
            }
            value => {
                parameters += 1;
                let _ = write!(sql, " = ${parameters}");
                add_value(arguments, field.kind, value.clone())?;
            }
        }
    }
    sql.push_str("\nORDER BY t.");
    sql.push_str(E::META.key().column);
    Ok(())
}

impl Texts {
    fn new(meta: &'static Meta) -> Self {
        let (table, key, kind) = (meta.table, meta.key().column, meta.model());
        let columns = |prefix: &str| join(meta.fields, |field| format!("{prefix}{}", field.column));
        let select = format!("SELECT {}\nFROM {table} t", columns("t."));
        let returning = recorded_columns(meta);
        let get = format!("{select}\nWHERE t.{key} = $1");
        let update = |recorded| update(meta, recorded);
        let created = |(change, stamp): (String, _)| {
            let ids = "\nRETURNING h.object_id, h.id";
            record(&kind, key, &change, stamp, "+", ids)
        };
        let get_many = format!("{select}\nWHERE t.{key} = ANY($1)\nORDER BY t.{key}");
        let delete = format!("DELETE FROM {table} t\nWHERE t.{key} = ANY($1)");
        Self {
            lock: format!("{get}\nFOR NO KEY UPDATE"),
            as_of: as_of(meta, &kind),
            lock_many: format!("{get_many}\nFOR NO KEY UPDATE"),
            get_many,
            insert: [false, true].map(|keyed| insert(meta, keyed, false).0),
            insert_recorded: [false, true].map(|keyed| created(insert(meta, keyed, true))),
            insert_many: [false, true].map(|keyed| insert_many(meta, keyed, false).0),
            insert_many_recorded: [false, true]
                .map(|keyed| created(insert_many(meta, keyed, true))),
            update: update(false).0,
            update_recorded: {
                let (change, stamp) = update(true);
                record(&kind, key, &change, stamp, "~", "\nRETURNING h.id")
            },
            update_many_recorded: update_many(meta, &kind),
            delete_recorded: {
                let change = format!("{delete}\nRETURNING {returning}");
                record(&kind, key, &change, 2, "-", "")
            },
            kind,
            select,
            get,
            delete,
        }
    }
}

/// The newest snapshot until a moment, unless it is that of a deletion.
fn as_of(meta: &'static Meta, kind: &str) -> String {
    format!(
        "SELECT {}\nFROM (\n  SELECT h.type, h.row\n  FROM history h\n  WHERE h.kind = '{kind}' AND h.object_id = $1 AND h.at <= $2\n  ORDER BY h.id DESC\n  LIMIT 1\n) h\nCROSS JOIN LATERAL jsonb_populate_record(NULL::{}, h.row) t\nWHERE h.type <> '-'",
        recorded_columns(meta),
        meta.table,
    )
}

fn join(fields: &[Field], write: impl Fn(&Field) -> String) -> String {
    fields.iter().map(write).collect::<Vec<_>>().join(", ")
}

/// The columns that a history record keeps, for `RETURNING`.
fn recorded_columns(meta: &Meta) -> String {
    join(meta.fields, |field| format!("t.{}", field.column))
}

/// The columns that an insert writes, and the first parameter behind them.
fn written(meta: &'static Meta, keyed: bool) -> (Vec<&'static Field>, usize) {
    let key = keyed.then(|| meta.key());
    let others = meta
        .fields
        .iter()
        .skip(1)
        .filter(|field| is_written(meta, field));
    let fields: Vec<_> = key.into_iter().chain(others).collect();
    let next = fields.len() + 1;
    (fields, next)
}

/// The names of the written columns, with the stamp if there is one.
fn names(meta: &'static Meta, fields: &[&'static Field], recorded: bool) -> String {
    let stamp = meta.stamp.filter(|_| recorded);
    fields
        .iter()
        .map(|field| field.column)
        .chain(stamp)
        .collect::<Vec<_>>()
        .join(", ")
}

fn insert(meta: &'static Meta, keyed: bool, recorded: bool) -> (String, usize) {
    let (fields, next) = written(meta, keyed);
    let names = names(meta, &fields, recorded);
    let stamped = usize::from(recorded && meta.stamp.is_some());
    let values: Vec<_> = (1..next + stamped)
        .map(|number| format!("${number}"))
        .collect();
    let returning = if recorded {
        recorded_columns(meta)
    } else {
        format!("t.{}", meta.key().column)
    };
    let text = format!(
        "INSERT INTO {} AS t ({names})\nVALUES ({})\nRETURNING {returning}",
        meta.table,
        values.join(", "),
    );
    (text, next)
}

/// The same from one array per column; ids come back in the order of the elements.
fn insert_many(meta: &'static Meta, keyed: bool, recorded: bool) -> (String, usize) {
    let (fields, next) = written(meta, keyed);
    let names = names(meta, &fields, recorded);
    let plain: Vec<_> = fields.iter().map(|field| field.column).collect();
    let mut values: Vec<_> = plain.iter().map(|column| format!("u.{column}")).collect();
    if recorded && meta.stamp.is_some() {
        values.push(format!("${next}"));
    }
    let arrays = arrays(&fields);
    let returning = if recorded {
        recorded_columns(meta)
    } else {
        format!("t.{}", meta.key().column)
    };
    let text = format!(
        "INSERT INTO {} AS t ({names})\nSELECT {}\nFROM UNNEST({}) WITH ORDINALITY AS u ({}, ordinality)\nORDER BY u.ordinality\nRETURNING {returning}",
        meta.table,
        values.join(", "),
        arrays.join(", "),
        plain.join(", "),
    );
    (text, next)
}

fn update(meta: &'static Meta, recorded: bool) -> (String, usize) {
    let (fields, next) = written(meta, true);
    let set = fields.iter().enumerate().skip(1);
    let mut set: Vec<_> = set
        .map(|(index, field)| format!("{} = ${}", field.column, index + 1))
        .collect();
    if let Some(stamp) = meta.stamp.filter(|_| recorded) {
        set.push(format!("{stamp} = ${next}"));
    }
    let mut text = format!(
        "UPDATE {} t\nSET {}\nWHERE t.{} = $1",
        meta.table,
        set.join(", "),
        meta.key().column,
    );
    if recorded {
        text = format!("{text}\nRETURNING {}", recorded_columns(meta));
    }
    (text, next)
}

/// The parameters of one array per column, with their types.
fn arrays(fields: &[&'static Field]) -> Vec<String> {
    let array = |(index, field): (usize, &&Field)| {
        let element = match field.kind {
            Kind::Id | Kind::Int | Kind::Fk(_) => "integer",
            Kind::Bool => "boolean",
            Kind::Text => "text",
            Kind::Time => "timestamptz",
            Kind::Span => "interval",
        };
        format!("${}::{element}[]", index + 1)
    };
    fields.iter().enumerate().map(array).collect()
}

/// Writes rows from one array per column and keeps each in `history`, with a reason of its own. The
/// parameters behind the columns are the reasons, time and member.
fn update_many(meta: &'static Meta, kind: &str) -> String {
    let (fields, next) = written(meta, true);
    let (key, table) = (meta.key().column, meta.table);
    let (at, by) = (next + 1, next + 2);
    let set = fields.iter().skip(1);
    let mut set: Vec<_> = set
        .map(|field| format!("{0} = u.{0}", field.column))
        .collect();
    if let Some(stamp) = meta.stamp {
        set.push(format!("{stamp} = ${at}"));
    }
    let plain: Vec<_> = fields.iter().map(|field| field.column).collect();
    format!(
        "WITH changed AS (\n  UPDATE {table} t\n  SET {}\n  FROM UNNEST({}, ${next}::text[]) AS u ({}, change_reason)\n  WHERE t.{key} = u.{key}\n  RETURNING {}, u.change_reason\n)\nINSERT INTO history AS h (kind, object_id, at, by_id, type, reason, row)\nSELECT '{kind}', changed.{key}, ${at}, ${by}, '~', changed.change_reason, to_jsonb(changed) - 'change_reason'\nFROM changed\nORDER BY changed.{key}",
        set.join(", "),
        arrays(&fields).join(", "),
        plain.join(", "),
        recorded_columns(meta),
    )
}

/// Wraps a change so that each of its rows is also kept in `history`. The parameters from `stamp`
/// on are time, member and reason.
fn record(
    kind: &str,
    key: &str,
    change: &str,
    stamp: usize,
    sign: &str,
    returning: &str,
) -> String {
    let change = change.replace('\n', "\n  ");
    let (by, reason) = (stamp + 1, stamp + 2);
    format!(
        "WITH changed AS (\n  {change}\n)\nINSERT INTO history AS h (kind, object_id, at, by_id, type, reason, row)\nSELECT '{kind}', changed.{key}, ${stamp}, ${by}, '{sign}', ${reason}, to_jsonb(changed)\nFROM changed{returning}"
    )
}
