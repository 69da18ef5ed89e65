//! What queries find, on a small set of rows.

mod columns;
mod relations;
mod results;

use chrono::{DateTime, NaiveDateTime, Utc};
use entity::repository::{self, Stamp};
use entity::{Entity, Fk, Id, Interval, Meta, lookup};
use serde_json::Value as Json;
use sqlx::PgConnection;
use testkit::TestDatabase;

use crate::schema::connect;
use crate::world::{
    Category, Classification, Member, Product, Property, Tag, TestCase, TestCasePlan, TestCaseTag,
    TestExecution, TestPlan, TestPlanTag, map,
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
async fn world() -> (TestDatabase, PgConnection) {
    let (database, mut conn) = connect().await;
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
    (database, conn)
}

async fn check(root: &'static Meta, rows: &[(Json, &[Id])]) {
    let (_database, mut conn) = world().await;
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
