//! The texts and classes of errors, which are part of the API.

mod names;
mod values;

use entity::lookup::{self, Selection};
use entity::{Error, Map, Meta};
use serde_json::Value as Json;

use crate::world::map;

fn refused(root: &'static Meta, conditions: &Map) -> String {
    let selection = Selection {
        columns: &["id"],
        distinct: true,
        order: &["id"],
    };
    match lookup::select(root, conditions, &selection) {
        Ok(statement) => statement.sql,
        Err(Error::Invalid(text)) => format!("-32603 {text}"),
        Err(Error::Type(text)) => format!("-32602 {text}"),
        Err(Error::Database(error)) => panic!("no database here: {error}"),
    }
}

/// Each row is a query and the beginning of its error.
fn check(root: &'static Meta, rows: &[(Json, &str)]) {
    let wrong: Vec<_> = rows
        .iter()
        .map(|(query, expected)| (query, expected, refused(root, &map(query))))
        .filter(|(_, expected, found)| !found.starts_with(*expected))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
