//! Accounts that people make for themselves.

use std::collections::HashSet;

use domain::accounts::{self, NewAccount};
use domain::{FirstSuperuser, Settings};
use serde_json::json;
use testkit::{ALPHA, Answer, App, Client, DOMAIN, PASSWORD, PostOffice, ROOT, TESTER};

const REGISTER: &str = "/accounts/register/";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

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

async fn register(client: &mut Client, name: &str, more: &[(&str, &str)]) -> Answer {
    let email = format!("{name}@example.com");
    let mut fields = vec![
        ("username", name),
        ("email", email.as_str()),
        ("password1", PASSWORD),
        ("password2", PASSWORD),
    ];
    fields.extend(more);
    client.post(REGISTER, &fields).await
}

/// The key in the link of a mail.
fn key(text: &str) -> String {
    let (_, rest) = text.split_once("/accounts/confirm/").expect("a link");
    rest.split('/').next().expect("a key").to_owned()
}

async fn confirm(client: &mut Client, key: &str) -> (String, String) {
    let answer = client.get(&format!("/accounts/confirm/{key}/")).await;
    let location = answer.expect_status(302).header("location").to_owned();
    // the start page leads on to the log-in page
    client.get("/").await.expect_status(302);
    (location, client.get("/accounts/login/").await.text())
}

async fn superusers(app: &App) -> usize {
    let all = accounts::all(app.domain()).await.expect("accounts");
    let is_one = |account: &&accounts::Account| account.is_superuser && account.is_active;
    all.iter().filter(is_one).count()
}

async fn without_superusers(app: &App) {
    app.on_platform("UPDATE platform.account SET is_superuser = false")
        .await;
}

#[tokio::test]
async fn sec_043_an_account_is_activated_by_a_key_that_works_once() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    visitor.get(REGISTER).await.expect_status(200);
    let mut keys = vec![];
    for name in ["nora", "omar"] {
        let answer = register(&mut visitor, name, &[]).await.expect_status(302);
        assert_eq!(answer.header("location"), "/");
        let page = visitor.get("/accounts/login/").await.text();
        assert!(page.contains("please check your mailbox"), "{page}");
        let page = visitor.get("/accounts/login/").await.text();
        assert!(!page.contains("please check your mailbox"), "told once");
        let mails = office.collect(&app).await;
        assert_eq!(mails.len(), 1, "nobody else is told");
        assert_eq!(mails[0].to, [format!("{name}@example.com")]);
        let subject = "[Kiwi-TCMS] Please confirm your Kiwi TCMS account email address";
        assert_eq!(mails[0].subject, subject);
        assert!(
            mails[0]
                .text
                .contains("https://alpha.kiwi.test/accounts/confirm/")
        );
        keys.push(key(&mails[0].text));
    }
    for key in &keys {
        assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
    assert_ne!(keys[0], keys[1]);
    let stored = app
        .on_platform("DELETE FROM platform.account_key WHERE length(id) <> 64")
        .await;
    assert_eq!(stored, 0);
    let logs_in = async |name: &str| {
        let mut client = app.visitor(DOMAIN);
        client
            .call("Auth.login", json!([name, PASSWORD]))
            .await
            .is_ok()
    };
    assert!(!logs_in("nora").await);

    let (place, page) = confirm(&mut visitor, &keys[0]).await;
    assert!(page.contains("activated successfully"), "{page}");
    assert_eq!(place, "/");
    assert!(logs_in("nora").await);
    let account = accounts::find(app.domain(), "nora")
        .await
        .expect("the database");
    let account = account.expect("an account");
    assert!(account.is_staff && !account.is_superuser);
    let mut root = app.visitor(DOMAIN).log_in(ROOT).await;
    let groups = root
        .call("Group.filter", json!([{"user": account.id}]))
        .await;
    assert_eq!(groups.expect("groups")[0]["name"], "Tester");

    let (_, page) = confirm(&mut visitor, &keys[0]).await;
    assert!(page.contains("no longer exists"), "used once");
    app.on_platform("UPDATE platform.account_key SET expires_at = now() - interval '1 second'")
        .await;
    let (_, page) = confirm(&mut visitor, &keys[1]).await;
    assert!(page.contains("has expired"));
    assert!(!logs_in("omar").await);
}

#[tokio::test]
async fn sec_002_a_confirmation_always_leads_to_the_start_page() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    let nexts = ["https://evil/", "//evil/", "/%5Cevil", "/plan/1/"];
    for (number, next) in nexts.into_iter().enumerate() {
        let name = format!("nora{number}");
        register(&mut visitor, &name, &[]).await.expect_status(302);
        let valid = key(&office.collect(&app).await[0].text);
        let expired = {
            let name = format!("omar{number}");
            register(&mut visitor, &name, &[]).await.expect_status(302);
            key(&office.collect(&app).await[0].text)
        };
        app.on_platform(
            "UPDATE platform.account_key SET expires_at = now() - interval '1 second'
             WHERE account_id = (SELECT max(id) FROM platform.account)",
        )
        .await;
        for key in [valid.as_str(), expired.as_str(), "unknown-key-1"] {
            let path = format!("/accounts/confirm/{key}/?next={next}");
            let answer = visitor.get(&path).await.expect_status(302);
            assert_eq!(answer.header("location"), "/", "{path}");
        }
    }
}

#[tokio::test]
async fn a_registration_that_cannot_be_is_refused_and_kept() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    for (field, value, message) in [
        (
            "username",
            "Tester-USER",
            "A user with that username already exists.",
        ),
        ("username", "a b", "Enter a valid username."),
        ("username", "", "This field is required."),
        (
            "email",
            "Tester-User@EXAMPLE.com",
            "A user with that email already exists.",
        ),
        ("email", "nora", "Enter a valid email address."),
        ("email", "", "This field is required."),
        ("password1", "Battery-staple-27", "match"),
    ] {
        let answer = register(&mut visitor, "nora", &[(field, value)]).await;
        let page = answer.expect_status(200).text();
        assert!(page.contains(message), "{field} {value}: {page}");
        assert!(!page.contains(PASSWORD));
        if field != "username" {
            assert!(page.contains("value=\"nora\""), "what was typed stays");
        }
    }
    assert_eq!(office.collect(&app).await, []);
    let found = accounts::find(app.domain(), "nora")
        .await
        .expect("the database");
    assert_eq!(found, None);

    let off = Settings {
        registration: false,
        ..plain()
    };
    let app = App::start_with(off).await;
    let mut visitor = app.client(ALPHA);
    visitor.get(REGISTER).await.expect_status(404);
    register(&mut visitor, "nora", &[]).await.expect_status(404);
    let page = visitor.get("/accounts/login/").await.text();
    assert!(!page.contains(REGISTER));
}

#[tokio::test]
async fn sec_022_registration_asks_for_the_letters_before_it_tells_who_is_there() {
    let app = App::start().await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    for name in [TESTER, "nora"] {
        let page = register(&mut visitor, name, &[]).await.expect_status(200);
        assert!(page.text().contains("Invalid CAPTCHA"));
        assert!(!page.text().contains("already exists"), "{name}");
    }
    assert_eq!(office.collect(&app).await, []);
}

#[tokio::test]
async fn gap_007_notices_are_text() {
    const HOSTILE: &str = "\"<img src=x onerror=alert(1)>\"@example.com";
    let rules = Settings {
        auto_approve: false,
        tell_registrations: true,
        admins: vec![HOSTILE.to_owned()],
        ..plain()
    };
    let app = App::start_with(rules).await;
    let office = office(&app).await;
    let mut visitor = app.client(ALPHA);
    let form = visitor.get(REGISTER).await.text();
    assert!(form.contains("An administrator activates your account"));
    register(&mut visitor, "nora", &[]).await.expect_status(302);
    let page = visitor.get("/accounts/login/").await.text();
    assert!(page.contains("you need an administrator to activate it"));
    assert!(page.contains("&lt;img src&#x3D;x"), "{page}");
    assert!(!page.contains("<img src=x"));
    // those who decide are told, the account is not
    let mails = office.collect(&app).await;
    let to: Vec<_> = mails.iter().map(|mail| mail.to[0].as_str()).collect();
    assert!(to.contains(&"root@example.com"), "{to:?}");
    assert!(!to.contains(&"nora@example.com"));
    assert!(mails[0].text.contains("nora"));

    // a notice that somebody else planted is not shown
    visitor
        .cookies
        .insert("messages".to_owned(), "00".repeat(40));
    let page = visitor.get("/accounts/login/").await.expect_status(200);
    assert!(!page.text().contains("class=\"message"));
}

#[tokio::test]
async fn gap_019_of_many_who_register_first_one_becomes_superuser() {
    for first_superuser in [
        FirstSuperuser::Open,
        FirstSuperuser::Token(TOKEN.to_owned()),
    ] {
        let rules = Settings {
            first_superuser,
            ..plain()
        };
        let app = App::start_with(rules).await;
        without_superusers(&app).await;
        let clients: Vec<Client> = (0..6).map(|_| app.client(ALPHA)).collect();
        let mut racers = tokio::task::JoinSet::new();
        for (number, mut client) in clients.into_iter().enumerate() {
            racers.spawn(async move {
                let name = format!("racer{number}");
                let token = [("setup_token", TOKEN)];
                register(&mut client, &name, &token)
                    .await
                    .expect_status(302);
            });
        }
        while let Some(done) = racers.join_next().await {
            done.expect("a registration");
        }
        assert_eq!(superusers(&app).await, 1);
        let all = accounts::all(app.domain()).await.expect("accounts");
        let racers: HashSet<_> = all
            .iter()
            .filter(|account| account.username.starts_with("racer"))
            .map(|account| (account.username.clone(), account.is_active))
            .collect();
        assert_eq!(racers.len(), 6);
        assert_eq!(racers.iter().filter(|(_, active)| *active).count(), 1);
    }
}

#[tokio::test]
async fn gap_019_nobody_becomes_superuser_without_the_token() {
    let rules = Settings {
        first_superuser: FirstSuperuser::Token(TOKEN.to_owned()),
        ..plain()
    };
    let app = App::start_with(rules).await;
    let mut visitor = app.client(ALPHA);
    let page = visitor.get(REGISTER).await.text();
    assert!(!page.contains("setup_token"), "there is a superuser");
    without_superusers(&app).await;
    let page = visitor.get(REGISTER).await.text();
    assert!(page.contains("name=\"setup_token\""));
    for wrong in ["", "0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF"] {
        let answer = register(&mut visitor, "nora", &[("setup_token", wrong)]).await;
        let page = answer.expect_status(200).text();
        assert!(page.contains("Enter the set-up token"), "{wrong}");
        assert!(!page.contains(TOKEN));
    }
    assert_eq!(superusers(&app).await, 0);
    let padded = format!(" {TOKEN} ");
    register(&mut visitor, "nora", &[("setup_token", &padded)])
        .await
        .expect_status(302);
    assert_eq!(superusers(&app).await, 1);
    let page = visitor.get("/accounts/login/").await.text();
    assert!(page.contains("You are the first superuser"), "{page}");
    // from now on the token is worth nothing
    register(&mut visitor, "omar", &[("setup_token", TOKEN)])
        .await
        .expect_status(302);
    assert_eq!(superusers(&app).await, 1);

    // an installation that wants no superusers from the network has none
    let app = App::start_with(plain()).await;
    without_superusers(&app).await;
    let mut visitor = app.client(ALPHA);
    register(&mut visitor, "nora", &[]).await.expect_status(302);
    assert_eq!(superusers(&app).await, 0);
}

#[tokio::test]
async fn sec_015_a_new_address_counts_when_its_mailbox_answered() {
    let app = App::start_with(plain()).await;
    let office = office(&app).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let id = async |name: &str| {
        let found = accounts::find(app.domain(), name)
            .await
            .expect("the database");
        found.expect("an account")
    };
    let me = id(TESTER).await;
    let page = format!("/accounts/{}/reset-user-email/", me.id);
    app.client(ALPHA).get(&page).await.expect_status(302);
    let form = tester.get(&page).await.expect_status(200).text();
    assert!(form.contains("<body id=\"page-reset-user-email\""));
    let send = async |client: &mut Client, page: &str, one: &str, two: &str| {
        client
            .post(page, &[("email_1", one), ("email_2", two)])
            .await
    };
    for (one, two, message) in [
        ("new@example.com", "nwe@example.com", "Email mismatch"),
        ("new", "new", "Enter a valid email address."),
        ("", "", "This field is required."),
        ("ROOT@example.com", "ROOT@example.com", "already exists"),
    ] {
        let answer = send(&mut tester, &page, one, two).await.expect_status(200);
        assert!(answer.text().contains(message), "{one}: {}", answer.text());
    }
    let new = "new@example.com";
    send(&mut tester, &page, new, new).await.expect_status(302);
    let home = tester.get("/").await.expect_status(200).text();
    assert!(home.contains("on its way to new@example.com"));
    assert_eq!(
        id(TESTER).await.email,
        me.email,
        "not before it is confirmed"
    );
    let first = office.collect(&app).await;
    assert_eq!(first[0].to, [new]);
    // the newest wish counts
    send(&mut tester, &page, new, new).await.expect_status(302);
    let second = office.collect(&app).await;
    tester.get("/").await;
    let link = |text: &str| format!("/accounts/confirm/{}/", key(text));
    tester.get(&link(&first[0].text)).await.expect_status(302);
    assert!(tester.get("/").await.text().contains("no longer exists"));
    tester.get(&link(&second[0].text)).await.expect_status(302);
    assert!(
        tester
            .get("/")
            .await
            .text()
            .contains("new e-mail address now")
    );
    assert_eq!(id(TESTER).await.email, new);
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let seen = root
        .call("User.filter", json!([{"username": TESTER}]))
        .await;
    assert_eq!(seen.expect("people")[0]["email"], new, "in the tenant too");

    // somebody without the right changes the own address, whoever is named; others that of people
    // of their tenant, but a superuser's only if they are one
    let others = format!("/accounts/{}/reset-user-email/", id(ROOT).await.id);
    send(&mut tester, &others, "mine@example.com", "mine@example.com")
        .await
        .expect_status(302);
    let mail = office.collect(&app).await.remove(0);
    assert!(mail.text.contains(TESTER) && !mail.text.contains(ROOT));
    let stranger = NewAccount::user(app.domain(), "far", "far@example.com", Some(PASSWORD));
    let far = accounts::create(app.domain(), stranger)
        .await
        .expect("an account");
    let far = format!("/accounts/{}/reset-user-email/", far.id);
    root.get(&far).await.expect_status(404);
    let form = root.get(&page).await.expect_status(200).text();
    assert!(form.contains("This is not your own account: tester-user"));
}
