//! Log-ins and sessions.

use std::time::Duration;

use domain::accounts::{self, Made, NewAccount};
use domain::session::{self, Record};
use domain::{Caller, Error};
use testkit::until;

use crate::world::{PASSWORD, World};

fn refusal<T: std::fmt::Debug>(result: domain::Result<T>) -> String {
    result.expect_err("refused").to_string()
}

async fn is_anonymous(domain: &domain::Domain, world: &World, key: &str) -> bool {
    matches!(
        session::caller(domain, &world.public, key).await.unwrap(),
        Caller::Anonymous
    )
}

#[tokio::test]
async fn who_may_log_in() {
    let world = World::new().await;
    let alice = world.account("alice").await;
    let key = world.log_in("alice").await;
    assert_eq!(key.len(), 32);
    let caller = session::caller(&world.domain, &world.public, &key)
        .await
        .unwrap();
    let user = caller.user().expect("logged in");
    assert_eq!((user.id, user.username.as_str()), (alice.id, "alice"));
    assert!(user.is_staff && !user.is_superuser && user.is_authorised);
    assert!(caller.may("testcases.add_testcase"));
    assert!(!caller.may("auth.view_user"));
    let again = accounts::find(&world.domain, "alice")
        .await
        .unwrap()
        .unwrap();
    assert!(again.last_login.is_some());

    let attempt = async |name: &str, password: &str| {
        refusal(accounts::authenticate(&world.domain, name, password, None).await)
    };
    let wrong = "Wrong username or password";
    assert_eq!(attempt("alice", "wrong").await, wrong);
    assert_eq!(attempt("Alice", PASSWORD).await, wrong);
    assert_eq!(attempt("alice ", PASSWORD).await, wrong);
    assert_eq!(attempt("alice@example.org", PASSWORD).await, wrong);
    assert_eq!(attempt("nobody", PASSWORD).await, wrong);
    assert_eq!(attempt("AnonymousUser", "").await, wrong);
    assert_eq!(attempt("al\0ice", "x\0").await, wrong);
    assert_eq!(attempt("alice", "").await, wrong);
}

#[tokio::test]
async fn a_session_goes_on_or_changes_hands() {
    let world = World::new().await;
    world.account("alice").await;
    world.account("bob").await;
    let log_in = async |current: Option<&str>, name: &str| {
        let (domain, public) = (&world.domain, &world.public);
        session::log_in(domain, public, current, name, PASSWORD, None)
            .await
            .unwrap()
            .key
    };
    let first = log_in(None, "alice").await;
    assert_eq!(log_in(Some(&first), "alice").await, first);
    let refused = session::log_in(
        &world.domain,
        &world.public,
        Some(&first),
        "alice",
        "no",
        None,
    )
    .await;
    refusal(refused);
    assert!(!is_anonymous(&world.domain, &world, &first).await);
    let second = log_in(Some(&first), "bob").await;
    assert_ne!(first, second);
    assert!(is_anonymous(&world.domain, &world, &first).await);
    for garbage in ["", "null", "\"\"", &"z".repeat(32), &"ä".repeat(16)] {
        assert!(is_anonymous(&world.domain, &world, garbage).await);
        let key = log_in(Some(garbage), "alice").await;
        assert!(session::is_key(&key));
    }
}

#[tokio::test]
async fn sessions_end_in_every_program() {
    let world = World::new().await;
    let alice = world.account("alice").await;
    let second = world.second().await;

    let key = world.log_in("alice").await;
    assert!(!is_anonymous(&second, &world, &key).await);
    session::end(&world.domain, &key).await.unwrap();
    assert!(is_anonymous(&world.domain, &world, &key).await);
    until("the other program hears of it", async || {
        is_anonymous(&second, &world, &key).await
    })
    .await;

    let (key, other) = (world.log_in("alice").await, world.log_in("alice").await);
    assert!(!is_anonymous(&second, &world, &key).await);
    accounts::set_password(&world.domain, alice.id, "another good pass phrase")
        .await
        .unwrap();
    assert!(is_anonymous(&world.domain, &world, &key).await);
    assert!(is_anonymous(&world.domain, &world, &other).await);
    until("the other program hears of it", async || {
        is_anonymous(&second, &world, &key).await
    })
    .await;

    accounts::set_password(&world.domain, alice.id, PASSWORD)
        .await
        .unwrap();
    let key = world.log_in("alice").await;
    assert!(!is_anonymous(&second, &world, &key).await);
    assert_eq!(session::end_all_of(&second, alice.id).await.unwrap(), 1);
    until("the other program hears of it", async || {
        is_anonymous(&world.domain, &world, &key).await
    })
    .await;

    let key = world.log_in("alice").await;
    world.superuser("root").await;
    assert!(!is_anonymous(&second, &world, &key).await);
    accounts::deactivate(&world.domain, alice.id).await.unwrap();
    assert!(is_anonymous(&world.domain, &world, &key).await);
    until("the other program hears of it", async || {
        is_anonymous(&second, &world, &key).await
    })
    .await;
}

#[tokio::test]
async fn sec_037_sessions_expire() {
    let world = World::new().await;
    world.account("alice").await;
    let key = world.log_in("alice").await;
    let second = world.second().await;
    world
        .config
        .sql("UPDATE platform.session SET expires_at = now() - interval '1 second'")
        .await;
    assert!(is_anonymous(&second, &world, &key).await);
    assert_eq!(session::load_record(&second, &key).await.unwrap(), None);
    assert_eq!(session::delete_expired(&second).await.unwrap(), 1);
}

#[tokio::test]
async fn data_of_sessions() {
    let world = World::new().await;
    let alice = world.account("alice").await;
    let key = world.log_in("alice").await;
    let loaded = session::load_record(&world.domain, &key)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(loaded.data, serde_json::json!({}));
    let data = serde_json::json!({ "messages": ["hello"] });
    let record = Record {
        data,
        expires_at: loaded.expires_at,
    };
    session::save_record(&world.domain, &key, &record)
        .await
        .unwrap();
    assert_eq!(
        session::load_record(&world.domain, &key).await.unwrap(),
        Some(record.clone())
    );
    let owner = session::account_id(&world.domain, &key).await.unwrap();
    assert_eq!(owner, Some(alice.id));

    let visitor = session::new_key();
    session::save_record(&world.domain, &visitor, &record)
        .await
        .unwrap();
    assert_eq!(
        session::load_record(&world.domain, &visitor).await.unwrap(),
        Some(record)
    );
    assert_eq!(
        session::account_id(&world.domain, &visitor).await.unwrap(),
        None
    );
    session::delete_record(&world.domain, &visitor)
        .await
        .unwrap();
    assert_eq!(
        session::load_record(&world.domain, &visitor).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn hashes_of_the_original_are_renewed() {
    let world = World::new().await;
    let alice = world.account("alice").await;
    let old = "pbkdf2_sha1$216000$abcdefghijkl$+NFbC2zfDGB6MjrY8Wxis+Ms9D0=";
    world
        .config
        .sql(format!("UPDATE platform.account SET password = '{old}'"))
        .await;
    let second = world.second().await;
    let stored = accounts::by_id(&second, alice.id).await.unwrap();
    let earlier = session::create(&second, &stored).await.unwrap();
    assert!(!is_anonymous(&second, &world, &earlier).await);

    let key = world.log_in("alice").await;
    let mut tx = second.tenancy().begin_platform().await.unwrap();
    let renewed: String = sqlx::query_scalar("SELECT password FROM platform.account WHERE id = $1")
        .bind(alice.id)
        .fetch_one(tx.conn())
        .await
        .unwrap();
    assert!(renewed.starts_with("argon2$argon2id$"), "{renewed}");
    tx.commit().await.unwrap();
    assert!(!is_anonymous(&second, &world, &key).await);
    // the password has not changed
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!is_anonymous(&second, &world, &earlier).await);
    world.log_in("alice").await;
}

#[tokio::test]
async fn accounts_are_checked() {
    let world = World::new().await;
    world.account("alice").await;
    let create = async |name: &str, email: &str| {
        let new = NewAccount::user(&world.domain, name, email, None);
        refusal(accounts::create(&world.domain, new).await)
    };
    assert_eq!(
        create("ALICE", "Alice@Example.org").await,
        "[('username', ['A user with that username already exists.']), \
         ('email', ['A user with that email already exists.'])]"
    );
    assert_eq!(
        create("", "nowhere").await,
        "[('username', ['This field is required.']), ('email', ['Enter a valid email address.'])]"
    );
    let silent = NewAccount::user(&world.domain, "silent", "", None);
    let silent = accounts::create(&world.domain, silent).await.unwrap();
    assert!(!silent.has_usable_password());
    let refused = accounts::authenticate(&world.domain, "silent", "", None).await;
    assert_eq!(refusal(refused), accounts::WRONG);
}

#[tokio::test]
async fn commands_can_be_repeated() {
    let world = World::new().await;
    let new = |password| NewAccount::superuser("root", "root@example.org", Some(password));
    let make = async |password, reset| {
        accounts::create_or_reset(&world.domain, new(password), reset)
            .await
            .unwrap()
            .1
    };
    assert_eq!(make(PASSWORD, false).await, Made::Created);
    assert_eq!(
        make("another good pass phrase", false).await,
        Made::AlreadyExists
    );
    world.log_in("root").await;
    assert_eq!(
        make("another good pass phrase", true).await,
        Made::PasswordReset
    );
    let old = accounts::authenticate(&world.domain, "root", PASSWORD, None).await;
    assert_eq!(refusal(old), accounts::WRONG);
    let weak = accounts::change_password(&world.domain, "root", "root", true).await;
    assert!(matches!(weak, Err(Error::Invalid(_))));
    accounts::change_password(&world.domain, "root", PASSWORD, true)
        .await
        .unwrap();
    world.log_in("root").await;
    let unknown = accounts::change_password(&world.domain, "nobody", PASSWORD, true).await;
    assert_eq!(refusal(unknown), "User matching query does not exist.");
}

#[tokio::test]
async fn confirming_a_password_is_counted_too() {
    let world = World::new().await;
    let alice = world.account("alice").await;
    let confirm =
        async |password: &str| accounts::confirm(&world.domain, alice.id, password, None).await;
    assert!(confirm(PASSWORD).await.unwrap());
    for _ in 0..5 {
        assert!(!confirm("guess").await.unwrap());
    }
    assert!(matches!(confirm(PASSWORD).await, Err(Error::Throttled(_))));
}

#[tokio::test]
async fn sec_020_the_last_superuser_stays() {
    let world = World::new().await;
    let root = world.superuser("root").await;
    let text = "This is the last active superuser, it cannot be deactivated!";
    assert_eq!(
        refusal(accounts::deactivate(&world.domain, root.id).await),
        text
    );
    let changes = accounts::Changes {
        is_superuser: Some(false),
        ..Default::default()
    };
    assert_eq!(
        refusal(accounts::update(&world.domain, root.id, changes).await),
        text
    );
    let second = world.superuser("second").await;
    // all or none
    let everybody = [root.id, second.id];
    assert_eq!(
        refusal(accounts::deactivate_all(&world.domain, &everybody).await),
        text
    );
    assert!(
        accounts::by_id(&world.domain, root.id)
            .await
            .unwrap()
            .is_active
    );
    let (one, two) = tokio::join!(
        accounts::deactivate(&world.domain, root.id),
        accounts::deactivate(&world.domain, second.id),
    );
    assert_eq!(
        [one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(),
        1
    );
}
