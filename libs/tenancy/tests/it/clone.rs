//! A tenant with the data of another one.

use tenancy::{Error, NewTenant};
use testkit::DOMAIN;

use crate::installation::{migrated, tenant};

const DATA: &str = "
    INSERT INTO member (id, username) VALUES (1, 'alice'), (2, 'bob');
    INSERT INTO group_member (group_id, user_id) VALUES (1, 1);
    INSERT INTO product (id, name, classification_id) VALUES (7, 'Kettle', 1);
    INSERT INTO version (id, value, product_id) VALUES (3, '1.0', 7);
    INSERT INTO test_plan (id, name, product_version_id, author_id, product_id, type_id, parent_id)
    VALUES (1, 'child', 3, 2, 7, 1, 2), (2, 'parent', 3, 1, 7, 1, NULL);
    INSERT INTO bug_system (name, api_username, api_password) VALUES ('Tracker', 'u', 'secret');
    SELECT setval(pg_get_serial_sequence('product', 'id'), 20);
";

#[tokio::test]
async fn ten_005_a_clone_has_the_data_and_a_life_of_its_own() {
    let (tenancy, config) = migrated().await;
    let source = tenant(&tenancy, "source").await;
    config
        .sql(format!("SET search_path TO source; {DATA}"))
        .await;
    config
        .sql(
            "INSERT INTO platform.tenant_member (tenant_id, account_id) \
                  SELECT id, 1 FROM platform.tenant WHERE schema_name = 'source'",
        )
        .await;
    for (schema, members) in [("open", true), ("closed", false)] {
        let new = NewTenant {
            schema: schema.to_owned(),
            ..NewTenant::default()
        };
        let (clone, tx) = tenancy.clone_tenant(&source, new, members).await.unwrap();
        tx.commit().await.unwrap();
        let clone = tenancy.activate(&clone).await.unwrap();
        let mut tx = tenancy.begin(&clone).await.unwrap();
        let counts: (i64, i64, i64, i64, i64) = sqlx::query_as(
            "SELECT (SELECT count(*) FROM test_plan), (SELECT count(*) FROM plan_type), \
             (SELECT count(*) FROM group_member), \
             (SELECT count(*) FROM member WHERE is_authorised), \
             (SELECT count(*) FROM bug_system WHERE api_password IS NOT NULL)",
        )
        .fetch_one(tx.conn())
        .await
        .unwrap();
        let people = if members { (1, 2) } else { (0, 0) };
        assert_eq!(counts, (2, 11, people.0, people.1, 0), "{schema}");
        let site: (String, String) = sqlx::query_as("SELECT domain, name FROM site")
            .fetch_one(tx.conn())
            .await
            .unwrap();
        assert_eq!(site.0, format!("{schema}.{DOMAIN}"));
        let next: i32 = sqlx::query_scalar(
            "INSERT INTO product (name, classification_id) VALUES ('New', 1) RETURNING id",
        )
        .fetch_one(tx.conn())
        .await
        .unwrap();
        assert_eq!(next, 21, "deleted ids are not given again");
        tx.commit().await.unwrap();
        let record = tenancy.record(schema).await.unwrap();
        assert_eq!(record.members, i64::from(members));
    }
    let mut tx = tenancy.begin(&source).await.unwrap();
    let products: i64 = sqlx::query_scalar("SELECT count(*) FROM product")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(products, 1, "the source is as it was");
    let taken = NewTenant {
        schema: "open".to_owned(),
        ..NewTenant::default()
    };
    let again = tenancy.clone_tenant(&source, taken, false).await;
    assert!(matches!(again, Err(Error::InvalidName(_))));
}

#[tokio::test]
async fn members_of_the_public_tenant_are_not_copied() {
    let (tenancy, _database) = migrated().await;
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    let new = NewTenant {
        schema: "copy".to_owned(),
        ..NewTenant::default()
    };
    let refused = tenancy.clone_tenant(&public, new, true).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    assert!(tenancy.by_name("copy").await.unwrap().is_none());
}
