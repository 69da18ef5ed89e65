//! Personal API tokens: who sees them, and what trackers are asked with.

use domain::link_reference::LinkReference;
use domain::seal::{self, KEPT_KEY, SecretKey};
use domain::tracker::{Credentials, Details, Filed, Report, Target, Tracker};
use domain::tracker_token::{self, ADD, CHANGE, DELETE, Entered, Resealed, VIEW};
use domain::{Ctx, Domain, Error, Request, Settings, accounts, tenants};
use futures_util::future::{self, BoxFuture, FutureExt as _};
use serde_json::{Value, json};
use testkit::{ALPHA, App, BETA, Client, ROOT, STRANGER, TESTER};
use url::Url;

const LIST: &str = "/admin/trackers_integration/apitoken/";
const ADD_PAGE: &str = "/admin/trackers_integration/apitoken/add/";
const GITHUB: &str = "https://github.example/acme/widgets";
const GITLAB: &str = "https://gitlab.example/acme/widgets";
const SHARED: &str = ":shared shared";

/// A tracker that says what it is asked with.
struct Witness(Credentials);

impl Witness {
    fn told(&self) -> String {
        let credentials = &self.0;
        let whose = if credentials.is_personal {
            "personal"
        } else {
            "shared"
        };
        format!("{}:{} {whose}", credentials.username, credentials.password)
    }
}

impl Tracker for Witness {
    fn details<'a>(
        &'a self,
        _: &'a mut Ctx,
        url: &'a Url,
    ) -> BoxFuture<'a, domain::Result<Option<Details>>> {
        let details = Details {
            id: 1.into(),
            title: self.told(),
            description: String::new(),
            status: String::new(),
            url: url.to_string(),
            error: None,
        };
        future::ready(Ok(Some(details))).boxed()
    }

    fn report<'a>(&'a self, _: &'a mut Ctx, _: &'a Report) -> BoxFuture<'a, domain::Result<Filed>> {
        future::ready(Ok(Filed::Not(self.told()))).boxed()
    }

    fn linked<'a>(
        &'a self,
        _: &'a mut Ctx,
        _: &'a LinkReference,
    ) -> BoxFuture<'a, domain::Result<()>> {
        future::ready(Err(Error::refused(self.told()))).boxed()
    }
}

fn open(_: &Ctx, target: &Target) -> Option<Box<dyn Tracker>> {
    assert_eq!(target.system.api_password, None, "one place for passwords");
    let is_outside = target.system.kind().is_outside();
    is_outside.then(|| -> Box<dyn Tracker> { Box::new(Witness(target.credentials.clone())) })
}

fn watched() -> Settings {
    Settings {
        trackers: open,
        ..Settings::default()
    }
}

async fn allow(app: &App, username: &str) {
    let account = accounts::find(app.domain(), username).await;
    let id = account.expect("accounts").expect("an account").id;
    let names = [VIEW, ADD, CHANGE, DELETE].map(str::to_owned);
    accounts::grant(app.domain(), id, &names)
        .await
        .expect("permissions");
}

async fn tracker(app: &App, tenant: &str, base: &str) -> Value {
    let mut root = app.client(tenant).log_in(ROOT).await;
    let values = json!([{"name": base, "tracker_type": "tcms.issuetracker.types.GitHub",
        "base_url": base, "api_password": "shared"}]);
    let made = root.call("BugTracker.create", values).await;
    made.expect("a tracker")["id"].clone()
}

/// Adds a token through the page; its number.
async fn add(client: &mut Client, base: &str, username: &str, password: &str) -> i32 {
    let fields = [
        ("base_url", base),
        ("api_username", username),
        ("api_password", password),
    ];
    let answer = client.post(ADD_PAGE, &fields).await.expect_status(302);
    assert_eq!(answer.header("location"), LIST);
    let page = client.get(LIST).await.expect_status(200).text();
    let (before, _) = page.split_once(&format!(">{base}</a>")).expect("a line");
    let (_, id) = before.rsplit_once(LIST).expect("a link");
    let id = id.split('/').next().and_then(|id| id.parse().ok());
    id.expect("a number")
}

#[tokio::test]
async fn ten_016_tokens_are_seen_and_changed_by_their_owners_only() {
    let app = App::start().await;
    tracker(&app, ALPHA, GITHUB).await;
    tracker(&app, ALPHA, GITLAB).await;
    tracker(&app, BETA, GITHUB).await;

    let mut visitor = app.client(ALPHA);
    let answer = visitor.get(LIST).await.expect_status(302);
    assert_eq!(
        answer.header("location"),
        format!("/accounts/login/?next={LIST}")
    );
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for (path, permission) in [(LIST, VIEW), (ADD_PAGE, ADD)] {
        let page = tester.get(path).await.expect_status(403).text();
        assert!(page.contains(permission), "{page}");
    }
    assert!(!tester.get("/").await.text().contains(LIST));
    tester.post(ADD_PAGE, &[]).await.expect_status(403);

    allow(&app, TESTER).await;
    assert!(tester.get("/").await.text().contains(LIST));
    let id = add(&mut tester, GITHUB, "ann", "planted-4711").await;
    let own = |action: &str| format!("{LIST}{id}/{action}");
    for page in [LIST.to_owned(), own(""), own("change/"), own("delete/")] {
        let html = tester.get(&page).await.expect_status(200).text();
        assert!(html.contains(GITHUB) && !html.contains("planted"), "{html}");
    }
    let form = tester.get(&own("change/")).await.text();
    assert!(form.contains(&format!("<option selected>{GITHUB}</option>")));
    assert!(form.contains(&format!("<option>{GITLAB}</option>")));
    assert!(form.contains("value=\"ann\""));

    // nobody else, whatever their rights, and nobody in another tenant
    allow(&app, STRANGER).await;
    let root = app.client(ALPHA).log_in(ROOT).await;
    let stranger = app.client(ALPHA).log_in(STRANGER).await;
    let elsewhere = app.client(BETA).log_in(TESTER).await;
    for mut other in [root, stranger, elsewhere] {
        let list = other.get(LIST).await.expect_status(200).text();
        assert!(!list.contains(GITHUB) && !list.contains("ann"), "{list}");
        let fields = [
            ("base_url", GITHUB),
            ("api_username", "eve"),
            ("api_password", "x"),
        ];
        for action in ["", "change/", "delete/"] {
            other.get(&own(action)).await.expect_status(404);
            other.post(&own(action), &fields).await.expect_status(404);
        }
    }
    for path in ["0/change/", "x/change/", "99999999999/delete/"] {
        tester
            .get(&format!("{LIST}{path}"))
            .await
            .expect_status(404);
    }
    let html = tester.get(&own("change/")).await.text();
    assert!(html.contains("value=\"ann\""), "{html}");

    tester
        .post_without_token(&own("delete/"), "post=yes")
        .await
        .expect_status(403);
    let page = tester.get(&own("delete/")).await.text();
    assert!(page.contains("Delete the token?"));
    let answer = tester.post(&own("delete/"), &[]).await.expect_status(302);
    assert_eq!(answer.header("location"), LIST);
    let list = tester.get(LIST).await.text();
    assert!(list.contains("was deleted") && list.contains("You have no token yet"));
    tester.get(&own("change/")).await.expect_status(404);
}

#[tokio::test]
async fn ten_016_what_is_wrong_is_said_beside_the_fields() {
    let app = App::start().await;
    allow(&app, TESTER).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let page = tester.get(ADD_PAGE).await.expect_status(200).text();
    assert!(page.contains("No tracker of this tenant") && !page.contains("name=\"api_password\""));
    tracker(&app, ALPHA, GITHUB).await;
    tracker(&app, ALPHA, GITLAB).await;
    tracker(&app, BETA, "https://beta.example/").await;
    let long = "x".repeat(257);
    for (base, username, password, wrong) in [
        (GITHUB, "", "", "api_password"),
        ("", "", "x", "base_url"),
        ("https://github.example/acme/widgets/", "", "x", "base_url"),
        ("https://beta.example/", "", "x", "base_url"),
        (GITHUB, long.as_str(), "x", "api_username"),
        (GITHUB, "", long.as_str(), "api_password"),
    ] {
        let fields = [
            ("base_url", base),
            ("api_username", username),
            ("api_password", password),
        ];
        let page = tester.post(ADD_PAGE, &fields).await.expect_status(400);
        let page = page.text();
        assert!(page.contains(&format!("id=\"{wrong}-errors\"")), "{page}");
        assert_eq!(page.matches("-errors\">").count(), 1, "{page}");
    }
    let id = add(&mut tester, GITHUB, "ann", "one").await;
    let again = [("base_url", GITHUB), ("api_password", "two")];
    let page = tester.post(ADD_PAGE, &again).await.expect_status(400);
    assert!(page.text().contains("a token for this tracker already"));

    // the stored password does not travel to another tracker
    let change = format!("{LIST}{id}/change/");
    let moved = [("base_url", GITLAB), ("api_username", "ann")];
    let page = tester.post(&change, &moved).await.expect_status(400).text();
    assert!(
        page.contains("id=\"api_password-errors\"") && page.contains(GITHUB),
        "{page}"
    );
    add(&mut tester, GITLAB, "", "three").await;
    let moved = [("base_url", GITLAB), ("api_password", "four")];
    let page = tester.post(&change, &moved).await.expect_status(400);
    assert!(page.text().contains("a token for this tracker already"));
}

async fn report(client: &mut Client, execution: i64, tracker: &Value) -> Value {
    let answer = client.call("Bug.report", json!([execution, tracker])).await;
    answer.expect("an answer")["response"].clone()
}

#[tokio::test]
async fn ten_016_trackers_are_asked_with_what_the_caller_entered_for_exactly_their_base_url() {
    let app = App::start_with(watched()).await;
    let work = app.work(ALPHA).await;
    let execution = work.executions[0];
    let github = tracker(&app, ALPHA, GITHUB).await;
    let slash = tracker(&app, ALPHA, &format!("{GITHUB}/")).await;
    let gitlab = tracker(&app, ALPHA, GITLAB).await;
    allow(&app, TESTER).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    assert_eq!(report(&mut tester, execution, &github).await, SHARED);

    let id = add(&mut tester, GITHUB, "ann", "one").await;
    assert_eq!(
        report(&mut tester, execution, &github).await,
        "ann:one personal"
    );
    let issue = format!("{GITHUB}/issues/7");
    let details = tester.call("Bug.details", json!([issue])).await;
    assert_eq!(details.expect("details")["title"], "ann:one personal");
    let link = json!([{"execution": execution, "url": issue, "is_defect": true}, true]);
    let told = tester.call("TestExecution.add_link", link.clone()).await;
    let told = told.expect_err("the witness").message;
    assert!(told.ends_with("ann:one personal"), "{told}");
    // who is not asked to comment is not asked at all
    let quiet = json!([{"execution": execution, "url": issue, "is_defect": true}, false]);
    tester
        .call("TestExecution.add_link", quiet)
        .await
        .expect("a link");

    // another base URL, also one that differs in a slash
    assert_eq!(report(&mut tester, execution, &slash).await, SHARED);
    assert_eq!(report(&mut tester, execution, &gitlab).await, SHARED);
    // another person, also a superuser
    assert_eq!(report(&mut root, execution, &github).await, SHARED);
    let details = root.call("Bug.details", json!([issue])).await;
    assert_eq!(details.expect("details")["title"], SHARED);
    add(&mut root, GITHUB, "", "roots").await;
    assert_eq!(
        report(&mut root, execution, &github).await,
        ":roots personal"
    );
    assert_eq!(
        report(&mut tester, execution, &github).await,
        "ann:one personal"
    );
    // another tenant with the same tracker
    let there = app.work(BETA).await.executions[0];
    let same = tracker(&app, BETA, GITHUB).await;
    let mut abroad = app.client(BETA).log_in(TESTER).await;
    assert_eq!(report(&mut abroad, there, &same).await, SHARED);

    // an empty password keeps the stored one, another one counts at once
    let change = format!("{LIST}{id}/change/");
    for (username, password, expected) in [
        ("bob", "", "bob:one personal"),
        ("", "two", ":two personal"),
    ] {
        let fields = [
            ("base_url", GITHUB),
            ("api_username", username),
            ("api_password", password),
        ];
        tester.post(&change, &fields).await.expect_status(302);
        assert_eq!(report(&mut tester, execution, &github).await, expected);
    }
    let moved = [("base_url", GITLAB), ("api_password", "three")];
    tester.post(&change, &moved).await.expect_status(302);
    assert_eq!(
        report(&mut tester, execution, &gitlab).await,
        ":three personal"
    );
    assert_eq!(report(&mut tester, execution, &github).await, SHARED);
    tester
        .post(&format!("{LIST}{id}/delete/"), &[])
        .await
        .expect_status(302);
    assert_eq!(report(&mut tester, execution, &gitlab).await, SHARED);
}

#[tokio::test]
async fn ten_016_a_token_is_enough_where_the_tenant_shares_nothing() {
    let app = App::start_with(watched()).await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let values = json!([{"name": "Mine", "tracker_type": "tcms.issuetracker.types.GitHub",
        "base_url": GITHUB}]);
    let made = root.call("BugTracker.create", values).await;
    let tracker = made.expect("a tracker")["id"].clone();
    let told = report(&mut root, work.executions[0], &tracker).await;
    assert!(told.to_string().contains("configuring"), "{told}");
    add(&mut root, GITHUB, "", "mine").await;
    let told = report(&mut root, work.executions[0], &tracker).await;
    assert_eq!(told, ":mine personal");
}

/// What the tokens look like in the database.
async fn stored(app: &App) -> Vec<(String, String)> {
    let tx = app.domain().tenancy().begin_platform().await;
    let mut tx = tx.expect("a transaction");
    let rows = sqlx::query_as("SELECT key_id, t::text FROM platform.tracker_token t ORDER BY id");
    rows.fetch_all(tx.conn()).await.expect("rows")
}

/// What a tracker would be asked with.
async fn asked_with(request: &Request, execution: i64, tracker: &Value) -> domain::Result<String> {
    let id = |value: i64| i32::try_from(value).expect("an id");
    let tracker = id(tracker.as_i64().expect("an id"));
    let mut ctx = request.begin().await?;
    match domain::tracker::report(&mut ctx, id(execution), tracker).await? {
        Filed::Not(told) => Ok(told),
        Filed::At(url) => panic!("filed at {url}"),
    }
}

#[tokio::test]
async fn ten_016_passwords_are_sealed_and_follow_the_key() {
    let app = App::start_with(watched()).await;
    let work = app.work(ALPHA).await;
    let execution = work.executions[0];
    let github = tracker(&app, ALPHA, GITHUB).await;
    let request = app.request(ALPHA, ROOT).await;
    let tenancy = app.domain().tenancy().clone();
    let with = |secret_key: Option<&str>| Request {
        domain: Domain::new(
            tenancy.clone(),
            Settings {
                secret_key: secret_key.map(SecretKey::new),
                ..watched()
            },
        ),
        ..request.clone()
    };
    let entered = Entered {
        base_url: GITHUB.to_owned(),
        api_username: "ann".to_owned(),
        api_password: "planted-4711".to_owned(),
    };
    let expected = "ann:planted-4711 personal";

    // the database keeps the key
    let kept = with(None);
    let early = tracker_token::add(&kept, &entered).await;
    assert!(matches!(early, Err(Error::Unavailable)), "{early:?}");
    tenancy.keep(KEPT_KEY, json!("key-1")).await.expect("a key");
    tracker_token::add(&kept, &entered).await.expect("a token");
    let before = stored(&app).await;
    assert_eq!(before.len(), 1);
    // as text, and as the bytes that the database prints
    for hidden in ["planted", "706c616e746564"] {
        assert!(!before[0].1.contains(hidden), "{before:?}");
    }
    let told = asked_with(&kept, execution, &github).await;
    assert_eq!(told.expect("an answer"), expected);

    let done = seal::rotate(&kept.domain, "key-2").await.expect("rotated");
    assert_eq!((done.resealed, done.unreadable), (1, 0));
    let after = stored(&app).await;
    assert_ne!(before, after);
    assert_ne!(before[0].0, after[0].0, "the id of the key");
    let key = tenancy.kept(KEPT_KEY).await.expect("the database answers");
    assert_eq!(key, Some(json!("key-2")));
    let told = asked_with(&kept, execution, &github).await;
    assert_eq!(told.expect("an answer"), expected);

    // the settings give one, and then another one
    let given = with(Some("key-3"));
    let unreadable = asked_with(&given, execution, &github).await;
    let unreadable = unreadable.expect_err("another key").to_string();
    assert!(unreadable.contains(GITHUB) && unreadable.contains("enter its password again"));
    let done = seal::reseal(&given.domain, &[]).await.expect("resealed");
    assert_eq!((done.resealed, done.unreadable), (1, 0));
    let told = asked_with(&given, execution, &github).await;
    assert_eq!(told.expect("an answer"), expected);
    let again = seal::reseal(&given.domain, &[]).await.expect("nothing");
    assert_eq!(again, Resealed::default());
    let last = with(Some("key-4"));
    let done = seal::reseal(&last.domain, &[]).await.expect("nothing");
    assert_eq!((done.resealed, done.unreadable), (0, 1));
    let done = seal::reseal(&last.domain, &[SecretKey::new("key-3")]).await;
    assert_eq!(done.expect("resealed").resealed, 1);
    let told = asked_with(&last, execution, &github).await;
    assert_eq!(told.expect("an answer"), expected);

    // a sealed password is worth nothing in another row
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    assert!(root.get(LIST).await.text().contains(GITHUB));
    app.on_platform("UPDATE platform.tracker_token SET base_url = base_url || '/'")
        .await;
    let slash = tracker(&app, ALPHA, &format!("{GITHUB}/")).await;
    asked_with(&last, execution, &slash)
        .await
        .expect_err("moved by somebody who has the database only");
}

#[tokio::test]
async fn ten_016_tokens_go_with_the_account_the_membership_and_the_tenant() {
    let app = App::start().await;
    for tenant in [ALPHA, BETA] {
        tracker(&app, tenant, GITHUB).await;
        for username in [ROOT, TESTER, STRANGER] {
            allow(&app, username).await;
            let mut client = app.client(tenant).log_in(username).await;
            add(&mut client, GITHUB, username, "x").await;
        }
    }
    assert_eq!(stored(&app).await.len(), 6);
    let id = async |username: &str| {
        let account = accounts::find(app.domain(), username).await;
        account.expect("accounts").expect("an account").id
    };
    let alpha = app.tenant(ALPHA).await;
    let tester = id(TESTER).await;
    tenants::remove_member(app.domain(), &alpha, tester)
        .await
        .expect("removed");
    assert_eq!(stored(&app).await.len(), 5);
    accounts::deactivate(app.domain(), id(STRANGER).await)
        .await
        .expect("deactivated");
    assert_eq!(stored(&app).await.len(), 3);
    let beta = app.tenant(BETA).await;
    let tenancy = app.domain().tenancy();
    tenancy.delete(&beta, false).await.expect("deleted");
    assert_eq!(stored(&app).await.len(), 1);
}
