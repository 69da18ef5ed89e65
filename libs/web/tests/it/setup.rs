//! The first set-up in the browser, and that it is over afterwards.

use domain::tenancy::MigrateOptions;
use testkit::{Answer, App, Client, PASSWORD};
use web::WebSetup;

const PAGE: &str = "/init-db/";
const ADMINISTRATOR: &str = "/init-db/administrator/";

async fn start(visitor: &mut Client, fields: &[(&str, &str)]) -> Answer {
    let page = visitor.get(PAGE).await.text();
    visitor.post_from(&page, PAGE, fields).await
}

fn lines(log: &str) -> Vec<&str> {
    log.lines()
        .map(|line| {
            let (time, text) = line.split_once(" init-db: ").expect("a time and a text");
            chrono::DateTime::parse_from_rfc3339(time).expect("a time");
            text
        })
        .collect()
}

#[tokio::test]
async fn opa_002_seed_012_the_browser_initialises_an_empty_database() {
    let app = App::start_empty(WebSetup::Open).await;
    let mut visitor = app.visitor("kiwi.example.org");
    for path in ["/", "/accounts/login/", "/runs/7/", "/no/such/page/"] {
        let answer = visitor.get(path).await.expect_status(302);
        assert_eq!(answer.header("location"), PAGE, "{path}");
    }
    visitor.get("/livez").await.expect_status(200);
    let answer = visitor.post_json("{}").await.expect_status(503);
    assert!(answer.text().contains("kiwi migrate"));

    let page = visitor.get(PAGE).await.expect_status(200).text();
    assert!(page.contains("<body id=\"page-init-db\""));
    assert!(page.contains("name=\"init_db\" value=\"yes\">Initialize database</button>"));
    assert!(!page.contains("name=\"token\""));
    let answer = visitor.post_without_token(PAGE, "init_db=yes").await;
    answer.expect_status(403);
    let answer = start(&mut visitor, &[]).await.expect_status(302);
    assert_eq!(answer.header("location"), PAGE);

    let answer = start(&mut visitor, &[("init_db", "yes")])
        .await
        .expect_status(200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-cache");
    let log = answer.text();
    let told = lines(&log);
    assert_eq!(told[0], "Running migrations:");
    assert!(
        told.contains(&"  Applying platform/0001_accounts... OK"),
        "{log}"
    );
    assert_eq!(told.last(), Some(&"Complete!"));
    let steps = told.iter().filter(|line| line.ends_with("... OK")).count();
    assert!(
        page.contains(&format!("data-steps=\"{steps}\"")),
        "{steps} {page}"
    );

    let answer = visitor.get("/").await.expect_status(302);
    assert_eq!(answer.header("location"), "/accounts/login/?next=/");
    visitor.get("/accounts/login/").await.expect_status(200);
}

#[tokio::test]
async fn sec_008_after_the_set_up_nothing_is_started() {
    let app = App::start_empty(WebSetup::Open).await;
    let mut visitor = app.visitor("kiwi.example.org");
    // of two at the same time one works, and the other one has nothing to do
    let mut other = app.visitor("kiwi.example.org");
    let fields = [("init_db", "yes")];
    let (one, two) = tokio::join!(start(&mut visitor, &fields), start(&mut other, &fields));
    for answer in [&one, &two] {
        let told = answer.text();
        assert!(
            answer.status == 302 || told.ends_with("Complete!\n"),
            "{told}"
        );
    }
    let steps = count(&app, "platform.schema_step").await;
    for _ in 0..2 {
        let answer = visitor.get(PAGE).await.expect_status(302);
        assert_eq!(answer.header("location"), "/");
        let answer = visitor.post(PAGE, &fields).await.expect_status(302);
        assert_eq!(answer.header("location"), "/");
        // not even the token of a form matters
        let answer = visitor.post_without_token(PAGE, "init_db=yes").await;
        assert_eq!(answer.expect_status(302).header("location"), "/");
        app.database().sql("DELETE FROM platform.account").await;
    }
    assert_eq!(count(&app, "platform.schema_step").await, steps);
}

#[tokio::test]
async fn sec_008_a_set_up_that_stopped_half_way_is_not_for_the_browser() {
    let app = App::start_empty(WebSetup::Open).await;
    app.database()
        .sql("CREATE SCHEMA platform; CREATE TABLE platform.account (id int)")
        .await;
    let mut visitor = app.visitor("kiwi.example.org");
    for answer in [
        visitor.get(PAGE).await,
        visitor.post_without_token(PAGE, "init_db=yes").await,
    ] {
        assert_eq!(answer.expect_status(302).header("location"), "/");
    }
    let answer = visitor.get("/").await.expect_status(503);
    assert_eq!(answer.header("retry-after"), "30");
    assert!(answer.text().contains("kiwi migrate"));
    assert_eq!(count(&app, "platform.account").await, 0);
}

#[tokio::test]
async fn what_fails_is_told_and_there_is_no_marker() {
    let app = App::start_empty(WebSetup::Open).await;
    // something of the same name is in the way
    app.database()
        .sql("CREATE SCHEMA platform; CREATE TABLE platform.session (id int)")
        .await;
    let mut visitor = app.visitor("kiwi.example.org");
    let log = start(&mut visitor, &[("init_db", "yes")]).await.text();
    assert!(log.contains(" init-db: Error: "), "{log}");
    assert!(log.contains("already exists"), "{log}");
    assert!(log.contains("kiwi migrate"), "{log}");
    assert!(!log.contains("Complete!"), "{log}");
}

#[tokio::test]
async fn the_token_is_asked_for_where_strangers_may_come_by() {
    let app = App::start_empty(WebSetup::Token).await;
    let mut visitor = app.visitor("kiwi.example.org");
    let page = visitor.get(PAGE).await.expect_status(200).text();
    assert!(page.contains("name=\"token\""));
    assert!(!page.contains(app.setup_token()));
    for token in ["", "wrong", &app.setup_token()[1..]] {
        let fields = [("init_db", "yes"), ("token", token)];
        let answer = start(&mut visitor, &fields).await.expect_status(403);
        assert!(answer.text().contains("That is not the token."));
        assert!(app.domain().tenancy().is_empty().await.expect("an answer"));
    }
    let fields = [("init_db", "yes"), ("token", app.setup_token())];
    let answer = start(&mut visitor, &fields).await.expect_status(200);
    assert!(answer.text().ends_with("Complete!\n"));
}

#[tokio::test]
async fn the_set_up_can_be_left_to_commands() {
    let app = App::start_empty(WebSetup::Off).await;
    let mut visitor = app.visitor("kiwi.example.org");
    for path in ["/", PAGE] {
        let answer = visitor.get(path).await.expect_status(503);
        assert!(answer.text().contains("kiwi migrate"), "{path}");
    }
    let answer = visitor.post_without_token(PAGE, "init_db=yes").await;
    answer.expect_status(503);
    let options = MigrateOptions::default();
    domain::installation::migrate(app.domain(), &options)
        .await
        .expect("the tables are made");
    let answer = visitor.get(ADMINISTRATOR).await.expect_status(302);
    assert_eq!(answer.header("location"), "/");
}

#[tokio::test]
async fn the_first_administrator_is_made_once_and_with_the_token() {
    let app = App::start_empty(WebSetup::Open).await;
    let mut visitor = app.visitor("kiwi.example.org");
    let answer = visitor.get(ADMINISTRATOR).await.expect_status(302);
    assert_eq!(answer.header("location"), PAGE);
    start(&mut visitor, &[("init_db", "yes")])
        .await
        .expect_status(200);

    visitor.get(ADMINISTRATOR).await.expect_status(200);
    let account = [
        ("username", "ann"),
        ("email", "ann@example.org"),
        ("password", PASSWORD),
        ("password_again", PASSWORD),
    ];
    let send = async |visitor: &mut Client, changes: &[(&str, &str)]| {
        let fields: Vec<_> = [account.as_slice(), changes].concat();
        let page = visitor.get(ADMINISTRATOR).await.text();
        visitor.post_from(&page, ADMINISTRATOR, &fields).await
    };
    let token = app.setup_token().to_owned();
    for (changes, complaint) in [
        (vec![], "This is not the token."),
        (vec![("token", "0000")], "This is not the token."),
        (
            vec![("token", token.as_str()), ("email", "")],
            "This field is required.",
        ),
        (
            vec![("token", token.as_str()), ("email", "ann")],
            "Enter a valid email address.",
        ),
        (
            vec![("token", token.as_str()), ("password_again", "x")],
            "The two passwords are not the same.",
        ),
        (
            vec![("token", token.as_str()), ("password", "12345")],
            "This password is entirely numeric.",
        ),
    ] {
        let page = send(&mut visitor, &changes).await.expect_status(400).text();
        assert!(page.contains(complaint), "{complaint}: {page}");
        assert!(page.contains("value=\"ann\"") && !page.contains(PASSWORD));
    }
    let answer = send(&mut visitor, &[("token", &token)])
        .await
        .expect_status(302);
    assert_eq!(
        answer.header("location"),
        "/accounts/login/?next=/admin/sites/site/1/"
    );
    visitor
        .log_in_by_form("ann", PASSWORD)
        .await
        .expect_status(302);
    visitor.get("/admin/sites/site/1/").await.expect_status(200);

    // there is one now, so nobody else becomes the first
    let mut other = app.visitor("kiwi.example.org");
    let answer = other.get(ADMINISTRATOR).await.expect_status(302);
    assert_eq!(answer.header("location"), "/");
    let fields = [
        account.as_slice(),
        &[("token", token.as_str()), ("username", "eve")],
    ]
    .concat();
    let answer = other.post(ADMINISTRATOR, &fields).await.expect_status(302);
    assert_eq!(answer.header("location"), "/");
    assert_eq!(count(&app, "platform.account WHERE is_superuser").await, 1);
}

async fn count(app: &App, table: &str) -> i64 {
    let mut tx = app
        .domain()
        .tenancy()
        .begin_platform()
        .await
        .expect("a transaction");
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql)
        .fetch_one(tx.conn())
        .await
        .expect("a number")
}
