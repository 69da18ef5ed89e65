//! Paths at which programs look first.

use testkit::{App, Edge, PUBLIC};
use web::Settings;

#[tokio::test]
async fn password_managers_and_finders_of_weaknesses_are_led_to_the_right_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Settings {
        contacts: vec![
            "mailto:security@example.org".to_owned(),
            "https://example.org/security".to_owned(),
        ],
        well_known: Some(folder.path().to_owned()),
        ..Settings::default()
    };
    let app = App::start_single_at(Edge {
        settings,
        ..Edge::default()
    })
    .await;
    let mut visitor = app.client(PUBLIC);
    let answer = visitor.get("/.well-known/change-password").await;
    let answer = answer.expect_status(302);
    assert_eq!(answer.header("location"), "/admin/password_change/");
    let answer = visitor.get("/.well-known/security.txt").await;
    let answer = answer.expect_status(200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let text = answer.text();
    let (contacts, rest) = text.split_once("Expires: ").expect("an end");
    assert_eq!(
        contacts,
        "Contact: mailto:security@example.org\nContact: https://example.org/security\n"
    );
    let end = rest.lines().next().expect("a line");
    let end: chrono::DateTime<chrono::Utc> = end.parse().expect("a moment");
    let days = (end - domain::now()).num_days();
    assert!((170..=180).contains(&days), "{days}");

    // what the operator lays there wins, and nothing beside it is reached
    let lay = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    visitor
        .get("/.well-known/acme-challenge/token")
        .await
        .expect_status(404);
    lay("acme-challenge/token", "an answer");
    lay("security.txt", "Contact: mailto:other@example.org\n");
    let found = visitor.get("/.well-known/acme-challenge/token").await;
    assert_eq!(found.expect_status(200).text(), "an answer");
    let found = visitor.get("/.well-known/security.txt").await;
    assert!(found.text().contains("other@example.org"));
    for path in [
        "/.well-known/../Cargo.toml",
        "/.well-known/%2e%2e/Cargo.toml",
        "/.well-known/..%2fCargo.toml",
        "/.well-known/acme-challenge/",
        "/.well-known/acme-challenge",
    ] {
        visitor.get(path).await.expect_status(404);
    }
}

#[tokio::test]
async fn without_a_contact_there_is_no_security_txt() {
    let app = App::start_single().await;
    let mut visitor = app.client(PUBLIC);
    visitor
        .get("/.well-known/security.txt")
        .await
        .expect_status(404);
}
