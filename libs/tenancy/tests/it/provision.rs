//! Making tenants, and leaving nothing behind when it does not work.

use tenancy::{Error, NewTenant, State, Tenancy};
use testkit::{DOMAIN, TestDatabase};

use crate::installation::{migrated, tenant};

fn new(schema: &str) -> NewTenant {
    NewTenant {
        schema: schema.to_owned(),
        ..NewTenant::default()
    }
}

/// Messages of a refused name.
async fn refusal(tenancy: &Tenancy, new: NewTenant) -> Vec<String> {
    match tenancy.provision(new).await {
        Err(Error::InvalidName(messages)) => messages,
        Err(other) => panic!("{other:?}"),
        Ok((tenant, _)) => panic!("{} was created", tenant.schema),
    }
}

async fn schemas(config: &TestDatabase) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT nspname::text FROM pg_namespace \
         WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1",
    )
    .fetch_all(&mut config.connect().await)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_tenant_is_served_once_it_is_active() {
    let (tenancy, _database) = migrated().await;
    let (acme, mut tx) = tenancy
        .provision(NewTenant {
            name: "Acme Inc.".to_owned(),
            organization: Some("Acme".to_owned()),
            owner_id: Some(1),
            ..new("acme")
        })
        .await
        .unwrap();
    assert_eq!(acme.state, State::Provisioning);
    sqlx::query("INSERT INTO member (id, username) VALUES (1, 'alice')")
        .execute(tx.conn())
        .await
        .unwrap();
    let host = format!("acme.{DOMAIN}");
    let seen = tenancy.by_host(&host).await.unwrap().unwrap();
    assert!(matches!(
        tenancy.begin(&seen).await,
        Err(Error::State {
            state: State::Provisioning,
            ..
        })
    ));
    tx.commit().await.unwrap();
    let acme = tenancy.activate(&acme).await.unwrap();
    assert_eq!(acme.state, State::Active);
    assert_eq!(acme.base_url(None), format!("https://{host}"));
    assert_eq!(acme.base_url(Some(8443)), format!("https://{host}:8443"));

    // what was looked up before still works, because the look-up is repeated
    let mut tx = tenancy.begin(&seen).await.unwrap();
    let members: i64 = sqlx::query_scalar("SELECT count(*) FROM member")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(members, 1);
    let record = tenancy.record("ACME").await.unwrap();
    assert_eq!(record.owner.as_deref(), Some("AnonymousUser"));
    assert_eq!(record.domains, [host]);
    assert!(tenancy.activate(&acme).await.is_err(), "only once");
}

#[tokio::test]
async fn abandoning_leaves_nothing() {
    let (tenancy, config) = migrated().await;
    let before = schemas(&config).await;
    let (committed, tx) = tenancy.provision(new("one")).await.unwrap();
    tx.commit().await.unwrap();
    tenancy.abandon(&committed).await.unwrap();
    let (open, tx) = tenancy.provision(new("two")).await.unwrap();
    drop(tx);
    tenancy.abandon(&open).await.unwrap();
    assert_eq!(schemas(&config).await, before);
    assert_eq!(tenancy.list().await.unwrap().len(), 1);
    assert!(tenancy.by_name("one").await.unwrap().is_none());
    // and the names are free
    tenant(&tenancy, "one").await;
    let active = tenant(&tenancy, "two").await;
    assert!(matches!(
        tenancy.abandon(&active).await,
        Err(Error::State { .. })
    ));
}

#[tokio::test]
async fn ten_010_names_are_refused_with_all_messages() {
    let (tenancy, config) = migrated().await;
    tenant(&tenancy, "acme").await;
    let in_use = "Schema name already in use";
    assert_eq!(refusal(&tenancy, new("acme")).await, [in_use]);
    assert_eq!(refusal(&tenancy, new("www")).await, [in_use]);
    assert_eq!(refusal(&tenancy, new("platform")).await, [in_use]);
    assert_eq!(
        refusal(&tenancy, new("")).await,
        ["This field is required."]
    );
    assert_eq!(
        refusal(&tenancy, new("a\"; DROP SCHEMA acme")).await,
        ["Invalid string"]
    );

    let legacy = |schema: &str| NewTenant {
        legacy_name: true,
        ..new(schema)
    };
    assert_eq!(refusal(&tenancy, legacy("ACME")).await, [in_use]);
    assert_eq!(
        refusal(&tenancy, legacy("a\"b")).await,
        ["Invalid string used for the schema name."]
    );
    let (odd, tx) = tenancy.provision(legacy("a-Cloned_tenant")).await.unwrap();
    tx.commit().await.unwrap();
    let odd = tenancy.activate(&odd).await.unwrap();
    tenancy.begin(&odd).await.unwrap();

    // a schema without a record is not ours to touch
    config.sql("CREATE SCHEMA stranger").await;
    assert_eq!(refusal(&tenancy, new("stranger")).await, [in_use]);
    assert!(schemas(&config).await.contains(&"stranger".to_owned()));

    let taken = NewTenant {
        domains: vec![format!("acme.{DOMAIN}")],
        ..new("other")
    };
    assert_eq!(
        refusal(&tenancy, taken).await,
        [format!("Domain acme.{DOMAIN} already in use")]
    );
    let unknown = NewTenant {
        owner_id: Some(4711),
        ..new("other")
    };
    assert!(matches!(
        tenancy.provision(unknown).await,
        Err(Error::Refused(_))
    ));
    let long = NewTenant {
        name: "x".repeat(101),
        ..new("other")
    };
    assert!(matches!(
        tenancy.provision(long).await,
        Err(Error::Refused(_))
    ));
}

#[tokio::test]
async fn of_many_who_want_a_name_one_gets_it() {
    let (tenancy, config) = migrated().await;
    let attempts = (0..8).map(|_| {
        let tenancy = tenancy.clone();
        tokio::spawn(async move {
            let (tenant, tx) = tenancy.provision(new("wanted")).await?;
            tx.commit().await?;
            tenancy.activate(&tenant).await
        })
    });
    let (mut created, mut refused) = (0, 0);
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(_) => created += 1,
            Err(Error::InvalidName(messages)) => {
                assert_eq!(messages, ["Schema name already in use"]);
                refused += 1;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((created, refused), (1, 7));
    let tenant = tenancy.by_name("wanted").await.unwrap().unwrap();
    tenancy.begin(&tenant).await.unwrap();
    assert_eq!(schemas(&config).await, ["platform", "public", "wanted"]);
}

#[tokio::test]
async fn a_crash_in_the_middle_is_swept_up_later() {
    let (tenancy, config) = migrated().await;
    let (_, tx) = tenancy.provision(new("acme")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        refusal(&tenancy, new("acme")).await,
        ["Schema name already in use"]
    );
    config
        .sql(
            "UPDATE platform.tenant SET state_since = now() - interval '11 minutes' \
                  WHERE schema_name = 'acme'",
        )
        .await;
    tenant(&tenancy, "acme").await;
}

#[tokio::test]
async fn single_mode_has_one_tenant() {
    let mut config = TestDatabase::empty().await;
    config.tenants_domain = None;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    tenancy
        .migrate(&tenancy::MigrateOptions::default())
        .await
        .unwrap();
    assert!(matches!(
        tenancy.provision(new("acme")).await,
        Err(Error::Refused(_))
    ));
    let public = tenancy.by_host("whatever:1").await.unwrap().unwrap();
    let mut tx = tenancy.begin(&public).await.unwrap();
    let site: (String, String) = sqlx::query_as("SELECT domain, name FROM site")
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert_eq!(site, ("127.0.0.1:8000".to_owned(), "localhost".to_owned()));
    assert_eq!(public.primary_domain, "localhost");
}

#[tokio::test]
async fn settings_that_cannot_work_are_named() {
    let config = TestDatabase::empty().await;
    let mut empty = config.clone();
    empty.tenants_domain = Some(" ".to_owned());
    let error = Tenancy::open(empty).await.err().unwrap();
    assert_eq!(
        error.to_string(),
        "KIWI_TENANTS_DOMAIN environment variable is not set!"
    );
    let mut url = config.clone();
    url.database = tenancy::Database::Url("postgres://x:secret@h:port/db".to_owned());
    let error = Tenancy::open(url).await.err().unwrap().to_string();
    assert!(
        error.starts_with("DATABASE_URL: ") && !error.contains("secret"),
        "{error}"
    );
}
