//! What queries find, on a small set of rows.

use chrono::{DateTime, NaiveDateTime, Utc};
use entity::lookup::{self, Query, Selection};
use entity::repository::{self, Stamp};
use entity::{Entity, Error, Fk, Id, Interval, Meta, Table, Value};
use serde_json::{Value as Json, json};
use sqlx::PgConnection;

use crate::cluster::connect;
use crate::world::{
    Category, Classification, HistoricalTestCase, Member, Product, Property, Tag, TestCase,
    TestCasePlan, TestCaseTag, TestExecution, TestPlan, TestPlanTag, map,
};

fn time(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .expect("a time")
        .and_utc()
}

async fn add<E: Entity, const N: usize>(conn: &mut PgConnection, mut rows: [E; N]) {
    repository::insert_many(conn, &mut rows)
        .await
        .expect("rows");
}

/// Ids count from 1 in each table, in the order given here.
async fn world() -> PgConnection {
    let mut conn = connect().await;
    let conn_ = &mut conn;
    add(
        conn_,
        ["tools", "Toys"].map(|name| Classification {
            id: 0,
            name: name.into(),
        }),
    )
    .await;
    let product = |name: &str, group| Product {
        name: name.into(),
        classification: Fk::new(group),
        ..Product::default()
    };
    add(conn_, [product("saw", 1), product("ball", 2)]).await;
    let category = |name: &str, product| Category {
        name: name.into(),
        product: Fk::new(product),
        ..Category::default()
    };
    let names = [
        "Alpha",
        "alpha",
        "ALPHA 100%",
        "beta_x",
        "back\\slash",
        "Ünï",
        "5",
        "True",
    ];
    add(conn_, names.map(|name| category(name, 1))).await;
    add(conn_, [category("other", 2)]).await;
    let member = |name: &str| Member {
        username: name.into(),
        ..Member::default()
    };
    add(conn_, [member("ann"), member("bob")]).await;
    add(
        conn_,
        ["a", "b"].map(|name| Tag {
            id: 0,
            name: name.into(),
        }),
    )
    .await;
    let plan = |name: &str, parent: Option<Id>| TestPlan {
        name: name.into(),
        parent: parent.map(Fk::new),
        product: Fk::new(1),
        ..TestPlan::default()
    };
    add(
        conn_,
        [
            plan("root", None),
            plan("kid", Some(1)),
            plan("empty", Some(1)),
        ],
    )
    .await;
    let case = |create_date, setup: Option<f64>, reviewer: Option<Id>| TestCase {
        create_date: time(create_date),
        summary: format!("case at {create_date}"),
        setup_duration: setup.map(Interval::from_seconds),
        category: Fk::new(1),
        author: Fk::new(1),
        reviewer: reviewer.map(Fk::new),
        is_automated: setup.is_some(),
        ..TestCase::default()
    };
    let mut cases = [
        case("2023-12-31 23:59:59", None, None),
        case("2024-01-01 00:00:00", Some(10.0), Some(2)),
        case("2024-02-29 12:30:45.5", Some(86_400.0), None),
        case("2025-01-06 00:00:00", Some(60.0), Some(1)),
    ];
    let stamp = Stamp {
        at: time("2024-05-05 05:05:05"),
        by: Some(2),
        reason: None,
    };
    repository::insert_many_recorded(conn_, &mut cases, &stamp)
        .await
        .expect("cases");
    let member = |plan, case, sortkey| TestCasePlan {
        id: 0,
        plan: Fk::new(plan),
        case: Fk::new(case),
        sortkey,
    };
    add(
        conn_,
        [
            member(1, 1, Some(0)),
            member(1, 2, Some(10)),
            member(2, 1, Some(50)),
        ],
    )
    .await;
    let tag = |case, tag| TestCaseTag {
        id: 0,
        case: Fk::new(case),
        tag: Fk::new(tag),
    };
    add(conn_, [tag(1, 1), tag(1, 2), tag(2, 2)]).await;
    add(
        conn_,
        [TestPlanTag {
            id: 0,
            plan: Fk::new(1),
            tag: Fk::new(2),
        }],
    )
    .await;
    let property = |case, name: &str, value: &str| Property {
        id: 0,
        case: Fk::new(case),
        name: name.into(),
        value: value.into(),
    };
    add(
        conn_,
        [
            property(1, "os", "x"),
            property(1, "br", "y"),
            property(2, "os", "y"),
        ],
    )
    .await;
    let execution = |case, tester: Option<Id>, stop: Option<&str>| TestExecution {
        case: Fk::new(case),
        tested_by: tester.map(Fk::new),
        start_date: Some(time("2024-01-01 10:00:00")),
        stop_date: stop.map(time),
        ..TestExecution::default()
    };
    let stop = Some("2024-01-01 10:00:30");
    add(
        conn_,
        [
            execution(2, Some(1), stop),
            execution(2, None, None),
            execution(3, Some(2), None),
        ],
    )
    .await;
    conn
}

async fn check(root: &'static Meta, rows: &[(Json, &[Id])]) {
    let mut conn = world().await;
    for (query, expected) in rows {
        let conditions = map(query);
        let statement = lookup::ids(root, &conditions).expect("a good query");
        let sql = statement.sql.clone();
        let found = statement.fetch_ids(&mut conn).await.expect("good SQL");
        assert_eq!(found, *expected, "{query}\n{sql}");
        let statement = lookup::count(root, &conditions).expect("a good query");
        let count = statement.fetch_count(&mut conn).await.expect("good SQL");
        assert_eq!(count, expected.len() as i64, "{query}");
    }
}

#[tokio::test]
async fn texts() {
    check(
        Category::META,
        &[
            (json!({"name": "Alpha"}), &[1]),
            (json!({"name": 5}), &[7]),
            (json!({"name": true}), &[8]),
            (json!({"name": ["5"]}), &[]),
            (json!({"name": ""}), &[]),
            (json!({"name__iexact": "ALPHA"}), &[1, 2]),
            (json!({"name__iexact": "üNÏ"}), &[6]),
            (json!({"name__iexact": null}), &[]),
            (json!({"name__contains": "LPHA"}), &[3]),
            (json!({"name__contains": "%"}), &[3]),
            (json!({"name__contains": "_"}), &[4]),
            (json!({"name__contains": ""}), &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (json!({"name__contains": 5}), &[7]),
            (json!({"name__icontains": "lpha"}), &[1, 2, 3]),
            (json!({"name__startswith": "back\\"}), &[5]),
            (json!({"name__istartswith": "AL"}), &[1, 2, 3]),
            (json!({"name__istartswith": "ün"}), &[6]),
            (json!({"name__endswith": "%"}), &[3]),
            (json!({"name__iendswith": "SLASH"}), &[5]),
            (json!({"name__regex": "^[Aa]lpha$"}), &[1, 2]),
            (json!({"name__iregex": "^alpha"}), &[1, 2, 3]),
            (json!({"name__regex": ""}), &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (json!({"name__lte": "5"}), &[7]),
            (json!({"name__gt": "other"}), &[6, 8]),
            (json!({"name__in": [5, true, null]}), &[7, 8]),
            (json!({"name__in": "5T"}), &[7]),
            (json!({"name__in": {"5": 1}}), &[7]),
            (json!({"name__in": []}), &[]),
            (json!({"name__range": ["b", "c"]}), &[4, 5]),
            (json!({"name__range": ["b", null]}), &[]),
            (json!({"name__isnull": true}), &[]),
            (
                json!({"name__startswith": "A", "name__endswith": "%"}),
                &[3],
            ),
            (json!({"description": ""}), &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ],
    )
    .await;
}

#[tokio::test]
async fn numbers_and_truth_values() {
    let all: &[Id] = &[1, 2, 3, 4, 5, 6, 7, 8, 9];
    check(
        Category::META,
        &[
            (json!({"pk": 3}), &[3]),
            (json!({"id": " 3 "}), &[3]),
            (json!({"id": "+3"}), &[3]),
            (json!({"id": "0_3"}), &[3]),
            (json!({"id": true}), &[1]),
            (json!({"id": 1.5}), &[1]),
            (json!({"id": -1}), &[]),
            (json!({"id": null}), &[]),
            (json!({"id": 99_999_999_999_i64}), &[]),
            (json!({"id": 1e30}), &[]),
            (json!({"id": "99999999999999999999999"}), &[]),
            (
                json!({"id__in": [2, 99_999_999_999_i64, null, "3"]}),
                &[2, 3],
            ),
            (json!({"id__in": "13"}), &[1, 3]),
            (json!({"id__lt": 99_999_999_999_i64}), all),
            (json!({"id__gt": 99_999_999_999_i64}), &[]),
            (json!({"id__gt": -99_999_999_999_i64}), all),
            (json!({"id__gte": 7.5}), &[8, 9]),
            (json!({"id__gt": 7.5}), &[8, 9]),
            (json!({"id__lt": 2.5}), &[1, 2]),
            (json!({"id__lte": 2.5}), &[1, 2]),
            (json!({"id__range": [2, 3]}), &[2, 3]),
            (json!({"id__range": "23"}), &[2, 3]),
            (json!({"id__startswith": 1}), &[1]),
            (json!({"id__regex": "^[12]$"}), &[1, 2]),
            (json!({"id__iexact": "4"}), &[4]),
            (json!({"product": 2}), &[9]),
            (json!({"product_id": "2"}), &[9]),
            (json!({"product__pk__in": [2]}), &[9]),
            (json!({"product__gt": 1}), &[9]),
            (json!({"product__gte": 1.5}), all),
            (json!({"product__isnull": false}), all),
        ],
    )
    .await;
    check(
        TestCase::META,
        &[
            (json!({"is_automated": "f"}), &[1]),
            (json!({"is_automated": 1}), &[2, 3, 4]),
            (json!({"is_automated__in": [false, "0"]}), &[1]),
            (json!({"is_automated__gt": false}), &[2, 3, 4]),
            (json!({"is_automated__contains": "als"}), &[1]),
            (json!({"is_automated__range": [false, true]}), &[1, 2, 3, 4]),
        ],
    )
    .await;
}

#[tokio::test]
async fn dates_and_intervals() {
    check(
        TestCase::META,
        &[
            (json!({"create_date": "2024-01-01"}), &[2]),
            (json!({"create_date": "2024-1-1"}), &[2]),
            (json!({"create_date": "20240101"}), &[2]),
            (json!({"create_date": "2024-W01-1"}), &[2]),
            (json!({"create_date": "2024-01-01 00:00"}), &[2]),
            (json!({"create_date": "2024-01-01T00:00:00.000Z"}), &[2]),
            (json!({"create_date": "2024-01-01T02:00+02:00"}), &[2]),
            (json!({"create_date": "2023-12-31 23:00 -01"}), &[2]),
            (json!({"create_date__gt": "2024-02-29 12:30:45"}), &[3, 4]),
            (json!({"create_date__lte": "2024-01-01"}), &[1, 2]),
            (
                json!({"create_date__range": ["2024-01-01", "2024-12-31"]}),
                &[2, 3],
            ),
            (
                json!({"create_date__in": ["2024-01-01", "2025-01-06", null]}),
                &[2, 4],
            ),
            (json!({"create_date__date": "2024-02-29"}), &[3]),
            (json!({"create_date__date__gt": "2024-02-28"}), &[3, 4]),
            (json!({"create_date__date__in": ["2023-12-31"]}), &[1]),
            (json!({"create_date__date__year": 2024}), &[2, 3]),
            (json!({"create_date__date__contains": "02-29"}), &[3]),
            (json!({"create_date__year": "2024"}), &[2, 3]),
            (json!({"create_date__year__in": [2023, 2025]}), &[1, 4]),
            (
                json!({"create_date__year__range": [2024, 2025]}),
                &[2, 3, 4],
            ),
            (json!({"create_date__year": null}), &[]),
            (json!({"create_date__iso_year": 2023}), &[1]),
            (json!({"create_date__quarter": 4}), &[1]),
            (json!({"create_date__month": 1}), &[2, 4]),
            (json!({"create_date__week": 52}), &[1]),
            (json!({"create_date__day": 29}), &[3]),
            (json!({"create_date__week_day": 2}), &[2, 4]),
            (json!({"create_date__iso_week_day": 7}), &[1]),
            (json!({"create_date__hour__gte": 12}), &[1, 3]),
            (json!({"create_date__minute": 30}), &[3]),
            (json!({"create_date__second": 45}), &[3]),
            (json!({"create_date__second__isnull": false}), &[1, 2, 3, 4]),
            (json!({"create_date__hour": 25}), &[]),
            (json!({"create_date__time": "12:30:45.5"}), &[3]),
            (json!({"create_date__time__hour": 23}), &[1]),
            (json!({"create_date__contains": "2024-02"}), &[3]),
            (json!({"create_date__endswith": "59:59"}), &[1]),
            (json!({"setup_duration": "00:00:10"}), &[2]),
            (json!({"setup_duration": "10"}), &[2]),
            (json!({"setup_duration": "P1D"}), &[3]),
            (json!({"setup_duration__gt": "30 seconds"}), &[3, 4]),
            (json!({"setup_duration__in": ["10", "1 day"]}), &[2, 3]),
            (json!({"setup_duration__range": ["10", "60"]}), &[2, 4]),
            (json!({"setup_duration__startswith": "00:01"}), &[4]),
            (json!({"setup_duration": null}), &[1]),
            (json!({"setup_duration__isnull": false}), &[2, 3, 4]),
        ],
    )
    .await;
    check(
        TestExecution::META,
        &[
            (json!({"stop_date": null}), &[2, 3]),
            (json!({"stop_date__second": 30}), &[1]),
            (json!({"stop_date__hour__isnull": true}), &[2, 3]),
        ],
    )
    .await;
}

#[tokio::test]
async fn relations() {
    check(
        TestCase::META,
        &[
            (json!({"plan": 1}), &[1, 2]),
            (json!({"plan__in": [1, 2]}), &[1, 2]),
            (json!({"plan__in": []}), &[]),
            (json!({"plan": null}), &[3, 4]),
            (json!({"plan__isnull": false}), &[1, 2]),
            (json!({"plan__name": null}), &[3, 4]),
            (json!({"plan__parent": null}), &[1, 2, 3, 4]),
            (json!({"plan__parent": 1}), &[1]),
            (json!({"plan__parent__name": "root"}), &[1]),
            (json!({"plan__children__isnull": false}), &[1, 2]),
            (json!({"plan__children": 2}), &[1, 2]),
            (json!({"tag__isnull": true}), &[3, 4]),
            (json!({"tag__name": "a"}), &[1]),
            (json!({"tag__name__in": ["a", "b"]}), &[1, 2]),
            (json!({"tag__name": "b", "tag__id": 1}), &[]),
            (
                json!({"testcaseplan__plan": 1, "testcaseplan__sortkey__gte": 10}),
                &[2],
            ),
            (
                json!({"testcaseplan__plan": 1, "testcaseplan__sortkey": 50}),
                &[],
            ),
            (json!({"plan": 1, "testcaseplan__sortkey": 50}), &[]),
            (
                json!({"property__name": "os", "property__value": "y"}),
                &[2],
            ),
            (json!({"executions__tested_by": null}), &[1, 2, 4]),
            (json!({"executions__tested_by__username": "ann"}), &[2]),
            (json!({"executions__isnull": true}), &[1, 4]),
            (json!({"executions": 3}), &[3]),
            (json!({"reviewer": null}), &[1, 3]),
            (json!({"reviewer__username__isnull": true}), &[1, 3]),
            (json!({"reviewer__username": "bob"}), &[2]),
            (
                json!({"category__product__classification__name__iexact": "TOOLS"}),
                &[1, 2, 3, 4],
            ),
            (json!({"category_id__name": "Alpha"}), &[1, 2, 3, 4]),
            (json!({"plan__cases__tag__name": "a"}), &[1, 2]),
            (json!({"tag__plan": 1}), &[1, 2]),
            (json!({"email_settings__isnull": true}), &[]),
            (
                json!({"email_settings__notify_on_case_update": true, "email_settings__case": 3}),
                &[3],
            ),
            (
                json!({"category__category_case": 4, "summary__contains": "2025"}),
                &[4],
            ),
        ],
    )
    .await;
    check(
        Product::META,
        &[
            (json!({"plan__cases__tag__name": "a"}), &[1]),
            (json!({"category__name": "other"}), &[2]),
            (json!({"plan__isnull": true}), &[2]),
        ],
    )
    .await;
    check(Member::META, &[(json!({"cases_as_author__plan": 2}), &[1])]).await;
    check(
        HistoricalTestCase::META,
        &[
            (
                json!({"history_user__username": "bob", "history_type": "+"}),
                &[1, 2, 3, 4],
            ),
            (json!({"id": 3}), &[3]),
            (
                json!({"create_date__year": 2024, "setup_duration__lt": "1 minute"}),
                &[2],
            ),
            (
                json!({"category__name": "Alpha", "history_date__year": 2024}),
                &[1, 2, 3, 4],
            ),
        ],
    )
    .await;
}

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
    let mut conn = world().await;
    let columns = &["id", "case", "plan"];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    let triples = |table: Table| -> Vec<Vec<Option<i64>>> {
        let mut rows: Vec<Vec<_>> = table
            .rows()
            .map(|row| row.iter().map(Value::as_int).collect())
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
        found.rows().map(|row| row[0].as_int()).collect::<Vec<_>>(),
        [Some(2), Some(1), Some(3)]
    );
    let names = Selection {
        columns: &["name"],
        distinct: true,
        order: &["-case", "name"],
    };
    let found = rows(&mut conn, Property::META, &query, names).await;
    assert_eq!(
        found.rows().map(|row| row[0].as_text()).collect::<Vec<_>>(),
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
        found
            .cells
            .iter()
            .filter_map(Value::as_int)
            .collect::<Vec<_>>(),
        expected
    );
}

#[tokio::test]
async fn computed_columns() {
    let mut conn = world().await;
    let columns = &["pk", "case AS test", "expected_duration", "actual_duration"];
    let selection = Selection {
        columns,
        distinct: true,
        order: &["id"],
    };
    let found = rows(&mut conn, TestExecution::META, &json!({}), selection).await;
    let seconds = |seconds| Value::Span(Interval::from_seconds(seconds));
    assert_eq!(
        found.columns.to_vec(),
        ["pk", "test", "expected_duration", "actual_duration"]
    );
    assert_eq!(
        found.cells[..4],
        [1.into(), 2.into(), seconds(10.0), seconds(30.0)]
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
            found.rows().map(|row| row[0].as_int()).collect::<Vec<_>>(),
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
        found.cells,
        [Value::Int(1), Value::Time(time("2024-05-05 05:05:05"))]
    );
}

#[tokio::test]
async fn pages_and_own_conditions() {
    let mut conn = world().await;
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
    assert_eq!(page.cells, [Value::Int(3)]);
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
        let mut conn = world().await;
        let statement = lookup::ids(TestCase::META, &map(&query)).unwrap();
        match statement.fetch_ids(&mut conn).await {
            Err(Error::Invalid(text)) => assert_eq!(text, expected),
            other => panic!("{other:?}"),
        }
    }
}
