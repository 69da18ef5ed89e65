//! Rows of the result: repeated and merged ones, computed columns, pages, errors of the server.

use entity::lookup::{self, Query, Selection};
use entity::{Cell, Entity as _, Error, Interval, Meta, Table};
use serde_json::{Value as Json, json};
use sqlx::PgConnection;

use super::{time, world};
use crate::world::{Property, Tag, TestCase, TestExecution, TestPlan, map};

async fn rows(
    conn: &mut PgConnection,
    root: &'static Meta,
    query: &Json,
    selection: Selection,
) -> Table {
    let statement = lookup::select(root, &map(query), &selection).expect("a good query");
    statement.fetch(conn).await.expect("good SQL")
}

#[tokio::test]
async fn multiplied_rows() {
    let (_database, mut conn) = world().await;
    let columns = &["id", "case", "plan"];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    let triples = |table: Table| -> Vec<Vec<Option<i64>>> {
        let mut rows: Vec<Vec<_>> = table
            .rows()
            .map(|row| row.cells().map(Cell::as_int).collect())
            .collect();
        rows.sort();
        rows
    };
    let found = triples(rows(&mut conn, Tag::META, &json!({}), selection).await);
    let expected = [
        (1, Some(1), None),
        (2, Some(1), Some(1)),
        (2, Some(2), Some(1)),
    ];
    assert_eq!(
        found,
        expected.map(|(tag, case, plan)| vec![Some(tag), case, plan])
    );
    let found = triples(rows(&mut conn, Tag::META, &json!({"case": 1}), selection).await);
    assert_eq!(
        found,
        [
            vec![Some(1), Some(1), None],
            vec![Some(2), Some(1), Some(1)]
        ]
    );

    let columns = &["id", "name"];
    let repeated = Selection {
        columns,
        distinct: false,
        order: &["id"],
    };
    let query = json!({"case__tag__name__in": ["a", "b"]});
    let found = rows(&mut conn, Property::META, &query, repeated).await;
    assert_eq!(found.len(), 5);
    let once = Selection {
        columns,
        distinct: true,
        order: &["name", "id"],
    };
    let found = rows(&mut conn, Property::META, &query, once).await;
    assert_eq!(
        found
            .rows()
            .map(|row| row.get(0).as_int())
            .collect::<Vec<_>>(),
        [Some(2), Some(1), Some(3)]
    );
    let names = Selection {
        columns: &["name"],
        distinct: true,
        order: &["-case", "name"],
    };
    let found = rows(&mut conn, Property::META, &query, names).await;
    assert_eq!(
        found
            .rows()
            .map(|row| row.get(0).as_text())
            .collect::<Vec<_>>(),
        [Some("os"), Some("br"), Some("os")]
    );
    let found = rows(
        &mut conn,
        TestPlan::META,
        &json!({"cases__tag__name__in": ["a", "b"]}),
        Selection {
            columns: &["id", "children__count"],
            distinct: true,
            order: &["product", "id"],
        },
    )
    .await;
    let expected = [[1, 2], [2, 0]].concat();
    assert_eq!(
        found.cells().filter_map(Cell::as_int).collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn computed_columns() {
    let (_database, mut conn) = world().await;
    let columns = &["pk", "case AS test", "expected_duration", "actual_duration"];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    let found = rows(&mut conn, TestExecution::META, &json!({}), selection).await;
    let seconds = |seconds| Cell::Span(Interval::from_seconds(seconds));
    assert_eq!(
        found.columns.to_vec(),
        ["pk", "test", "expected_duration", "actual_duration"]
    );
    assert_eq!(
        found.cells().take(4).collect::<Vec<_>>(),
        [Cell::Int(1), Cell::Int(2), seconds(10.0), seconds(30.0)]
    );
    for (query, expected) in [
        (json!({"actual_duration__gt": "00:00:10"}), vec![Some(1)]),
        (
            json!({"actual_duration__isnull": true}),
            vec![Some(2), Some(3)],
        ),
        (
            json!({"expected_duration__lt": "1 minute"}),
            vec![Some(1), Some(2)],
        ),
        (json!({"expected_duration": "1 day"}), vec![Some(3)]),
    ] {
        let found = rows(&mut conn, TestExecution::META, &query, selection).await;
        assert_eq!(
            found
                .rows()
                .map(|row| row.get(0).as_int())
                .collect::<Vec<_>>(),
            expected
        );
    }
    let columns = &["id", "history_date"];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    let found = rows(&mut conn, TestCase::META, &json!({"pk": 1}), selection).await;
    assert_eq!(
        found.cells().collect::<Vec<_>>(),
        [Cell::Int(1), Cell::Time(time("2024-05-05 05:05:05"))]
    );
}

#[tokio::test]
async fn pages_and_own_conditions() {
    let (_database, mut conn) = world().await;
    let conditions = map(&json!({"tag__isnull": true, "id__gt": 0}));
    let query = Query::new(TestCase::META, &conditions).and("author__password", "");
    let all = query.ids().unwrap().fetch_ids(&mut conn).await.unwrap();
    assert_eq!(all, [3, 4]);
    let selection = Selection {
        columns: &["id"],
        distinct: true,
        order: &["-id"],
    };
    let page = query
        .page(1, 1)
        .select(&selection)
        .unwrap()
        .fetch(&mut conn)
        .await
        .unwrap();
    assert_eq!(page.cells().collect::<Vec<_>>(), [Cell::Int(3)]);
}

#[tokio::test]
async fn refused_by_the_database() {
    for (query, expected) in [
        (
            json!({"summary__regex": "("}),
            "invalid regular expression: parentheses () not balanced",
        ),
        (
            json!({"summary__iregex": "*"}),
            "invalid regular expression: quantifier operand invalid",
        ),
        (
            json!({"setup_duration": "garbage"}),
            "invalid input syntax for type interval: \"garbage\"",
        ),
        (
            json!({"setup_duration__in": ["x"]}),
            "invalid input syntax for type interval: \"x\"",
        ),
    ] {
        let (_database, mut conn) = world().await;
        let statement = lookup::ids(TestCase::META, &map(&query)).unwrap();
        match statement.fetch_ids(&mut conn).await {
            Err(Error::Invalid(text)) => assert_eq!(text, expected),
            other => panic!("{other:?}"),
        }
    }
}
