//! Arbitrary queries: the compiler never panics, and the server takes whatever it accepts.

use chrono::DateTime;
use entity::lookup::{self, Selection, Statement};
use entity::{Entity as _, Error, Kind, Map, Meta, Relation, Result, Value};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sqlx::Executor as _;

use crate::schema::connect;
use crate::world::entities;

const LOOKUPS: &[&str] = &[
    "exact",
    "iexact",
    "contains",
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "regex",
    "iregex",
    "gt",
    "gte",
    "lt",
    "lte",
    "in",
    "range",
    "isnull",
    "date",
    "time",
    "year",
    "iso_year",
    "quarter",
    "month",
    "week",
    "day",
    "week_day",
    "iso_week_day",
    "hour",
    "minute",
    "second",
    "bogus",
    "",
    "id",
    "pk",
];

/// A value that is as often as not of a fitting type.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[0-9]{1,3}",
        "(2024|1999|0000|9999)-(0?[1-9]|1[0-3])-[0-3][0-9]",
        "2024-02-(28|30)[T ][0-2][0-9]:[0-6][0-9](:[0-9]{2}(\\.[0-9]{1,7})?)?(Z|[+-][0-2][0-9](:?[0-9]{2})?)?",
        "(2024-?W[0-5][0-9](-?[0-9])?|[0-9]{6,8})",
        "[0-2][0-9]:[0-5][0-9]",
        "[0-9]{1,2} (day|hours|minutes|x)",
        "P[0-9]DT[0-9]H",
        "(True|False|t|f|true)",
        "[a-c%_\\\\(\\[*?+.^$]{0,4}",
        "\\PC{0,8}",
        any::<String>(),
    ];
    let one = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-5_i64..3000).prop_map(Value::Int),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        text.prop_map(Value::Text),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
        (-99_999_999_999_i64..99_999_999_999).prop_map(|seconds| {
            DateTime::from_timestamp(seconds, 0).map_or(Value::Null, Value::Time)
        }),
    ];
    one.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::vec(("[a-z0-9]{0,3}", inner), 0..3).prop_map(|pairs| {
                Value::Map(
                    pairs
                        .into_iter()
                        .map(|(name, value)| (name.into(), value))
                        .collect(),
                )
            }),
        ]
    })
}

/// A path that mostly exists: each choice is a field or relation of the entity reached so far, and
/// behind the last of them a look-up.
fn key(root: &'static Meta, choices: &[Index]) -> (String, Kind) {
    let (mut meta, mut path, mut kind) = (Some(root), vec![], Kind::Id);
    for choice in choices {
        let Some(at) = meta else {
            path.push(LOOKUPS[choice.index(LOOKUPS.len())].to_owned());
            continue;
        };
        let fields = at.fields.iter().map(|field| match field.kind {
            Kind::Fk(to) => (field.name, Kind::Id, Some(to())),
            kind => (field.name, kind, None),
        });
        let relations = at.relations.iter().map(|relation| match relation {
            Relation::Many { name, to, .. } | Relation::Same { name, to } => (*name, to()),
            Relation::Back { name, from, .. } => (*name, from()),
        });
        let relations = relations.map(|(name, to)| (name, Kind::Id, Some(to)));
        let mut steps: Vec<_> = fields.chain(relations).collect();
        steps.push(("pk", Kind::Id, None));
        let (name, holds, next) = steps[choice.index(steps.len())];
        path.push(name.to_owned());
        (meta, kind) = (next, holds);
    }
    (path.join("__"), kind)
}

/// A value that suits the look-up at the end of a path.
fn fitting(path: &str, kind: Kind, number: i64) -> Value {
    let one = |number: i64| match (kind, path.rsplit("__").next()) {
        (_, Some("contains" | "icontains" | "startswith" | "iexact" | "regex" | "iregex")) => {
            Value::Text(number.to_string())
        }
        (Kind::Time, Some("date")) => "2024-02-29".into(),
        (Kind::Time, Some("time")) => "12:30".into(),
        (Kind::Time, _) if path.contains("__date") => "2024-02-29".into(),
        (Kind::Time, Some(part)) if LOOKUPS[17..].contains(&part) => number.into(),
        (Kind::Time, _) => "2024-02-29 12:30".into(),
        (Kind::Bool, _) => (number % 2 == 0).into(),
        (Kind::Span | Kind::Text, _) => Value::Text(number.to_string()),
        (Kind::Id | Kind::Int | Kind::Fk(_), _) => number.into(),
    };
    match path.rsplit("__").next() {
        Some("isnull") => (number % 2 == 0).into(),
        Some("in" | "range") => Value::List(vec![one(number), one(number + 1)]),
        _ => one(number),
    }
}

fn query() -> impl Strategy<Value = (usize, Map)> {
    let value = prop_oneof![2 => (1..60_i64).prop_map(Err), 1 => value().prop_map(Ok)];
    let condition = (prop::collection::vec(any::<Index>(), 1..5), value);
    (0..entities().len(), prop::collection::vec(condition, 1..4)).prop_map(|(root, conditions)| {
        let pairs = conditions.into_iter().map(|(choices, value)| {
            let (path, kind) = key(entities()[root], &choices);
            let value = value.unwrap_or_else(|number| fitting(&path, kind, number));
            (path.into(), value)
        });
        (root, pairs.collect())
    })
}

fn compile(root: usize, conditions: &Map) -> Result<Statement> {
    let columns = &["pk"];
    lookup::select(
        entities()[root],
        conditions,
        &Selection {
            columns,
            distinct: true,
            order: &[],
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_key_is_answered(root in 0..14_usize, name in "([a-z_]{1,9}(__)?){0,4}|\\PC{0,12}", value in value()) {
        let _ = compile(root, &Map::from_iter([(name.into(), value)]));
    }

    #[test]
    fn any_text_is_a_date_or_refused(text in "[0-9TWZ:+., -]{0,28}") {
        for name in ["create_date", "create_date__date", "create_date__time"] {
            let conditions = Map::from_iter([(name.into(), Value::Text(text.clone()))]);
            let _ = lookup::ids(crate::world::TestCase::META, &conditions);
        }
    }

    #[test]
    fn the_shape_decides_the_text((root, conditions) in query()) {
        let reversed: Map =
            conditions.iter().rev().map(|(name, value)| (name.clone(), value.clone())).collect();
        if let (Ok(one), Ok(other)) = (compile(root, &conditions), compile(root, &reversed)) {
            prop_assert_eq!(one.sql, other.sql);
        }
    }
}

#[tokio::test]
async fn the_server_takes_what_is_accepted() {
    let (_database, mut conn) = connect().await;
    let (mut runner, strategy, mut accepted) = (TestRunner::default(), query(), 0);
    for _ in 0..2000 {
        let (root, conditions) = strategy.new_tree(&mut runner).expect("a query").current();
        let Ok(statement) = compile(root, &conditions) else {
            continue;
        };
        accepted += 1;
        let sql = statement.sql.clone();
        conn.execute("SAVEPOINT attempt")
            .await
            .expect("a transaction");
        match statement.fetch(&mut conn).await {
            Ok(_) | Err(Error::Invalid(_)) => {}
            Err(error) => panic!("{error}\n{conditions:?}\n{sql}"),
        }
        conn.execute("ROLLBACK TO attempt")
            .await
            .expect("a transaction");
    }
    assert!(accepted > 200, "only {accepted} queries were accepted");
}
