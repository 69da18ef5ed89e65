//! Forgotten passwords: who gets a link, and what it opens.

use std::time::{Duration, Instant};

use domain::Settings;
use domain::accounts::{self, NewAccount};
use serde_json::json;
use testkit::{ALPHA, Answer, App, Client, PASSWORD, PostOffice, TESTER};

const ASK: &str = "/accounts/passwordreset/";
const CHANGE: &str = "/admin/password_change/";
const NEW: &str = "Battery-staple-27";
const TESTERS_ADDRESS: &str = "tester-user@example.com";

/// Rules without pictures, for tests about something else.
fn plain() -> Settings {
    Settings {
        captcha: false,
        ..Settings::default()
    }
}

/// A post office that has nothing left from the making of the tenants.
async fn office(app: &App) -> PostOffice {
    let office = PostOffice::open().await;
    office.collect(app).await;
    office
}

/// The key of the picture in a page.
fn captcha(page: &str) -> String {
    let (_, rest) = page
        .split_once("name=\"captcha_0\" value=\"")
        .expect("a picture");
    rest[..40].to_owned()
}

/// The path that a mail leads to.
fn path(text: &str) -> String {
    let (_, rest) = text.split_once("https://").expect("a link");
    let address = rest.split_whitespace().next().expect("a link");
    let (_, path) = address.split_once('/').expect("a path");
    format!("/{path}")
}

async fn ask(client: &mut Client, email: &str) -> Answer {
    client.post(ASK, &[("email", email)]).await
}

/// Follows the link of a mail to its form; returns the path of the form.
async fn follow(client: &mut Client, link: &str) -> String {
    let answer = client.get(link).await.expect_status(302);
    let form = answer.header("location").to_owned();
    assert!(form.ends_with("/set-password/"), "{form}");
    form
}

async fn logs_in(app: &App, password: &str) -> bool {
    let mut client = app.client(ALPHA);
    let answer = client.call("Auth.login", json!([TESTER, password])).await;
    answer.is_ok()
}

#[tokio::test]
async fn sec_022_lib_042_without_the_letters_of_a_fresh_picture_no_mail_is_sent() {
    let app = App::start().await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    let sent = async |visitor: &mut Client, key: &str, answer: &str| {
        let page = visitor.get("/accounts/login/").await.text();
        let fields = [
            ("email", TESTERS_ADDRESS),
            ("captcha_0", key),
            ("captcha_1", answer),
        ];
        visitor.post_from(&page, ASK, &fields).await
    };
    let fresh = async |visitor: &mut Client| captcha(&visitor.get(ASK).await.text());

    let without = visitor.post(ASK, &[("email", TESTERS_ADDRESS)]).await;
    assert!(
        without
            .expect_status(200)
            .text()
            .contains("Invalid CAPTCHA")
    );

    let key = fresh(&mut visitor).await;
    let picture = visitor.get(&format!("/captcha/image/{key}/")).await;
    let picture = picture.expect_status(200);
    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert_eq!(picture.header("cache-control"), "no-store");
    assert!(picture.text().starts_with("<svg") && !picture.text().contains("<text"));
    let right = app.captcha_answer(&key).await;
    let wrong = sent(&mut visitor, &key, "?").await.expect_status(200);
    assert!(wrong.text().contains("Invalid CAPTCHA"));
    assert!(
        wrong
            .text()
            .contains(&format!("value=\"{TESTERS_ADDRESS}\""))
    );
    // one attempt, and it was spent
    sent(&mut visitor, &key, &right).await.expect_status(200);
    visitor
        .get(&format!("/captcha/image/{key}/"))
        .await
        .expect_status(404);

    let key = fresh(&mut visitor).await;
    let right = app.captcha_answer(&key).await;
    app.on_platform("UPDATE platform.captcha SET expires_at = now() - interval '1 second'")
        .await;
    sent(&mut visitor, &key, &right).await.expect_status(200);
    assert_eq!(office.collect(&app).await, []);

    let key = fresh(&mut visitor).await;
    let right = format!(" {} ", app.captcha_answer(&key).await.to_uppercase());
    let answer = sent(&mut visitor, &key, &right).await.expect_status(302);
    assert_eq!(answer.header("location"), "/accounts/passwordreset/done/");
    // reused
    sent(&mut visitor, &key, &right).await.expect_status(200);
    assert_eq!(office.collect(&app).await.len(), 1);
    // another wish within a minute is not written to again
    let key = fresh(&mut visitor).await;
    let right = app.captcha_answer(&key).await;
    sent(&mut visitor, &key, &right).await.expect_status(302);
    assert_eq!(office.collect(&app).await, []);
}

#[tokio::test]
async fn lib_001_links_go_to_the_stored_address_only() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    for (name, email) in [("mike", "mike@example.org"), ("fish", "fish@example.org")] {
        let new = NewAccount::user(app.domain(), name, email, Some(PASSWORD));
        accounts::create(app.domain(), new)
            .await
            .expect("an account");
    }
    let mut visitor = app.client(ALPHA);
    for (typed, stored) in [
        // a letter without a dot is another letter
        ("mıke@example.org", None),
        ("mike@example.com", None),
        ("MIKE@Example.org", Some("mike@example.org")),
        ("ﬁｓｈ@example.org", Some("fish@example.org")),
    ] {
        let answer = ask(&mut visitor, typed).await.expect_status(302);
        assert_eq!(answer.header("location"), "/accounts/passwordreset/done/");
        let mails = office.collect(&app).await;
        let to: Vec<_> = mails.iter().flat_map(|mail| mail.to.clone()).collect();
        let stored: Vec<String> = stored.map(str::to_owned).into_iter().collect();
        assert_eq!(to, stored, "{typed}");
    }
}

#[tokio::test]
async fn opa_064_a_link_sets_a_password_once_and_ends_all_sessions() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    let mut elsewhere = app.client(ALPHA).log_in(TESTER).await;
    let mut visitor = app.client(ALPHA);
    visitor.get(ASK).await.expect_status(200);
    ask(&mut visitor, TESTERS_ADDRESS).await.expect_status(302);
    visitor
        .get("/accounts/passwordreset/done/")
        .await
        .expect_status(200);
    let mails = office.collect(&app).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, [TESTERS_ADDRESS]);
    assert_eq!(mails[0].subject, "Password reset on alpha.kiwi.test");
    assert!(mails[0].text.contains(TESTER));
    let coding = mails[0].header("Content-Transfer-Encoding");
    assert_eq!(coding, "quoted-printable");
    let kind = mails[0].header("Content-Type").to_ascii_lowercase();
    assert_eq!(kind, "text/plain; charset=utf-8");
    let links = mails[0].text.matches("/accounts/passwordreset/confirm/");
    assert_eq!(links.count(), 1, "{}", mails[0].text);
    let link = path(&mails[0].text);
    assert!(
        mails[0]
            .text
            .contains(&format!("https://alpha.kiwi.test{link}"))
    );
    let form = follow(&mut visitor, &link).await;
    assert!(!form.contains(link.split('/').nth_back(1).expect("a key")));
    let page = visitor.get(&form).await.expect_status(200);
    assert!(page.text().contains("name=\"new_password2\""));

    for (one, two, message) in [
        ("", "", "This field is required."),
        (NEW, "Battery-staple-28", "match"),
        ("password", "password", "This password is too common."),
        ("73518264950", "73518264950", "entirely numeric"),
        (
            "tester-user1",
            "tester-user1",
            "too similar to the username",
        ),
        ("aB3$", "aB3$", "at least 10 characters"),
    ] {
        let fields = [("new_password1", one), ("new_password2", two)];
        let answer = visitor.post(&form, &fields).await.expect_status(200);
        assert!(answer.text().contains(message), "{one}: {}", answer.text());
        assert!(one.is_empty() || !answer.text().contains(&format!("value=\"{one}\"")));
    }
    elsewhere.get("/").await.expect_status(200);
    let fields = [("new_password1", NEW), ("new_password2", NEW)];
    let mut again = visitor.clone();
    let answer = visitor.post(&form, &fields).await.expect_status(302);
    assert_eq!(
        answer.header("location"),
        "/accounts/passwordreset/complete/"
    );
    let page = visitor.get("/accounts/passwordreset/complete/").await;
    let page = page.expect_status(200).text();
    assert!(page.contains("Your password was changed"), "{page}");
    elsewhere.get("/").await.expect_status(302);
    assert!(logs_in(&app, NEW).await);
    assert!(!logs_in(&app, PASSWORD).await);
    let mut back = app.client(ALPHA);
    back.log_in_by_form(TESTER, NEW).await.expect_status(302);
    back.get("/").await.expect_status(200);

    let fields = [
        ("new_password1", "Other-staple-27"),
        ("new_password2", "Other-staple-27"),
    ];
    let answer = again.post(&form, &fields).await.expect_status(200);
    assert!(answer.text().contains("not good any more"));
    let answer = again.get(&link).await.expect_status(200);
    assert!(answer.text().contains("not good any more"));
    assert!(!answer.text().contains("new_password1"));
    assert!(logs_in(&app, NEW).await);
}

#[tokio::test]
async fn a_link_dies_with_a_log_in_a_new_address_and_its_time() {
    for change in [
        "UPDATE platform.account SET last_login = now() WHERE username = 'tester-user'",
        "UPDATE platform.account SET email = 'x@example.com' WHERE username = 'tester-user'",
        "UPDATE platform.account SET is_active = false WHERE username = 'tester-user'",
        "UPDATE platform.account_key SET expires_at = now() - interval '1 second'",
    ] {
        let app = App::start_with(plain()).await;
        let office = office(&app).await;
        let mut visitor = app.client(ALPHA);
        ask(&mut visitor, TESTERS_ADDRESS).await.expect_status(302);
        let link = path(&office.collect(&app).await[0].text);
        let form = follow(&mut visitor, &link).await;
        assert_eq!(app.on_platform(change).await, 1, "{change}");
        let fields = [("new_password1", NEW), ("new_password2", NEW)];
        let answer = visitor.post(&form, &fields).await.expect_status(200);
        assert!(answer.text().contains("not good any more"), "{change}");
        assert!(!logs_in(&app, NEW).await, "{change}");
    }
}

#[tokio::test]
async fn accounts_that_cannot_log_in_and_links_of_others_open_nothing() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    let unusable = NewAccount::user(app.domain(), "idle", "idle@example.com", None);
    let mut asleep = NewAccount::user(app.domain(), "asleep", "asleep@example.com", Some(PASSWORD));
    asleep.is_active = false;
    for new in [unusable, asleep] {
        accounts::create(app.domain(), new)
            .await
            .expect("an account");
    }
    for email in [
        "idle@example.com",
        "asleep@example.com",
        "nobody@example.com",
    ] {
        ask(&mut visitor, email).await.expect_status(302);
    }
    assert_eq!(office.collect(&app).await, []);
    for wrong in ["", "no address", "a@b\0.example"] {
        let answer = ask(&mut visitor, wrong).await.expect_status(200);
        assert!(answer.text().contains("class=\"field-errors\""), "{wrong}");
    }

    ask(&mut visitor, TESTERS_ADDRESS).await.expect_status(302);
    let link = path(&office.collect(&app).await[0].text);
    let key = link.split('/').nth_back(1).expect("a key").to_owned();
    for link in [
        // another account, no account, no id
        format!("/accounts/passwordreset/confirm/MQ/{key}/"),
        format!("/accounts/passwordreset/confirm/OTk5OTk5/{key}/"),
        format!("/accounts/passwordreset/confirm/-/{key}/"),
        link.replace(&key, &"0".repeat(64)),
        link.replace(&key, "set-password"),
    ] {
        let answer = visitor.get(&link).await.expect_status(200);
        assert!(answer.text().contains("not good any more"), "{link}");
    }
}

#[tokio::test]
async fn gap_018_lib_012_asking_for_a_link_is_the_same_work_for_everybody() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    let mut answers = vec![];
    for email in [TESTERS_ADDRESS, "nobody@example.com"] {
        let answer = ask(&mut visitor, email).await.expect_status(302);
        let place = answer.header("location").to_owned();
        answers.push((place, answer.text(), answer.headers.len()));
        // nobody looks for the account before the answer is given
        let keys = app.on_platform("DELETE FROM platform.account_key").await;
        let noted = app
            .on_platform("UPDATE platform.job SET run_at = now() WHERE kind = 'reset_password'")
            .await;
        assert_eq!((keys, noted), (0, answers.len() as u64), "{email}");
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(office.collect(&app).await.len(), 1);
}

#[tokio::test]
async fn gap_018_a_log_in_takes_as_long_for_an_unknown_name() {
    let app = App::start_with(Settings {
        login_attempts: 1000,
        ..Settings::default()
    })
    .await;
    // the quickest of each, because other work only ever adds; on a busy machine that takes a while
    let mut quickest = [Duration::MAX; 2];
    for turn in 1..=60 {
        for (quickest, name) in quickest.iter_mut().zip([TESTER, "nobody-at-all"]) {
            let begin = Instant::now();
            let mut client = app.client(ALPHA);
            let answer = client.call("Auth.login", json!([name, "wrong"])).await;
            answer.expect_err("wrong");
            *quickest = (*quickest).min(begin.elapsed());
        }
        if turn >= 9 && quickest[0].max(quickest[1]) < quickest[0].min(quickest[1]) * 2 {
            break;
        }
    }
    let [known, unknown] = quickest;
    let (less, more) = (known.min(unknown), known.max(unknown));
    assert!(
        less > Duration::from_millis(1),
        "something is hashed: {less:?}"
    );
    assert!(more < less * 2, "{known:?} and {unknown:?}");
}

#[tokio::test]
async fn a_password_is_changed_by_its_owner_who_stays_logged_in() {
    let app = App::start().await;
    let mut elsewhere = app.client(ALPHA).log_in(TESTER).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    app.client(ALPHA).get(CHANGE).await.expect_status(302);
    tester.get(CHANGE).await.expect_status(200);
    let send = async |tester: &mut Client, old: &str, one: &str, two: &str| {
        let fields = [
            ("old_password", old),
            ("new_password1", one),
            ("new_password2", two),
        ];
        tester.post(CHANGE, &fields).await
    };
    for (old, one, two, message) in [
        ("wrong", NEW, NEW, "entered incorrectly"),
        (PASSWORD, NEW, "Battery-staple-28", "match"),
        (PASSWORD, "password", "password", "too common"),
    ] {
        let answer = send(&mut tester, old, one, two).await.expect_status(200);
        assert!(answer.text().contains(message), "{message}");
    }
    elsewhere.get("/").await.expect_status(200);
    let answer = send(&mut tester, PASSWORD, NEW, NEW)
        .await
        .expect_status(302);
    assert_eq!(answer.header("location"), "/admin/password_change/done/");
    tester
        .get("/admin/password_change/done/")
        .await
        .expect_status(200);
    tester.get("/").await.expect_status(200);
    elsewhere.get("/").await.expect_status(302);
    assert!(logs_in(&app, NEW).await);
}
