//! The shape of what goes over the wire, read off an example and the table of its entity.

use entity::{Kind, Meta};
use serde_json::Value;

/// What a value can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Not said.
    Any,
    /// Nothing.
    Null,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text.
    Text,
    /// A date, a time of day, and no zone.
    Time,
    /// Values of one shape.
    List(Box<Self>),
    /// Names of fields with values.
    Object(Vec<Member>),
    /// Keys that are data, with values of one shape.
    Map(Box<Self>),
}

/// A named part of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its key.
    pub name: String,
    /// Words for people; empty where the key says it all.
    pub label: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// True if it can be null.
    pub nullable: bool,
    /// True if it cannot be left out.
    pub required: bool,
}

impl Shape {
    /// The shape of an example. What the fields of an entity hold is known better than the
    /// example can show.
    pub fn of(example: &Value, entity: Option<&'static Meta>) -> Self {
        observe(&[example], entity).0
    }

    /// The shape of a column.
    pub fn of_kind(kind: Kind) -> Self {
        match kind {
            Kind::Id | Kind::Int | Kind::Fk(_) => Self::Integer,
            Kind::Bool => Self::Boolean,
            Kind::Text => Self::Text,
            Kind::Time => Self::Time,
            Kind::Span => Self::Number,
        }
    }

    /// The parts of an object, or of each object in a list.
    pub fn members(&self) -> &[Member] {
        match self {
            Self::Object(members) => members,
            Self::List(item) => item.members(),
            _ => &[],
        }
    }

    /// The shape in a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::Null => "null".to_owned(),
            Self::Boolean => "boolean".to_owned(),
            Self::Integer => "integer".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Text => "string".to_owned(),
            Self::Time => "date-time".to_owned(),
            Self::Object(_) | Self::Map(_) => "object".to_owned(),
            Self::List(item) => match **item {
                Self::Any | Self::List(_) => "array".to_owned(),
                ref item => format!("array of {}s", item.words()),
            },
        }
    }
}

/// The shape that all these values have, and whether one of them is null.
fn observe(values: &[&Value], entity: Option<&'static Meta>) -> (Shape, bool) {
    let found: Vec<&Value> = values.iter().copied().filter(|v| !v.is_null()).collect();
    let nullable = found.len() < values.len();
    let all = |is: fn(&Value) -> bool| found.iter().all(|value| is(value));
    let shape = if found.is_empty() {
        if nullable { Shape::Null } else { Shape::Any }
    } else if all(Value::is_boolean) {
        Shape::Boolean
    } else if all(Value::is_i64) {
        Shape::Integer
    } else if all(Value::is_number) {
        Shape::Number
    } else if all(Value::is_string) {
        Shape::Text
    } else if all(Value::is_array) {
        let items = found.iter().filter_map(|value| value.as_array()).flatten();
        let items: Vec<&Value> = items.collect();
        Shape::List(Box::new(observe(&items, entity).0))
    } else if all(Value::is_object) {
        object(&found, entity)
    } else {
        Shape::Any
    };
    (shape, nullable)
}

fn object(values: &[&Value], entity: Option<&'static Meta>) -> Shape {
    let pairs = || {
        values
            .iter()
            .filter_map(|value| value.as_object())
            .flatten()
    };
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in pairs() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let is_name = |name: &&String| {
        let mut letters = name.bytes();
        letters.all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    if !names.iter().all(is_name) {
        let held: Vec<&Value> = pairs().map(|(_, value)| value).collect();
        return Shape::Map(Box::new(observe(&held, None).0));
    }
    let member = |name: &String| {
        let held: Vec<&Value> = pairs()
            .filter_map(|(own, value)| (own == name).then_some(value))
            .collect();
        let (mut shape, mut nullable) = observe(&held, None);
        if let Some((kind, null)) = entity.and_then(|entity| column(entity, name)) {
            nullable |= null;
            if matches!((&shape, kind), (Shape::Null, _) | (Shape::Text, Kind::Time)) {
                shape = Shape::of_kind(kind);
            }
        }
        Member {
            name: name.clone(),
            label: "",
            shape,
            nullable,
            required: held.len() == values.len(),
        }
    };
    Shape::Object(names.into_iter().map(member).collect())
}

/// What a look-up path over references leads to, and whether a reference on the way can be empty.
fn column(entity: &'static Meta, path: &str) -> Option<(Kind, bool)> {
    let (first, rest) = match path.split_once("__") {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let field = entity.fields[entity.field(first)?];
    match (rest, field.kind) {
        (None, kind) => Some((kind, field.null)),
        (Some(rest), Kind::Fk(to)) => {
            let (kind, null) = column(to(), rest)?;
            Some((kind, null || field.null))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::test_plan::TestPlan;
    use entity::Entity as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_in_lists_are_seen_as_one() {
        let rows = json!([{"id": 1, "name": null}, {"id": 2, "name": "x", "more": [1.5, 2]}]);
        let shape = Shape::of(&rows, None);
        assert_eq!(shape.words(), "array of objects");
        let told: Vec<_> = shape
            .members()
            .iter()
            .map(|m| (m.name.as_str(), m.shape.words(), m.nullable, m.required))
            .collect();
        assert_eq!(
            told,
            [
                ("id", "integer".to_owned(), false, true),
                ("name", "string".to_owned(), true, true),
                ("more", "array of numbers".to_owned(), false, false),
            ]
        );
        assert_eq!(
            Shape::of(&json!({"1": 10}), None),
            Shape::Map(Box::new(Shape::Integer))
        );
        assert_eq!(Shape::of(&json!(["a", 1]), None).words(), "array");
        assert_eq!(Shape::of(&json!(null), None), Shape::Null);
        assert_eq!(Shape::of(&json!([]), None).words(), "array");
    }

    #[test]
    fn an_entity_knows_more_than_its_example() {
        let row = json!({"create_date": "2026-01-31T13:30:00.000", "parent": null, "name": "x",
            "author__username": "x", "parent__name": "x"});
        let shape = Shape::of(&row, Some(TestPlan::META));
        let told: Vec<_> = shape
            .members()
            .iter()
            .map(|m| (m.shape.words(), m.nullable))
            .collect();
        let told: Vec<_> = told.iter().map(|(w, n)| (w.as_str(), *n)).collect();
        assert_eq!(
            told,
            [
                ("date-time", false),
                ("integer", true),
                ("string", false),
                ("string", false),
                ("string", true),
            ]
        );
    }
}
