//! Logging in by a provider elsewhere.

use std::collections::BTreeMap;

use domain::Settings;
use domain::accounts::social::Policy;
use domain::accounts::{self, Account, Changes};
use http::header;
use serde_json::json;
use testkit::{
    ALPHA, Answer, App, BETA, Client, DOMAIN, IdentityProvider, PASSWORD, PUBLIC, STRANGER, Says,
    TESTER,
};

/// A server and a provider that lets people into it.
struct Stage {
    app: App,
    provider: IdentityProvider,
}

impl Stage {
    async fn with(multi: bool, settings: Settings, policy: Policy) -> Self {
        let provider = IdentityProvider::start().await;
        let providers = vec![provider.settings("sso")];
        let settings = Settings {
            providers: BTreeMap::from([("sso".to_owned(), policy)]),
            ..settings
        };
        let app = App::start_with_providers(multi, settings, providers).await;
        Self { app, provider }
    }

    async fn single() -> Self {
        Self::with(false, Settings::default(), Policy::default()).await
    }

    async fn with_policy(policy: Policy) -> Self {
        Self::with(false, Settings::default(), policy).await
    }

    /// Goes to the provider and comes back, without looking at the answer to that.
    async fn sent_back(&self, client: &mut Client, path: &str) -> String {
        let begun = client.get(path).await.expect_status(302);
        path_of(&self.provider.visit(begun.header("location")))
    }

    /// A whole log-in.
    async fn log_in(&self, client: &mut Client, path: &str) -> Answer {
        let back = self.sent_back(client, path).await;
        client.get(&back).await
    }

    /// A log-in of somebody new, about whom the provider says this.
    async fn arrive(&self, says: Says) -> (Client, Answer) {
        self.provider.says(says);
        let mut client = self.app.client(PUBLIC);
        let answer = self.log_in(&mut client, "/login/sso/?next=/").await;
        (client, answer)
    }

    async fn account(&self, username: &str) -> Option<Account> {
        let found = accounts::find(self.app.domain(), username).await;
        found.expect("the database answers")
    }

    /// User name of who has logged in.
    async fn who(&self, client: &Client) -> String {
        let key = &client.cookies["sessionid"];
        let id = domain::session::account_id(self.app.domain(), key).await;
        let id = id.expect("the database answers").expect("a session");
        let account = accounts::by_id(self.app.domain(), id).await;
        account.expect("an account").username
    }

    /// Groups of an account in the public tenant, by name.
    async fn groups(&self, account: &Account) -> Vec<String> {
        let tenant = self.app.tenant(PUBLIC).await;
        let tx = self.app.domain().tenancy().begin_read(&tenant).await;
        let mut tx = tx.expect("a transaction");
        let names = sqlx::query_scalar(
            "SELECT g.name FROM user_group g JOIN group_member m ON m.group_id = g.id
             WHERE m.user_id = $1 ORDER BY g.name",
        )
        .bind(account.id)
        .fetch_all(tx.conn())
        .await;
        names.expect("the database answers")
    }

    async fn count(&self) -> usize {
        let all = accounts::all(self.app.domain()).await;
        all.expect("the database answers").len()
    }

    /// Whether the client has logged in.
    async fn is_in(client: &mut Client) -> bool {
        client.get("/").await.status == 200
    }

    /// The answer refuses: back to the log-in page with this message, and nobody is logged in.
    async fn assert_refused(client: &mut Client, answer: Answer, message: &str) {
        let answer = answer.expect_status(302);
        let place = answer.header("location").to_owned();
        assert!(place.starts_with("/accounts/login/?next="), "{place}");
        assert!(!client.cookies.contains_key("sessionid"));
        let page = client.get(&place).await.expect_status(200).text();
        assert!(page.contains(message), "{page}");
        assert!(!Self::is_in(client).await);
    }
}

/// Path and query of an address.
fn path_of(address: &str) -> String {
    let (_, rest) = address.split_once("://").expect("a scheme");
    let (_, path) = rest.split_once('/').expect("a path");
    format!("/{path}")
}

#[tokio::test]
async fn ent_004_somebody_new_gets_an_account_and_comes_back_to_it() {
    let stage = Stage::single().await;
    let mut jane = stage.app.client(PUBLIC);
    let page = jane.get("/accounts/login/?next=/rpc/").await.text();
    let page = page.replace("&#x3D;", "=");
    assert!(page.contains("Continue with The Provider"), "{page}");
    assert!(page.contains("href=\"/login/sso/?next=/rpc/\""), "{page}");
    assert!(page.contains("inputPassword"), "the form stays");

    let answer = stage.log_in(&mut jane, "/login/sso/?next=/rpc/").await;
    let answer = answer.expect_status(302);
    assert_eq!(answer.header("location"), "/rpc/");
    assert!(Stage::is_in(&mut jane).await);
    let account = stage.account("jane").await.expect("an account");
    assert_eq!(account.email, "jane@example.com");
    assert_eq!((&*account.first_name, &*account.last_name), ("Jane", "Doe"));
    assert!(account.is_active && account.is_staff && !account.is_superuser);
    assert!(account.has_usable_password() && account.last_login.is_some());
    assert_eq!(stage.groups(&account).await, ["Tester"]);

    // the same person under other names is the same account, and keeps what is its own
    let count = stage.count().await;
    let says = Says::default().with(&json!({
        "preferred_username": "janet", "given_name": "Janet", "email": "janet@example.com"}));
    let (mut again, answer) = stage.arrive(says).await;
    answer.expect_status(302);
    assert!(Stage::is_in(&mut again).await);
    assert_eq!(stage.count().await, count);
    let account = stage.account("jane").await.expect("the account");
    assert_eq!(account.email, "jane@example.com");
    assert_eq!(account.first_name, "Janet");
}

#[tokio::test]
async fn opa_063_a_log_in_ends_on_the_dashboard_and_whom_the_provider_refuses_gets_no_account() {
    let stage = Stage::single().await;
    let mut jane = stage.app.client(PUBLIC);
    let page = jane.get("/accounts/login/").await.expect_status(200).text();
    let (_, rest) = page
        .split_once("<ul class=\"login-providers\">")
        .expect(&page);
    let (_, rest) = rest.split_once("href=\"").expect("a button");
    let address = rest.split('"').next().expect("an address");
    let address = address.replace("&#x3D;", "=");
    let answer = stage.log_in(&mut jane, &address).await.expect_status(302);
    let place = answer.header("location").to_owned();
    let page = jane.get(&place).await.expect_status(200).text();
    assert!(page.contains("id=\"page-dashboard\""), "{page}");

    // a provider sends somebody whose account is disabled there back like this, or not at all
    let count = stage.count().await;
    stage.provider.says(
        Says::default().with(&json!({"sub": "2", "preferred_username": "joe",
            "email": "joe@example.com"})),
    );
    let mut joe = stage.app.client(PUBLIC);
    let back = stage.sent_back(&mut joe, &address).await;
    let refused = back.replace("code=", "error=access_denied&error_description=");
    let answer = joe.get(&refused).await;
    Stage::assert_refused(&mut joe, answer, "The Provider did not let you in").await;
    assert_eq!(stage.count().await, count);
    assert_eq!(stage.account("joe").await, None);
}

#[tokio::test]
async fn ent_004_a_forged_callback_is_refused() {
    let stage = Stage::single().await;
    let mut victim = stage.app.client(PUBLIC);
    let mut attacker = stage.app.client(PUBLIC);
    // the attacker's answer of the provider in the victim's browser, which has begun nothing
    let theirs = stage.sent_back(&mut attacker, "/login/sso/").await;
    let answer = victim.get(&theirs).await.expect_status(403);
    assert!(answer.text().contains("was not begun here"));
    assert!(!Stage::is_in(&mut victim).await);
    // … or has begun something else
    let mine = stage.sent_back(&mut victim, "/login/sso/").await;
    victim.get(&theirs).await.expect_status(403);
    let (path, own_state) = mine.split_once("&state=").expect("a state");
    let (_, their_state) = theirs.split_once("&state=").expect("a state");
    for wrong in [
        format!("{path}&state={their_state}"),
        format!("{path}&state="),
        format!("{path}&state={own_state}x"),
        path.to_owned(),
        "/complete/sso/".to_owned(),
        format!("/complete/sso/?state={own_state}x&error=access_denied"),
    ] {
        victim.get(&wrong).await.expect_status(403);
    }
    assert_eq!(stage.account("jane").await, None);
    // nothing of that has spoiled the log-in that was begun here
    victim.get(&mine).await.expect_status(302);
    assert!(Stage::is_in(&mut victim).await);
    stage
        .app
        .client(PUBLIC)
        .get("/complete/nope/?state=x")
        .await
        .expect_status(404);
    stage
        .app
        .client(PUBLIC)
        .get("/login/nope/")
        .await
        .expect_status(404);
}

#[tokio::test]
async fn ent_004_a_callback_counts_once() {
    let stage = Stage::single().await;
    let mut jane = stage.app.client(PUBLIC);
    let back = stage.sent_back(&mut jane, "/login/sso/").await;
    let before = jane.clone();
    jane.get(&back).await.expect_status(302);
    for mut replaying in [jane.clone(), before] {
        let answer = replaying.get(&back).await.expect_status(403);
        assert!(answer.headers.get(header::SET_COOKIE).is_none_or(|cookie| {
            !cookie
                .to_str()
                .unwrap_or_default()
                .starts_with("sessionid=")
        }));
    }
    // a callback that failed is spent too
    let mut other = stage.app.client(PUBLIC);
    let back = stage.sent_back(&mut other, "/login/sso/").await;
    let denied = back.replace("code=", "error=access_denied&x=");
    let answer = other.get(&denied).await;
    Stage::assert_refused(&mut other, answer, "The Provider did not let you in").await;
    other.get(&back).await.expect_status(403);
    // two tabs of one browser do not get into each other's way
    let one = stage.sent_back(&mut other, "/login/sso/?next=/a/").await;
    let two = stage.sent_back(&mut other, "/login/sso/?next=/b/").await;
    assert_eq!(other.get(&one).await.header("location"), "/a/");
    assert_eq!(other.get(&two).await.header("location"), "/b/");
}

#[tokio::test]
async fn ent_004_a_callback_comes_in_time() {
    let stage = Stage::single().await;
    let mut jane = stage.app.client(PUBLIC);
    let back = stage.sent_back(&mut jane, "/login/sso/").await;
    let aged = "UPDATE platform.session SET expires_at = now() WHERE account_id IS NULL";
    assert_eq!(stage.app.on_platform(aged).await, 1);
    jane.get(&back).await.expect_status(403);
    assert_eq!(stage.account("jane").await, None);
}

#[tokio::test]
async fn ent_004_only_what_the_provider_has_signed_for_us_counts() {
    let stage = Stage::single().await;
    let good = Says::default();
    let instead = |claims| Says {
        instead: claims,
        ..good.clone()
    };
    for (what, says) in [
        ("nonce", instead(json!({"nonce": "another"}))),
        ("no nonce", instead(json!({"nonce": null}))),
        ("audience", instead(json!({"aud": "somebody else"}))),
        (
            "two audiences",
            instead(json!({"aud": ["kiwi under test", "somebody else"]})),
        ),
        ("no audience", instead(json!({"aud": []}))),
        ("issuer", instead(json!({"iss": "https://evil.example"}))),
        (
            "access token",
            instead(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})),
        ),
        ("future", instead(json!({"iat": 4_102_444_800_i64}))),
        ("subject", instead(json!({"sub": ""}))),
        ("long subject", instead(json!({"sub": "x".repeat(256)}))),
        (
            "time",
            Says {
                expires_in: -120,
                ..good.clone()
            },
        ),
        (
            "signature",
            Says {
                signs: "two",
                ..good.clone()
            },
        ),
        (
            "unknown key",
            Says {
                signs: "two",
                names: "two",
                ..good.clone()
            },
        ),
        (
            "no signature",
            Says {
                algorithm: "none",
                ..good.clone()
            },
        ),
        (
            "algorithm",
            Says {
                algorithm: "HS256",
                ..good.clone()
            },
        ),
    ] {
        let (mut client, answer) = stage.arrive(says).await;
        assert_eq!(answer.status, 403, "{what}: {}", answer.text());
        assert!(
            answer.text().contains("did not prove who you are"),
            "{what}"
        );
        assert!(!client.cookies.contains_key("sessionid"), "{what}");
        assert!(!Stage::is_in(&mut client).await, "{what}");
        assert_eq!(stage.account("jane").await, None, "{what}");
    }
    let (mut client, answer) = stage.arrive(good).await;
    answer.expect_status(302);
    assert!(Stage::is_in(&mut client).await);
}

#[tokio::test]
async fn ent_004_another_client_secret_opens_nothing() {
    let provider = IdentityProvider::start().await;
    let wrong = identity::Provider {
        client_secret: Some("guessed".to_owned()),
        ..provider.settings("sso")
    };
    let app = App::start_with_providers(false, Settings::default(), vec![wrong]).await;
    let stage = Stage { app, provider };
    let (mut client, answer) = stage.arrive(Says::default()).await;
    assert!(answer.expect_status(403).text().contains("did not prove"));
    assert!(!Stage::is_in(&mut client).await);
}

#[tokio::test]
async fn ent_004_keys_that_change_are_read_again() {
    let stage = Stage::single().await;
    let (_, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    let (_, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    assert_eq!(stage.provider.described(), 1, "it is remembered");
    stage.provider.publishes(&["one", "two"]);
    let says = Says {
        signs: "two",
        names: "two",
        ..Says::default()
    };
    let (mut client, answer) = stage.arrive(says).await;
    answer.expect_status(302);
    assert!(Stage::is_in(&mut client).await);
    assert_eq!(stage.provider.described(), 2);
    // unknown keys are no way to make us ask all the time
    let says = Says {
        names: "three",
        ..Says::default()
    };
    for _ in 0..3 {
        let (_, answer) = stage.arrive(says.clone()).await;
        answer.expect_status(403);
    }
    assert_eq!(stage.provider.described(), 2);
}

#[tokio::test]
async fn ent_004_an_address_is_required_and_links_nothing_by_itself() {
    let stage = Stage::single().await;
    let count = stage.count().await;
    for email in [json!(null), json!(""), json!("no address")] {
        let says = Says::default().with(&json!({ "email": email }));
        let (mut client, answer) = stage.arrive(says).await;
        Stage::assert_refused(&mut client, answer, "Email address is required").await;
    }
    // somebody else's address, verified or not, in whatever letters
    for (email, verified) in [
        ("tester-user@example.com", json!(false)),
        ("Tester-User@Example.COM", json!(false)),
        ("tester-user@example.com", json!("false")),
        ("tester-user@example.com", json!(null)),
        ("tester-user@example.com", json!(true)),
    ] {
        let says = Says::default().with(&json!({"email": email, "email_verified": verified}));
        let (mut client, answer) = stage.arrive(says).await;
        let message = "An account with your e-mail address exists";
        Stage::assert_refused(&mut client, answer, message).await;
    }
    // neither is somebody else's user name a way into that account
    let says = Says::default().with(&json!({"preferred_username": TESTER.to_uppercase()}));
    let (mut client, answer) = stage.arrive(says).await;
    answer.expect_status(302);
    assert!(Stage::is_in(&mut client).await);
    let new = accounts::find_by_email(stage.app.domain(), "jane@example.com").await;
    let new = new.expect("the database").expect("an account").username;
    let suffix = new.strip_prefix(&TESTER.to_uppercase()).expect("the name");
    assert_eq!(suffix.len(), 16, "{new}");
    assert_eq!(stage.count().await, count + 1);
}

#[tokio::test]
async fn ent_004_a_verified_address_links_only_where_the_operator_says_so() {
    let policy = Policy {
        trusts_email: true,
        ..Policy::default()
    };
    let stage = Stage::with_policy(policy).await;
    let mine = json!({"email": "tester-user@example.com"});
    let unverified = Says::default()
        .with(&mine)
        .with(&json!({"email_verified": false}));
    let (mut client, answer) = stage.arrive(unverified).await;
    Stage::assert_refused(&mut client, answer, "e-mail address exists").await;
    let count = stage.count().await;
    let (mut client, answer) = stage.arrive(Says::default().with(&mine)).await;
    answer.expect_status(302);
    assert!(Stage::is_in(&mut client).await);
    assert_eq!(stage.count().await, count);
    // the account has its person now; another one with the same address is not let in
    let other = Says::default().with(&mine).with(&json!({"sub": "another"}));
    let (mut client, answer) = stage.arrive(other).await;
    Stage::assert_refused(&mut client, answer, "e-mail address exists").await;
}

#[tokio::test]
async fn ent_004_an_account_that_may_not_log_in_stays_out() {
    let stage = Stage::single().await;
    let (_, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    let account = stage.account("jane").await.expect("an account");
    accounts::deactivate(stage.app.domain(), account.id)
        .await
        .expect("deactivated");
    let count = stage.count().await;
    // under another address too: that does not make a new account
    for email in ["jane@example.com", "jane@new.example"] {
        let says = Says::default().with(&json!({ "email": email }));
        let (mut client, answer) = stage.arrive(says).await;
        Stage::assert_refused(&mut client, answer, "This account may not log in").await;
    }
    assert_eq!(stage.count().await, count);
}

#[tokio::test]
async fn ent_004_who_gets_an_account_is_for_the_operator_to_say() {
    let closed = Policy {
        creates: false,
        ..Policy::default()
    };
    let stage = Stage::with_policy(closed).await;
    let (mut client, answer) = stage.arrive(Says::default()).await;
    Stage::assert_refused(&mut client, answer, "You have no account here yet").await;

    let ours = Policy {
        email_domains: vec!["Example.com".to_owned()],
        groups: BTreeMap::from([("qa-leads".to_owned(), "Administrator".to_owned())]),
        ..Policy::default()
    };
    let stage = Stage::with_policy(ours).await;
    for claims in [
        json!({"email": "jane@gmail.example"}),
        json!({"email": "jane@evil-example.com"}),
        json!({"email_verified": false}),
    ] {
        let (mut client, answer) = stage.arrive(Says::default().with(&claims)).await;
        let message = "only after an administrator has made an account";
        Stage::assert_refused(&mut client, answer, message).await;
    }
    let (mut client, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    assert!(Stage::is_in(&mut client).await);
}

#[tokio::test]
async fn ent_004_groups_and_missing_claims_come_from_where_the_provider_tells_them() {
    let provider = IdentityProvider::start().await;
    let told = identity::Provider {
        groups_claim: "roles".to_owned(),
        username_claim: "nick".to_owned(),
        ..provider.settings("sso")
    };
    let policy = Policy {
        groups: BTreeMap::from([("qa-leads".to_owned(), "Administrator".to_owned())]),
        ..Policy::default()
    };
    let settings = Settings {
        providers: BTreeMap::from([("sso".to_owned(), policy)]),
        ..Settings::default()
    };
    let app = App::start_with_providers(false, settings, vec![told]).await;
    let stage = Stage { app, provider };
    let says = Says {
        user_info: json!({"nick": "jj", "email": "jj@example.com", "email_verified": true,
            "roles": ["qa-leads", "others"]}),
        ..Says::default().with(&json!({"email": null}))
    };
    let (_, answer) = stage.arrive(says).await;
    answer.expect_status(302);
    let account = stage.account("jj").await.expect("an account");
    assert_eq!(account.email, "jj@example.com");
    assert_eq!(stage.groups(&account).await, ["Administrator", "Tester"]);
}

#[tokio::test]
async fn ent_004_somebody_who_has_logged_in_connects_the_account_and_ends_that_again() {
    let stage = Stage::single().await;
    let mut tester = stage.app.client(PUBLIC).log_in(TESTER).await;
    let page = tester
        .get("/login/sso/?next=/rpc/")
        .await
        .expect_status(200);
    let page = page.text();
    assert!(page.contains("You are logged in as tester-user"), "{page}");
    let link = |page: &str| {
        let (_, rest) = page.split_once("href=\"/login/sso/").expect("a link");
        let (link, _) = rest.split_once('"').expect("its end");
        format!(
            "/login/sso/{}",
            link.replace("&amp;", "&").replace("&#x3D;", "=")
        )
    };
    // the link of somebody else's page begins nothing
    let mut stranger = stage.app.client(PUBLIC).log_in(STRANGER).await;
    let theirs = stranger.get("/login/sso/").await.text();
    tester.get(&link(&theirs)).await.expect_status(200);

    let before = tester.cookies["sessionid"].clone();
    let answer = stage
        .log_in(&mut tester, &link(&page))
        .await
        .expect_status(302);
    assert_eq!(answer.header("location"), "/rpc/");
    assert_eq!(tester.cookies["sessionid"], before, "the session goes on");
    let count = stage.count().await;
    let (client, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    assert_eq!(stage.who(&client).await, TESTER);
    assert_eq!(stage.count().await, count);

    // a second account is not connected with the same person
    let answer = stage
        .log_in(&mut stranger, &link(&theirs))
        .await
        .expect_status(302);
    let page = stranger.get(answer.header("location")).await.text();
    assert!(page.contains("Another account is connected"), "{page}");

    // an answer for one account does not connect another that has logged in meanwhile
    let page = tester.get("/login/sso/").await.text();
    assert!(
        page.contains("is connected with the one you have"),
        "{page}"
    );
    stranger
        .post("/disconnect/sso/", &[])
        .await
        .expect_status(404);
    tester
        .post_without_token("/disconnect/sso/", "")
        .await
        .expect_status(403);
    tester.get("/disconnect/sso/").await.expect_status(405);
    let answer = tester
        .post("/disconnect/sso/", &[])
        .await
        .expect_status(302);
    assert_eq!(answer.header("location"), "/");
    let (_, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    assert!(
        stage.account("jane").await.is_some(),
        "a stranger to us again"
    );
    let visitor = stage.app.client(PUBLIC).post("/disconnect/sso/", &[]).await;
    assert!(
        visitor
            .expect_status(302)
            .header("location")
            .starts_with("/accounts/login/")
    );
}

#[tokio::test]
async fn ent_004_a_connection_is_for_the_account_that_asked_for_it() {
    let stage = Stage::single().await;
    let mut tester = stage.app.client(PUBLIC).log_in(TESTER).await;
    let page = tester.get("/login/sso/").await.text();
    let (_, rest) = page.split_once("href=\"/login/sso/").expect("a link");
    let link = rest
        .split('"')
        .next()
        .expect("its end")
        .replace("&amp;", "&");
    let link = format!("/login/sso/{}", link.replace("&#x3D;", "="));
    let back = stage.sent_back(&mut tester, &link).await;
    let mut other = tester.clone().log_in(STRANGER).await;
    other.get(&back).await.expect_status(403);
    let (client, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    assert_eq!(stage.who(&client).await, "jane");
}

#[tokio::test]
async fn ent_004_the_last_way_in_is_not_taken_away() {
    let settings = Settings {
        password_login: false,
        ..Settings::default()
    };
    let stage = Stage::with(false, settings, Policy::default()).await;
    let mut jane = stage.app.client(PUBLIC);
    let page = jane.get("/accounts/login/").await.expect_status(200).text();
    assert!(page.contains("Continue with The Provider"), "{page}");
    assert!(
        !page.contains("<form") && !page.contains("inputPassword"),
        "{page}"
    );
    assert!(!page.contains("Nobody logs in"), "{page}");
    stage
        .log_in(&mut jane, "/login/sso/")
        .await
        .expect_status(302);
    let page = jane.get("/login/sso/").await.text();
    let answer = jane.post_from(&page, "/disconnect/sso/", &[]).await;
    answer.expect_status(302);
    let page = jane.get("/").await.text();
    assert!(page.contains("the only way in for this account"), "{page}");
    let (mut again, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    assert!(Stage::is_in(&mut again).await);
}

#[tokio::test]
async fn ent_004_sec_006_foreign_addresses_are_not_followed() {
    let stage = Stage::single().await;
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "%2F%2Fevil.example",
        "",
    ] {
        let mut client = stage.app.client(PUBLIC);
        let path = format!("/login/sso/?next={next}");
        let answer = stage.log_in(&mut client, &path).await.expect_status(302);
        assert_eq!(answer.header("location"), "/", "{next}");
    }
}

#[tokio::test]
async fn ent_004_go_to_leads_to_tenants_of_ours_only() {
    let stage = Stage::with(true, Settings::default(), Policy::default()).await;
    let mut visitor = stage.app.visitor(DOMAIN);
    let here = "/kiwitcms_tenants/go/to";
    for unknown in [
        "unknown",
        "evil.example",
        "ALPHA.kiwi.test",
        "%2e%2e",
        "a'b",
    ] {
        for path in [
            format!("{here}/{unknown}/"),
            format!("{here}/{unknown}/plan/1/"),
        ] {
            let answer = visitor.get(&path).await.expect_status(404);
            assert_eq!(answer.header("location"), "", "{path}");
        }
    }
    for (path, expected) in [
        ("alpha/", "https://alpha.kiwi.test/"),
        (
            "alpha/plan/1/?x=1&y=%2F",
            "https://alpha.kiwi.test/plan/1/?x=1&y=%2F",
        ),
        (
            "alpha//evil.example/",
            "https://alpha.kiwi.test/evil.example/",
        ),
        (
            "alpha///evil.example//x",
            "https://alpha.kiwi.test/evil.example/x",
        ),
        (
            "alpha/https://evil.example/",
            "https://alpha.kiwi.test/https:/evil.example/",
        ),
        ("alpha/%0d%0aX: y", "https://alpha.kiwi.test/%0d%0aX:%20y"),
        ("beta/runs/2/", "https://beta.kiwi.test/runs/2/"),
        ("public/rpc/", "/rpc/"),
    ] {
        let path = path.replace(' ', "%20");
        let answer = visitor
            .get(&format!("{here}/{path}"))
            .await
            .expect_status(302);
        assert_eq!(answer.header("location"), expected, "{path}");
    }
}

#[tokio::test]
async fn ent_004_ten_001_a_log_in_leads_through_the_public_tenant_and_into_no_other() {
    let stage = Stage::with(true, Settings::default(), Policy::default()).await;
    let mut jane = stage.app.client(ALPHA);
    let page = jane.get("/accounts/login/?next=/plan/1/?a=b").await.text();
    let wanted = "https://kiwi.test/login/sso/?next=/kiwitcms_tenants/go/to/alpha/plan/1/\
                  %3Fa%3Db";
    let shown = page.replace("&#x3D;", "=");
    assert!(shown.contains(wanted), "{page}");
    // somebody who types the address of the tenant is sent there too
    let answer = jane
        .get("/login/sso/?next=/plan/1/?a=b")
        .await
        .expect_status(302);
    assert_eq!(answer.header("location"), wanted);
    jane.get("/complete/sso/?state=x&code=y")
        .await
        .expect_status(404);

    let mut jane = jane.on_host("kiwi.test");
    let answer = stage
        .log_in(&mut jane, &path_of(wanted))
        .await
        .expect_status(302);
    let place = "/kiwitcms_tenants/go/to/alpha/plan/1/?a=b";
    assert_eq!(answer.header("location"), place);
    let answer = jane.get(place).await.expect_status(302);
    assert_eq!(
        answer.header("location"),
        "https://alpha.kiwi.test/plan/1/?a=b"
    );

    // she is known everywhere, and a member nowhere but in the public tenant
    for tenant in [ALPHA, BETA] {
        let mut there = jane.on_host(&format!("{tenant}.kiwi.test"));
        for path in ["/", "/plan/1/", "/runs/1/"] {
            there.get(path).await.expect_status(403);
        }
        let calls = there.post_json(
            r#"{"jsonrpc": "2.0", "id": 1, "method": "TestPlan.filter", "params": [{}]}"#,
        );
        calls.await.expect_status(403);
        let id = stage.app.tenant(tenant).await;
        let members = domain::tenants::members(stage.app.domain(), &id).await;
        let members = members.expect("the database answers");
        assert!(members.iter().all(|member| member.username != "jane"));
    }
    assert!(Stage::is_in(&mut jane).await);

    // somebody who is a member of one comes into that one, and not into the other
    let account = stage.account("jane").await.expect("an account");
    let alpha = stage.app.tenant(ALPHA).await;
    domain::tenants::add_member(stage.app.domain(), &alpha, account.id)
        .await
        .expect("a member");
    let mut again = stage.app.visitor(DOMAIN);
    stage
        .log_in(&mut again, "/login/sso/")
        .await
        .expect_status(302);
    again
        .on_host("alpha.kiwi.test")
        .get("/")
        .await
        .expect_status(200);
    again
        .on_host("beta.kiwi.test")
        .get("/")
        .await
        .expect_status(403);
}

#[tokio::test]
async fn ent_004_a_provider_that_is_away_stops_nobody_else() {
    let stage = Stage::single().await;
    let mut jane = stage.app.client(PUBLIC);
    let back = stage.sent_back(&mut jane, "/login/sso/").await;
    stage.provider.stop();
    let answer = jane.get(&back).await.expect_status(503);
    assert!(answer.text().contains("The Provider cannot be used"));

    let other = IdentityProvider::start().await;
    other.stop();
    let app = App::start_with_providers(false, Settings::default(), vec![other.settings("sso")]);
    let app = app.await;
    let mut visitor = app.client(PUBLIC);
    for _ in 0..2 {
        let page = visitor
            .get("/login/sso/?next=/rpc/")
            .await
            .expect_status(503);
        let page = page.text();
        assert!(page.contains("The Provider cannot be used"), "{page}");
        assert!(page.contains("name=\"next\" value=\"/rpc/\""), "{page}");
    }
    let answer = visitor.log_in_by_form(TESTER, PASSWORD).await;
    answer.expect_status(302);
    visitor.get("/").await.expect_status(200);
}

#[tokio::test]
async fn ent_004_a_log_in_begins_another_session() {
    let stage = Stage::single().await;
    let (mut jane, answer) = stage.arrive(Says::default()).await;
    answer.expect_status(302);
    let old = jane.clone();
    // begun before somebody logged in with a password in the same browser
    let mut browser = stage.app.client(PUBLIC);
    let back = stage.sent_back(&mut browser, "/login/sso/").await;
    let mut browser = browser.log_in(TESTER).await;
    let password = browser.clone();
    browser.get(&back).await.expect_status(302);
    assert_ne!(browser.cookies["sessionid"], password.cookies["sessionid"]);
    assert_ne!(browser.cookies["csrftoken"], old.cookies["csrftoken"]);
    assert_eq!(stage.who(&browser).await, "jane");
    assert!(
        !Stage::is_in(&mut password.clone()).await,
        "the old session is over"
    );
    assert!(Stage::is_in(&mut jane).await, "other browsers stay");
    // a password for the account is possible, and ends what the provider began
    let account = stage.account("jane").await.expect("an account");
    let changes = Changes {
        password: Some("Another-horse-27".to_owned()),
        ..Changes::default()
    };
    accounts::update(stage.app.domain(), account.id, changes)
        .await
        .expect("changed");
    assert!(!Stage::is_in(&mut jane).await);
}

#[tokio::test]
async fn ent_004_two_at_the_same_moment_make_one_account() {
    let stage = Stage::single().await;
    let (mut one, mut two) = (stage.app.client(PUBLIC), stage.app.client(PUBLIC));
    let count = stage.count().await;
    let first = stage.sent_back(&mut one, "/login/sso/").await;
    let second = stage.sent_back(&mut two, "/login/sso/").await;
    let (first, second) = tokio::join!(one.get(&first), two.get(&second));
    first.expect_status(302);
    second.expect_status(302);
    assert_eq!(stage.count().await, count + 1);
    assert!(Stage::is_in(&mut one).await && Stage::is_in(&mut two).await);
}

#[tokio::test]
async fn ent_004_claims_are_no_rights() {
    let stage = Stage::single().await;
    let says = Says::default().with(&json!({
        "is_superuser": true, "is_staff": false, "groups": ["Administrator"]}));
    let (_, answer) = stage.arrive(says).await;
    answer.expect_status(302);
    let account = stage.account("jane").await.expect("an account");
    assert!(!account.is_superuser && account.is_staff);
    assert_eq!(stage.groups(&account).await, ["Tester"]);
}
