//! From host names to tenants, and what happens when they change somewhere else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use tenancy::{Tenancy, Tenant};
use testkit::{DOMAIN, until};

use crate::installation::{migrated, tenant};

#[tokio::test]
async fn hosts_find_their_tenant() {
    let (tenancy, config) = migrated().await;
    tenant(&tenancy, "acme").await;
    config
        .sql(format!(
            "INSERT INTO platform.tenant_domain (tenant_id, domain, is_primary) \
             SELECT id, '_.{DOMAIN}', false FROM platform.tenant WHERE schema_name = 'acme'"
        ))
        .await;
    let cases = [
        ("acme.kiwi.test", Some("acme")),
        ("acme.kiwi.test:8443", Some("acme")),
        ("www.acme.kiwi.test", Some("acme")),
        ("kiwi.test", Some("public")),
        ("www.kiwi.test", Some("public")),
        ("www.www.kiwi.test", None),
        ("ACME.kiwi.test", Some("acme")),
        ("WWW.acme.kiwi.test", Some("acme")),
        ("acme.kiwi.test.", Some("acme")),
        ("nosuch.kiwi.test", None),
        ("127.0.0.1", None),
        ("[::1]", None),
        ("[::1]:8443", None),
        ("localhost", None),
        ("_.kiwi.test", None),
        ("a b", None),
        ("host:abc", None),
        ("", None),
        ("acme.kiwi.test/x", None),
        ("acme.kiwi.test\0", None),
        ("' OR 1=1 --", None),
    ];
    for round in ["fresh", "remembered"] {
        for (host, expected) in cases {
            let found = tenancy.by_host(host).await.unwrap();
            let schema = found.as_ref().map(|tenant| tenant.schema.as_str());
            assert_eq!(schema, expected, "{host:?}, {round}");
        }
    }
    assert_eq!(
        tenancy.by_name("ACME").await.unwrap().unwrap().schema,
        "acme"
    );
    assert!(tenancy.by_name("nosuch").await.unwrap().is_none());
}

/// Waits until the look-up gives what is expected.
async fn eventually(tenancy: &Tenancy, host: &str, is_right: impl Fn(Option<Arc<Tenant>>) -> bool) {
    until(host, async || {
        is_right(tenancy.by_host(host).await.unwrap())
    })
    .await;
}

#[tokio::test]
async fn a_change_in_one_program_is_seen_in_another() {
    let (one, config) = migrated().await;
    let two = Tenancy::open(config.clone()).await.unwrap();
    let host = format!("acme.{DOMAIN}");
    // unknown, and remembered as such
    assert!(two.by_host(&host).await.unwrap().is_none());
    let acme = tenant(&one, "acme").await;
    eventually(&two, &host, |found| found.is_some()).await;
    one.suspend(&acme, "").await.unwrap();
    eventually(&two, &host, |found| {
        found.unwrap().state == tenancy::State::Suspended
    })
    .await;
    one.add_domain(&acme, "acme.example", true).await.unwrap();
    eventually(&two, "acme.example", |found| found.is_some()).await;
    one.delete(&acme, true).await.unwrap();
    eventually(&two, &host, |found| found.is_none()).await;
}

#[tokio::test]
async fn invalidations_travel_with_the_commit() {
    let (_, config) = migrated().await;
    let one = Tenancy::open(config.clone()).await.unwrap();
    let two = Tenancy::open(config.clone()).await.unwrap();
    let heard: Arc<Mutex<BTreeMap<String, usize>>> = Arc::default();
    for (name, tenancy) in [("one", &one), ("two", &two)] {
        let heard = heard.clone();
        tenancy.on_invalidate("colours", move |key| {
            *heard
                .lock()
                .unwrap()
                .entry(format!("{name} {key}"))
                .or_default() += 1;
        });
    }
    let public = one.by_name("public").await.unwrap().unwrap();
    two.ping().await.unwrap();
    // both listen, and were told to forget what was before
    wait_for(&heard, &["one *", "two *"]).await;

    let mut tx = one.begin(&public).await.unwrap();
    tx.invalidate("colours", "lost");
    tx.rollback().await.unwrap();
    let mut tx = one.begin(&public).await.unwrap();
    tx.invalidate("colours", "dropped");
    drop(tx);
    let mut tx = one.begin(&public).await.unwrap();
    tx.invalidate("colours", "red\nand \u{e4}");
    tx.invalidate("colours", "red\nand \u{e4}");
    tx.invalidate("shapes", "round");
    assert_eq!(heard.lock().unwrap().len(), 2, "not before the commit");
    tx.commit().await.unwrap();
    assert!(
        heard.lock().unwrap().contains_key("one red\nand \u{e4}"),
        "here at once"
    );
    let mut tx = two.begin_platform().await.unwrap();
    tx.invalidate("colours", "blue");
    tx.commit().await.unwrap();
    let all = [
        "one *",
        "two *",
        "one blue",
        "one red\nand \u{e4}",
        "two blue",
        "two red\nand \u{e4}",
    ];
    wait_for(&heard, &all).await;
    assert!(
        heard.lock().unwrap().values().all(|times| *times == 1),
        "{heard:?}"
    );
}

/// Waits until these, and only these, were heard.
async fn wait_for(heard: &Mutex<BTreeMap<String, usize>>, expected: &[&str]) {
    let expected: BTreeSet<&str> = expected.iter().copied().collect();
    until("all of them are heard", async || {
        let heard = heard.lock().unwrap();
        heard.keys().map(String::as_str).collect::<BTreeSet<_>>() == expected
    })
    .await;
}
