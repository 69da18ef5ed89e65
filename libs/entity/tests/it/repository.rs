//! Rows written, read and recorded by the generic statements.

use chrono::{DateTime, TimeZone as _, Utc};
use entity::repository::{self, Stamp};
use entity::{Entity as _, Error, Fk, Id, Interval, Probe, Value, diff, probe};
use insta::assert_snapshot;
use sqlx::{PgConnection, Row as _};

use crate::schema::connect;
use crate::world::{Category, Classification, EmailSettings, Member, Product, Tag, TestCase};

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2024, 2, 29, 12, 0, 0).unwrap()
}

fn stamp(reason: Option<&str>) -> Stamp<'_> {
    Stamp {
        at: noon(),
        by: Some(7),
        reason,
    }
}

/// A case with all that it refers to.
async fn case(conn: &mut PgConnection, summary: &str) -> TestCase {
    let mut member = Member {
        username: summary.into(),
        ..Member::default()
    };
    repository::insert(conn, &mut member).await.unwrap();
    let mut group = Classification {
        id: 0,
        name: summary.into(),
    };
    repository::insert(conn, &mut group).await.unwrap();
    let classification = Fk::new(group.id);
    let mut product = Product {
        name: summary.into(),
        classification,
        ..Product::default()
    };
    repository::insert_recorded(conn, &mut product, &stamp(None))
        .await
        .unwrap();
    let product = Fk::new(product.id);
    let mut category = Category {
        name: "c".into(),
        product,
        ..Category::default()
    };
    repository::insert(conn, &mut category).await.unwrap();
    TestCase {
        create_date: noon(),
        summary: summary.into(),
        setup_duration: Some(Interval::from_seconds(90.5)),
        category: Fk::new(category.id),
        author: Fk::new(member.id),
        ..TestCase::default()
    }
}

async fn history(conn: &mut PgConnection) -> Vec<String> {
    let sql = "SELECT concat_ws(' | ', id, kind, object_id, at, by_id, type, reason, row) FROM history WHERE kind = 'testcase' ORDER BY id";
    let rows = sqlx::query(sql).fetch_all(conn).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn reads_what_it_writes() {
    let (_database, mut conn) = connect().await;
    let mut row = case(&mut conn, "one").await;
    repository::insert(&mut conn, &mut row).await.unwrap();
    assert_eq!(
        repository::get(&mut conn, row.id).await.unwrap().as_ref(),
        Some(&row)
    );

    row.extra_link = Some("https://example.com".into());
    row.reviewer = Some(Fk::new(row.author.id()));
    row.is_automated = true;
    repository::update(&mut conn, &row).await.unwrap();
    assert_eq!(
        repository::get_for_update(&mut conn, row.id)
            .await
            .unwrap()
            .as_ref(),
        Some(&row)
    );
    assert_eq!(
        repository::get_many::<TestCase>(&mut conn, &[row.id, 99])
            .await
            .unwrap(),
        [row]
    );
    assert_eq!(
        repository::get::<TestCase>(&mut conn, 99).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn keeps_given_ids() {
    let (_database, mut conn) = connect().await;
    let mut row = Member {
        id: 40,
        username: "m".into(),
        ..Member::default()
    };
    repository::insert(&mut conn, &mut row).await.unwrap();
    assert_eq!(row.id, 40);
    let mut rows = [41, 42].map(|id| Member {
        id,
        username: id.to_string(),
        ..Member::default()
    });
    repository::insert_many(&mut conn, &mut rows).await.unwrap();
    assert_eq!(
        repository::get_many::<Member>(&mut conn, &[41, 42])
            .await
            .unwrap(),
        rows
    );
    let mut mixed = [0, 43].map(|id| Member {
        id,
        ..Member::default()
    });
    let refused = repository::insert_many(&mut conn, &mut mixed).await;
    assert!(matches!(refused, Err(Error::Type(_))));
}

#[tokio::test]
async fn finds_by_fields_and_columns() {
    let (_database, mut conn) = connect().await;
    let mut one = case(&mut conn, "one").await;
    let mut two = TestCase {
        summary: "two".into(),
        setup_duration: None,
        ..one.clone()
    };
    repository::insert(&mut conn, &mut one).await.unwrap();
    repository::insert(&mut conn, &mut two).await.unwrap();
    let mut find = async |conditions: &[(&str, Value)]| -> Vec<Id> {
        let found = repository::find::<TestCase>(&mut conn, conditions)
            .await
            .unwrap();
        found.iter().map(|row| row.id).collect()
    };
    let (first, second) = (one.id, two.id);
    let category = Value::from(one.category.id());
    assert_eq!(find(&[]).await, [first, second]);
    assert_eq!(
        find(&[("category", category.clone())]).await,
        [first, second]
    );
    assert_eq!(
        find(&[("category_id", category), ("summary", "two".into())]).await,
        [second]
    );
    assert_eq!(find(&[("setup_duration", Value::Null)]).await, [second]);
    assert_eq!(
        find(&[("id", vec![first.into(), 99.into()].into())]).await,
        [first]
    );
    assert_eq!(
        find(&[("summary", Vec::<Value>::new().into())]).await,
        Vec::<Id>::new()
    );
    let unknown = repository::find::<TestCase>(&mut conn, &[("bogus", Value::Null)]).await;
    assert!(matches!(unknown, Err(Error::Type(_))));
}

#[tokio::test]
async fn records_every_change() {
    let (_database, mut conn) = connect().await;
    let mut row = case(&mut conn, "one").await;
    let first = repository::insert_recorded(&mut conn, &mut row, &stamp(None))
        .await
        .unwrap();
    let old = row.clone();
    row.summary = "two".into();
    let reason = diff::reason(&old, &row, str::to_owned);
    let second = repository::update_recorded(&mut conn, &row, &stamp(Some(&reason)))
        .await
        .unwrap();
    assert_eq!(second, first + 1);
    let sql = "SELECT history_date FROM test_case WHERE id = $1";
    let stamped = sqlx::query(sql)
        .bind(row.id)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    assert_eq!(stamped.get::<DateTime<Utc>, _>(0), noon());

    let mut settings = repository::get::<EmailSettings>(&mut conn, row.id)
        .await
        .unwrap()
        .unwrap();
    settings.notify_on_case_update = false;
    repository::update(&mut conn, &settings).await.unwrap();

    let ids = [row.id, 99];
    let gone = repository::delete_recorded(&mut conn, TestCase::META, &ids, &stamp(None)).await;
    assert_eq!(gone.unwrap(), 1);
    assert_snapshot!(history(&mut conn).await.join("\n"), @r#"
    2 | testcase | 1 | 2024-02-29 12:00:00+00 | 7 | + | {"id": 1, "text": "", "summary": "one", "author_id": 1, "extra_link": null, "category_id": 1, "create_date": "2024-02-29T12:00:00+00:00", "reviewer_id": null, "is_automated": false, "setup_duration": "00:01:30.5"}
    3 | testcase | 1 | 2024-02-29 12:00:00+00 | 7 | ~ | --- summary
    +++ summary
    @@ -1 +1 @@
    -one
    +two | {"id": 1, "text": "", "summary": "two", "author_id": 1, "extra_link": null, "category_id": 1, "create_date": "2024-02-29T12:00:00+00:00", "reviewer_id": null, "is_automated": false, "setup_duration": "00:01:30.5"}
    4 | testcase | 1 | 2024-02-29 12:00:00+00 | 7 | - | {"id": 1, "text": "", "summary": "two", "author_id": 1, "extra_link": null, "category_id": 1, "create_date": "2024-02-29T12:00:00+00:00", "reviewer_id": null, "is_automated": false, "setup_duration": "00:01:30.5"}
    "#);
    let missing = repository::update_recorded(&mut conn, &row, &stamp(None)).await;
    assert!(matches!(
        missing,
        Err(Error::Database(sqlx::Error::RowNotFound))
    ));
    let missing = repository::update(&mut conn, &row).await;
    assert!(matches!(
        missing,
        Err(Error::Database(sqlx::Error::RowNotFound))
    ));
    assert_eq!(repository::history_kind(TestCase::META), "testcase");
}

#[tokio::test]
async fn records_many_rows_in_one_statement() {
    let (_database, mut conn) = connect().await;
    let one = case(&mut conn, "one").await;
    let mut rows = ["a", "b", "c"].map(|summary| TestCase {
        summary: summary.into(),
        ..one.clone()
    });
    rows[1].setup_duration = None;
    let ids = repository::insert_many_recorded(&mut conn, &mut rows, &stamp(None))
        .await
        .unwrap();
    assert_eq!(ids.len(), 3);
    let stored: Vec<TestCase> = repository::find(&mut conn, &[]).await.unwrap();
    assert_eq!(stored, rows);
    assert_eq!(history(&mut conn).await.len(), 3);
    let none = repository::insert_many_recorded::<TestCase>(&mut conn, &mut [], &stamp(None)).await;
    assert_eq!(none.unwrap(), Vec::<Id>::new());
    let gone = repository::delete(&mut conn, TestCase::META, &rows.map(|row| row.id)).await;
    assert_eq!(gone.unwrap(), 3);
}

#[tokio::test]
async fn answers_many_questions_at_once() {
    let (_database, mut conn) = connect().await;
    let mut rows = ["a", "b", "b"].map(|name| Tag {
        id: 0,
        name: name.into(),
    });
    repository::insert_many(&mut conn, &mut rows).await.unwrap();
    let named = |name: &str| Probe::new(Tag::META).equal("name", name.into());
    let probes = [
        named("a"),
        named("b"),
        named("c"),
        named("b").and("id > $ AND $", vec![2.into(), true.into()]),
    ];
    let found = probe(&mut conn, &probes).await.unwrap();
    assert_eq!(found, [vec![1], vec![2, 3], vec![], vec![3]]);
    assert_eq!(probe(&mut conn, &[]).await.unwrap(), Vec::<Vec<Id>>::new());
}
