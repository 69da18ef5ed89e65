//! Guessing passwords becomes slow, working does not.

use std::net::IpAddr;

use domain::{Domain, Error, accounts};

use crate::world::{PASSWORD, World};

async fn attempt(domain: &Domain, name: &str, password: &str, from: &str) -> &'static str {
    let client: IpAddr = from.parse().unwrap();
    match accounts::authenticate(domain, name, password, Some(client)).await {
        Ok(_) => "in",
        Err(Error::Refused(_)) => "wrong",
        Err(Error::Throttled(wait)) => {
            assert!(wait.as_secs() <= 300);
            "wait"
        }
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn five_failures_then_a_pause() {
    let world = World::new().await;
    world.account("alice").await;
    let domain = &world.domain;
    for _ in 0..5 {
        assert_eq!(
            attempt(domain, "alice", "guess", "192.0.2.1").await,
            "wrong"
        );
    }
    assert_eq!(attempt(domain, "alice", "guess", "192.0.2.1").await, "wait");
    // for the right password and from elsewhere too, and in every program
    assert_eq!(
        attempt(domain, "alice", PASSWORD, "192.0.2.9").await,
        "wait"
    );
    let second = world.second().await;
    assert_eq!(
        attempt(&second, "alice", PASSWORD, "192.0.2.1").await,
        "wait"
    );
    // an account that does not exist behaves the same
    for _ in 0..5 {
        assert_eq!(
            attempt(domain, "nobody", "guess", "192.0.2.1").await,
            "wrong"
        );
    }
    assert_eq!(
        attempt(domain, "nobody", "guess", "192.0.2.1").await,
        "wait"
    );

    world
        .config
        .sql("UPDATE platform.login_attempt SET blocked_until = now()")
        .await;
    assert_eq!(attempt(domain, "alice", PASSWORD, "192.0.2.1").await, "in");
    // and the failures are forgotten
    for _ in 0..4 {
        assert_eq!(
            attempt(domain, "alice", "guess", "192.0.2.1").await,
            "wrong"
        );
    }
    assert_eq!(attempt(domain, "alice", PASSWORD, "192.0.2.1").await, "in");
}

#[tokio::test]
async fn strangers_do_not_keep_the_owner_out() {
    let world = World::new().await;
    world.account("alice").await;
    let domain = &world.domain;
    assert_eq!(attempt(domain, "alice", PASSWORD, "192.0.2.1").await, "in");
    for _ in 0..5 {
        assert_eq!(
            attempt(domain, "alice", "guess", "203.0.113.5").await,
            "wrong"
        );
    }
    assert_eq!(
        attempt(domain, "alice", PASSWORD, "203.0.113.5").await,
        "wait"
    );
    assert_eq!(attempt(domain, "alice", PASSWORD, "192.0.2.1").await, "in");
    // a known address can be blocked for itself
    for _ in 0..5 {
        assert_eq!(attempt(domain, "alice", "typo", "192.0.2.1").await, "wrong");
    }
    assert_eq!(
        attempt(domain, "alice", PASSWORD, "192.0.2.1").await,
        "wait"
    );
}

#[tokio::test]
async fn many_names_from_one_address() {
    let world = World::new().await;
    world.account("alice").await;
    let domain = &world.domain;
    world
        .config
        .sql("INSERT INTO platform.login_attempt (key, failures) VALUES ('address:192.0.2.1', 98)")
        .await;
    assert_eq!(attempt(domain, "a", "guess", "192.0.2.1").await, "wrong");
    assert_eq!(attempt(domain, "b", "guess", "192.0.2.1").await, "wrong");
    assert_eq!(attempt(domain, "c", "guess", "192.0.2.1").await, "wait");
    assert_eq!(
        attempt(domain, "alice", PASSWORD, "192.0.2.1").await,
        "wait"
    );
    assert_eq!(attempt(domain, "alice", PASSWORD, "192.0.2.2").await, "in");
}

#[tokio::test]
async fn a_fleet_logs_in_as_often_as_it_likes() {
    let world = World::new().await;
    world.account("robot").await;
    let attempts = (0..60).map(|_| attempt(&world.domain, "robot", PASSWORD, "192.0.2.1"));
    let results = futures_util::future::join_all(attempts).await;
    assert!(results.iter().all(|result| *result == "in"), "{results:?}");
}

#[tokio::test]
async fn old_failures_are_forgotten() {
    let world = World::new().await;
    world.account("alice").await;
    let domain = &world.domain;
    for _ in 0..5 {
        assert_eq!(
            attempt(domain, "alice", "guess", "192.0.2.1").await,
            "wrong"
        );
    }
    world
        .config
        .sql(
            "UPDATE platform.login_attempt
         SET last_at = now() - interval '16 minutes', blocked_until = now()",
        )
        .await;
    assert_eq!(
        attempt(domain, "alice", "guess", "192.0.2.1").await,
        "wrong"
    );
    assert_eq!(
        attempt(domain, "alice", "guess", "192.0.2.1").await,
        "wrong"
    );
    world
        .config
        .sql("UPDATE platform.login_attempt SET last_at = now() - interval '16 minutes'")
        .await;
    assert_eq!(accounts::delete_stale_attempts(domain).await.unwrap(), 2);
}
