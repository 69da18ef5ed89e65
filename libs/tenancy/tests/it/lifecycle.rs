//! Suspending, resuming, deleting.

use tenancy::{Changes, Error, NewTenant, State};
use testkit::DOMAIN;

use crate::installation::{migrated, tenant};

#[tokio::test]
async fn a_suspended_tenant_can_only_be_read() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    let suspended = tenancy.suspend(&acme, "invoice 7").await.unwrap();
    assert_eq!(suspended.state, State::Suspended);
    // whoever looked it up before learns it too
    assert!(matches!(
        tenancy.begin(&acme).await,
        Err(Error::State {
            state: State::Suspended,
            ..
        })
    ));
    tenancy.begin_read(&acme).await.unwrap();
    tenancy.begin_maintenance(&acme).await.unwrap();
    assert_eq!(
        tenancy.record("acme").await.unwrap().tenant.state_reason,
        "invoice 7"
    );
    assert!(matches!(
        tenancy.suspend(&acme, "").await,
        Err(Error::State {
            state: State::Suspended,
            ..
        })
    ));
    tenancy.resume(&suspended).await.unwrap();
    tenancy.begin(&acme).await.unwrap();
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    assert!(matches!(
        tenancy.suspend(&public, "").await,
        Err(Error::Refused(_))
    ));
    assert!(matches!(
        tenancy.delete(&public, true).await,
        Err(Error::Refused(_))
    ));
}

#[tokio::test]
async fn a_deleted_tenant_is_gone_and_its_name_rests() {
    let (tenancy, config) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    config
        .sql(
            "INSERT INTO platform.tenant_member (tenant_id, account_id) \
                  SELECT id, 1 FROM platform.tenant WHERE schema_name = 'acme'; \
                  INSERT INTO platform.job (tenant, kind) VALUES ('acme', 'x'), ('other', 'x')",
        )
        .await;
    tenancy.delete(&acme, false).await.unwrap();
    assert!(matches!(
        tenancy.begin(&acme).await,
        Err(Error::UnknownTenant(_))
    ));
    assert!(
        tenancy
            .by_host(&format!("acme.{DOMAIN}"))
            .await
            .unwrap()
            .is_none()
    );
    assert!(matches!(
        tenancy.record("acme").await,
        Err(Error::UnknownTenant(_))
    ));
    let left: (bool, i64, i64) = sqlx::query_as(
        "SELECT to_regnamespace('acme') IS NULL, (SELECT count(*) FROM platform.tenant_member), \
         (SELECT count(*) FROM platform.job)",
    )
    .fetch_one(&mut config.connect().await)
    .await
    .unwrap();
    assert_eq!(left, (true, 0, 1));

    let again = || NewTenant {
        schema: "acme".to_owned(),
        ..NewTenant::default()
    };
    assert!(matches!(
        tenancy.provision(again()).await,
        Err(Error::InvalidName(_))
    ));
    config
        .sql(
            "UPDATE platform.tenant SET deleted_on = now() - interval '181 days' \
                  WHERE state = 'deleted'",
        )
        .await;
    let (acme, tx) = tenancy.provision(again()).await.unwrap();
    tx.commit().await.unwrap();
    let acme = tenancy.activate(&acme).await.unwrap();
    // this time the name is free at once
    tenancy.delete(&acme, true).await.unwrap();
    tenant(&tenancy, "acme").await;
}

#[tokio::test]
async fn deleting_waits_for_transactions_that_are_open() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    let mut tx = tenancy.begin(&acme).await.unwrap();
    let deleting = tokio::spawn({
        let (tenancy, acme) = (tenancy.clone(), acme.clone());
        async move { tenancy.delete(&acme, true).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    sqlx::query("INSERT INTO tag (name) VALUES ('last')")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    deleting.await.unwrap().unwrap();
    assert!(tenancy.by_name("acme").await.unwrap().is_none());
}

#[tokio::test]
async fn a_schema_that_vanished_is_an_unknown_tenant() {
    let (tenancy, config) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    config.sql("DROP SCHEMA acme CASCADE").await;
    assert!(matches!(
        tenancy.begin(&acme).await,
        Err(Error::UnknownTenant(_))
    ));
    // the connection that saw the error is well
    tenancy.ping().await.unwrap();
    let public = tenancy.by_name("public").await.unwrap().unwrap();
    tenancy.begin(&public).await.unwrap();
}

#[tokio::test]
async fn a_tenant_that_moved_must_be_looked_up_again() {
    let (tenancy, config) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    config
        .sql(
            "ALTER SCHEMA acme RENAME TO acme2; \
                  UPDATE platform.tenant SET schema_name = 'acme2', epoch = epoch + 1 \
                  WHERE schema_name = 'acme'",
        )
        .await;
    // nobody has told us yet
    assert!(matches!(
        tenancy.begin(&acme).await,
        Err(Error::UnknownTenant(_))
    ));
    // now we know
    assert!(matches!(tenancy.begin(&acme).await, Err(Error::Moved(_))));
    let acme = tenancy.by_name("acme2").await.unwrap().unwrap();
    tenancy.begin(&acme).await.unwrap();
}

#[tokio::test]
async fn fields_change_and_caches_follow() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    let changes = Changes {
        name: Some("Acme".to_owned()),
        organization: Some(Some("Acme Inc.".to_owned())),
        publicly_readable: Some(true),
        owner_id: Some(1),
        ..Changes::default()
    };
    assert!(tenancy.change(&acme, &changes).await.unwrap());
    assert!(
        !tenancy.change(&acme, &changes).await.unwrap(),
        "nothing new"
    );
    let now = tenancy.by_name("acme").await.unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.publicly_readable), ("Acme", true));
    assert_eq!(now.organization.as_deref(), Some("Acme Inc."));
    let changes = Changes {
        organization: Some(None),
        ..Changes::default()
    };
    assert!(tenancy.change(&acme, &changes).await.unwrap());
    assert_eq!(
        tenancy.record("acme").await.unwrap().tenant.organization,
        None
    );
    let changes = Changes {
        owner_id: Some(4711),
        ..Changes::default()
    };
    assert!(matches!(
        tenancy.change(&acme, &changes).await,
        Err(Error::Refused(_))
    ));
}

#[tokio::test]
async fn the_first_tenant_made_after_a_moment_is_one_that_is_not_deleted() {
    let (tenancy, database) = migrated().await;
    for (day, name) in ["early", "gone", "late"].iter().enumerate() {
        let made = tenant(&tenancy, name).await;
        database
            .sql(&format!(
                "UPDATE platform.tenant SET created_on = '2020-01-0{}' WHERE id = {}",
                day + 1,
                made.id
            ))
            .await;
        if *name == "gone" {
            tenancy.delete(&made, true).await.unwrap();
        }
    }
    let after = async |moment: &str| {
        let moment = moment.parse().unwrap();
        let made = tenancy.first_made_after(moment).await.unwrap();
        made.map(|made| made.date_naive().to_string())
    };
    let day = |day: &str| Some(day.to_owned());
    assert_eq!(after("1970-01-01T00:00:00Z").await, day("2020-01-01"));
    assert_eq!(after("2020-01-01T00:00:00Z").await, day("2020-01-03"));
    assert_eq!(after("2199-01-01T00:00:00Z").await, None);
}
