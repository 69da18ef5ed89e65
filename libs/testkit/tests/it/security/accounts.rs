//! Log-ins, sessions and passwords.

use std::time::{Duration, Instant};

use domain::accounts::{self, NewAccount};
use serde_json::json;
use testkit::{ALPHA, App, BETA, PASSWORD, ROOT, STRANGER, TESTER};

#[tokio::test]
async fn sec_021_log_ins_by_the_api_are_slowed_down_too() {
    let rules = domain::Settings {
        login_attempts: 2,
        ..domain::Settings::default()
    };
    let app = App::start_with(rules).await;
    let mut visitor = app.client(ALPHA);
    let mut messages = Vec::new();
    for _ in 0..3 {
        let refused = visitor.call("Auth.login", json!([TESTER, "wrong"])).await;
        messages.push(refused.expect_err("wrong").message);
    }
    assert_eq!(messages[0], messages[1]);
    assert_ne!(
        messages[1], messages[2],
        "the third attempt comes too early"
    );
    let right = visitor.call("Auth.login", json!([TESTER, PASSWORD])).await;
    right.expect_err("the right password has to wait as well");
    let form = visitor.log_in_by_form(TESTER, PASSWORD).await;
    form.expect_status(429);
}

#[tokio::test]
async fn sec_057_ten_006_deactivation_ends_all_access_at_once() {
    let app = App::start().await;
    let mut here = app.client(ALPHA).log_in(STRANGER).await;
    let mut there = app.client(BETA).log_in(STRANGER).await;
    here.get("/").await.expect_status(200);
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let gone = root
        .call("User.deactivate", json!([{"username": STRANGER}]))
        .await
        .expect("deactivated");
    assert_eq!(gone[0]["is_active"], false);
    for client in [&mut here, &mut there] {
        client.get("/").await.expect_status(302);
        let refused = client.call("KiwiTCMS.version", json!([])).await;
        assert_eq!(refused.expect_err("refused").code, -32098);
        let again = client.call("Auth.login", json!([STRANGER, PASSWORD])).await;
        again.expect_err("no log-in any more");
    }
}

#[tokio::test]
async fn sec_020_gap_016_the_last_superuser_is_not_deactivated() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let deactivated = root
        .call("User.deactivate", json!([{"username": ROOT}]))
        .await;
    deactivated.expect_err("the last one stays");
    drop(app.client(ALPHA).log_in(ROOT).await);
}

#[tokio::test]
async fn sec_023_gap_004_sec_015_the_api_changes_passwords_and_addresses_by_the_rules() {
    let app = App::start().await;
    let me = accounts::find(app.domain(), TESTER)
        .await
        .expect("the database")
        .expect("an account");
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for weak in ["short7A", "password", "73518264950", "tester-user1"] {
        let values = json!({"password": weak, "old_password": PASSWORD});
        let answer = tester.call("User.update", json!([me.id, values])).await;
        answer.expect_err(weak);
    }
    for values in [
        json!({"password": "Battery-staple-27"}),
        json!({"password": "Battery-staple-27", "old_password": "wrong"}),
        json!({"email": "elsewhere@example.com"}),
    ] {
        let answer = tester.call("User.update", json!([me.id, values])).await;
        answer.expect_err("not without a proof");
    }
    let values = json!({"password": "Battery-staple-27", "old_password": PASSWORD});
    let changed = tester.call("User.update", json!([me.id, values])).await;
    let changed = changed.expect("a good one");
    assert!(!changed.to_string().contains("Battery"), "{changed}");
    let old = app
        .client(ALPHA)
        .call("Auth.login", json!([TESTER, PASSWORD]))
        .await;
    old.expect_err("the old one is gone");
}

#[tokio::test]
async fn gap_018_a_wrong_password_and_an_unknown_name_are_told_alike() {
    let app = App::start().await;
    let new = NewAccount::user(app.domain(), "idle", "idle@example.com", None);
    accounts::create(app.domain(), new)
        .await
        .expect("an account");
    let mut answers = Vec::new();
    for name in [TESTER, "idle", "nobody-at-all"] {
        let refused = app
            .client(ALPHA)
            .call("Auth.login", json!([name, "wrong"]))
            .await;
        answers.push(refused.expect_err(name));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

#[tokio::test]
async fn lib_006_lib_010_lib_013_lib_024_long_names_and_passwords_are_refused_quickly() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let long = "\u{fdfa}".repeat(300_000);
    let begin = Instant::now();
    for params in [json!([long, PASSWORD]), json!([TESTER, long])] {
        let refused = visitor.call("Auth.login", params).await;
        refused.expect_err("too long");
    }
    let answer = visitor.log_in_by_form(&"x".repeat(100_000), "y").await;
    assert!(answer.status.is_success() || answer.status.is_client_error());
    let fields = [
        ("username", TESTER),
        ("password", PASSWORD),
        ("next", &long[..90_000]),
    ];
    let answer = visitor.post("/accounts/login/", &fields).await;
    assert!(!answer.header("location").contains("%EF"), "not repeated");
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
}
