//! The host names of tenants.

use tenancy::{DomainRecord, Error, Tenancy, Tenant};
use testkit::DOMAIN;

use crate::installation::{migrated, tenant};

async fn domains(tenancy: &Tenancy, tenant: &Tenant) -> Vec<String> {
    let mark = |record: DomainRecord| {
        format!(
            "{}{}",
            record.domain,
            if record.is_primary { "*" } else { "" }
        )
    };
    tenancy
        .domains(tenant)
        .await
        .unwrap()
        .into_iter()
        .map(mark)
        .collect()
}

async fn site(tenancy: &Tenancy, schema: &str) -> (String, String) {
    let tenant = tenancy.by_name(schema).await.unwrap().unwrap();
    let mut tx = tenancy.begin_read(&tenant).await.unwrap();
    sqlx::query_as("SELECT domain, name FROM site")
        .fetch_one(tx.conn())
        .await
        .unwrap()
}

#[tokio::test]
async fn exactly_one_domain_is_primary() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    let usual = format!("acme.{DOMAIN}");
    assert_eq!(domains(&tenancy, &acme).await, [format!("{usual}*")]);

    assert!(
        tenancy
            .add_domain(&acme, "Tests.Acme.example.", false)
            .await
            .unwrap()
    );
    assert!(
        !tenancy
            .add_domain(&acme, "tests.acme.example", false)
            .await
            .unwrap(),
        "known"
    );
    assert_eq!(
        domains(&tenancy, &acme).await,
        [format!("{usual}*"), "tests.acme.example".into()]
    );
    assert_eq!(
        tenancy
            .by_host("tests.acme.example")
            .await
            .unwrap()
            .unwrap()
            .schema,
        "acme"
    );

    assert!(
        tenancy
            .set_primary_domain(&acme, "tests.acme.example")
            .await
            .unwrap()
    );
    assert_eq!(
        domains(&tenancy, &acme).await,
        ["tests.acme.example*".into(), usual.clone()]
    );
    let now = tenancy.by_host(&usual).await.unwrap().unwrap();
    assert_eq!(now.base_url(None), "https://tests.acme.example");
    assert_eq!(site(&tenancy, "acme").await.0, "tests.acme.example");

    tenancy
        .remove_domain(&acme, "tests.acme.example")
        .await
        .unwrap();
    assert_eq!(domains(&tenancy, &acme).await, [format!("{usual}*")]);
    assert!(
        tenancy
            .by_host("tests.acme.example")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(site(&tenancy, "acme").await.0, usual);

    assert!(matches!(
        tenancy.remove_domain(&acme, &usual).await,
        Err(Error::Refused(_))
    ));
    assert!(matches!(
        tenancy.remove_domain(&acme, "x.example").await,
        Err(Error::Refused(_))
    ));
    assert!(matches!(
        tenancy.set_primary_domain(&acme, "x.example").await,
        Err(Error::Refused(_))
    ));
    assert_eq!(
        domains(&tenancy, &acme).await,
        [format!("{usual}*")],
        "nothing half done"
    );
}

#[tokio::test]
async fn a_site_that_somebody_has_set_stays() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    let mut tx = tenancy.begin(&acme).await.unwrap();
    sqlx::query("UPDATE site SET domain = 'mail.example', name = 'Acme'")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    tenancy
        .add_domain(&acme, "new.example", false)
        .await
        .unwrap();
    assert!(
        !tenancy
            .set_primary_domain(&acme, "new.example")
            .await
            .unwrap()
    );
    assert_eq!(
        site(&tenancy, "acme").await,
        ("mail.example".to_owned(), "Acme".to_owned())
    );
}

#[tokio::test]
async fn domains_that_cannot_be_reached_are_refused() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    tenant(&tenancy, "other").await;
    for (domain, message) in [
        (
            "www.acme.example",
            "www.acme.example cannot be reached: a leading www. is always removed",
        ),
        ("a b", "a b is not a host name"),
        (
            "under_score.example",
            "under_score.example is not a host name",
        ),
        ("other.kiwi.test", "Domain other.kiwi.test already in use"),
    ] {
        match tenancy.add_domain(&acme, domain, true).await {
            Err(Error::InvalidName(messages)) => assert_eq!(messages, [message]),
            other => panic!("{domain}: {other:?}"),
        }
    }
    assert_eq!(domains(&tenancy, &acme).await.len(), 1);
    assert!(
        tenancy
            .add_domain(&acme, "b\u{fc}cher.example", false)
            .await
            .unwrap()
    );
    assert!(
        tenancy
            .by_host("B\u{dc}CHER.example")
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        tenancy
            .by_host("xn--bcher-kva.example:80")
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn seed_029_an_address_is_a_domain() {
    let (tenancy, _database) = migrated().await;
    let acme = tenant(&tenancy, "acme").await;
    for address in ["10.0.0.7", "[::1]"] {
        assert!(tenancy.add_domain(&acme, address, false).await.unwrap());
        let host = format!("{address}:8443");
        let found = tenancy.by_host(&host).await.unwrap();
        assert_eq!(found.map(|tenant| tenant.id), Some(acme.id), "{host}");
    }
    let wrong = tenancy.add_domain(&acme, "[::1", false).await;
    assert!(matches!(wrong, Err(Error::InvalidName(_))));
}
