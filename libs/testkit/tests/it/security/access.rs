//! Tokens, addresses of trackers, and tenants that are paid for.

use axum::body::Body;
use chrono::TimeDelta;
use domain::accounts::NewAccount;
use domain::token::{self, NewToken};
use http::{Request, header};
use serde_json::{Value, json};
use testkit::{ALPHA, Answer, App, BETA, Client, ROOT, TESTER, until};

/// Makes a token for an account and returns its number and its secret.
async fn made(app: &App, username: &str, read_only: bool) -> (i32, String) {
    let account = domain::accounts::find(app.domain(), username).await;
    let new = NewToken {
        account: account.expect("an answer").expect("an account").id,
        name: "pipeline".to_owned(),
        read_only,
        expires_at: None,
    };
    token::create(app.domain(), new).await.expect("a token")
}

async fn send(client: &mut Client, token: &str, path: &str, kind: &str, body: String) -> Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, kind)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::from(body));
    client.send(request.expect("a request")).await
}

/// A call over JSON-RPC by somebody who shows a token.
async fn call(client: &mut Client, token: &str, method: &str, params: Value) -> Answer {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    send(
        client,
        token,
        "/json-rpc/",
        "application/json",
        body.to_string(),
    )
    .await
}

async fn code(client: &mut Client, token: &str, method: &str, params: Value) -> i64 {
    let answer = call(client, token, method, params).await;
    answer.json()["error"]["code"].as_i64().unwrap_or_default()
}

#[tokio::test]
async fn gap_022_a_token_does_what_its_account_may_do_over_both_transports() {
    let app = App::start().await;
    let (_, secret) = made(&app, TESTER, false).await;
    assert!(secret.starts_with(token::PREFIX));
    let mut client = app.client(ALPHA);
    let answer = call(
        &mut client,
        &secret,
        "Tag.create",
        json!([{"name": "made"}]),
    )
    .await;
    assert_eq!(answer.expect_status(200).json()["result"]["name"], "made");
    assert!(client.cookies.is_empty(), "no session began");
    let xml = "<methodCall><methodName>Tag.filter</methodName><params><param><value><struct/>\
               </value></param></params></methodCall>";
    let answer = send(
        &mut client,
        &secret,
        "/xml-rpc/",
        "text/xml",
        xml.to_owned(),
    )
    .await;
    assert!(answer.expect_status(200).text().contains("made"));
    // what the account may not do
    let refused = code(&mut client, &secret, "Group.filter", json!([{}])).await;
    assert_eq!(refused, -32098);
    // it does not count on pages, and not beside a session of somebody else
    let request = Request::get("/").header(header::AUTHORIZATION, format!("Bearer {secret}"));
    let answer = client
        .send(request.body(Body::empty()).expect("a request"))
        .await;
    assert_eq!(answer.status, 302);
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    assert_eq!(
        code(&mut root, &secret, "Group.filter", json!([{}])).await,
        -32098
    );
    // in tenants that the account may not enter it opens nothing
    let outsider = NewAccount::superuser("outsider", "out@example.com", None);
    let outsider = domain::accounts::create(app.domain(), outsider).await;
    let name = outsider.expect("an account").username;
    let (id, theirs) = made(&app, &name, false).await;
    let answer = call(&mut client, &theirs, "Tag.filter", json!([{}])).await;
    let fault = answer.expect_status(403).json()["error"].clone();
    assert_eq!(fault, json!({"code": -32098, "message": "Unauthorized"}));
    token::revoke(app.domain(), id).await.expect("revoked");

    // the database knows no secret, and notes the use
    let tokens = token::list(app.domain(), None).await.expect("tokens");
    assert_eq!((tokens.len(), tokens[0].name.as_str()), (1, "pipeline"));
    assert!(tokens[0].last_used_at.is_some());
    let mut tx = app
        .domain()
        .tenancy()
        .begin_platform()
        .await
        .expect("a transaction");
    let stored: String = sqlx::query_scalar("SELECT t::text FROM platform.token t")
        .fetch_one(tx.conn())
        .await
        .expect("a row");
    assert!(!stored.contains(&secret[token::PREFIX.len()..]), "{stored}");
}

#[tokio::test]
async fn gap_022_a_token_that_only_reads_changes_nothing() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let (_, secret) = made(&app, ROOT, true).await;
    let mut client = app.client(ALPHA);
    for (method, params) in [
        ("TestCase.filter", json!([{}])),
        ("KiwiTCMS.version", json!([])),
        ("Markdown.render", json!(["x"])),
        ("TestPlan.list_attachments", json!([work.plan])),
    ] {
        assert_eq!(
            code(&mut client, &secret, method, params).await,
            0,
            "{method}"
        );
    }
    for (method, params) in [
        ("Tag.create", json!([{"name": "x"}])),
        ("TestCase.update", json!([work.cases[0], {"summary": "x"}])),
        (
            "TestPlan.add_attachment",
            json!([work.plan, "a.txt", "eA=="]),
        ),
        ("User.update", json!([null, {"first_name": "x"}])),
        ("Tenant.invite", json!([["a@example.com"]])),
        ("Auth.login", json!([ROOT, testkit::PASSWORD])),
    ] {
        assert_eq!(
            code(&mut client, &secret, method, params).await,
            -32098,
            "{method}"
        );
    }
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let tags = root.call("Tag.filter", json!([{}])).await.expect("tags");
    assert_eq!(tags, json!([]));
}

#[tokio::test]
async fn gap_022_tokens_end_at_once() {
    let app = App::start().await;
    let mut client = app.client(ALPHA);
    let mut status = async |secret: &str| {
        let answer = call(&mut client, secret, "Tag.filter", json!([{}])).await;
        (
            answer.status.as_u16(),
            answer.json()["error"]["code"].as_i64(),
        )
    };
    let (id, secret) = made(&app, TESTER, false).await;
    assert_eq!(status(&secret).await, (200, None));
    token::revoke(app.domain(), id).await.expect("revoked");
    assert_eq!(status(&secret).await, (401, Some(-32098)));
    token::revoke(app.domain(), id)
        .await
        .expect_err("it is gone");

    let account = domain::accounts::find(app.domain(), TESTER).await;
    let account = account.expect("an answer").expect("an account").id;
    let new = NewToken {
        account,
        name: "short".to_owned(),
        read_only: false,
        expires_at: Some(domain::now() + TimeDelta::seconds(5)),
    };
    let (_, short) = token::create(app.domain(), new.clone())
        .await
        .expect("a token");
    assert_eq!(status(&short).await, (200, None));
    until("it ends", async || {
        status(&short).await == (401, Some(-32098))
    })
    .await;
    for wrong in [
        NewToken {
            name: " ".to_owned(),
            ..new.clone()
        },
        NewToken {
            name: "x".repeat(101),
            ..new.clone()
        },
        new,
    ] {
        token::create(app.domain(), wrong)
            .await
            .expect_err("refused");
    }

    let (_, secret) = made(&app, TESTER, false).await;
    assert_eq!(status(&secret).await, (200, None));
    domain::accounts::deactivate(app.domain(), account)
        .await
        .expect("deactivated");
    assert_eq!(status(&secret).await, (401, Some(-32098)));
    assert!(
        token::list(app.domain(), Some(account))
            .await
            .expect("tokens")
            .is_empty()
    );
}

#[tokio::test]
async fn gap_022_guessing_tokens_is_slowed_down() {
    let settings = domain::Settings {
        login_attempts: 1,
        ..domain::Settings::default()
    };
    let app = App::start_with(settings).await;
    let (_, secret) = made(&app, TESTER, false).await;
    let mut client = app.client(ALPHA);
    let mut seen = vec![];
    for number in 0..25 {
        let guess = format!("{}{number:064x}", token::PREFIX);
        seen.push(
            call(&mut client, &guess, "Tag.filter", json!([{}]))
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(seen[..20], [401; 20]);
    assert!(seen[20..].contains(&429), "{seen:?}");
    // who has one is not slowed down
    call(&mut client, &secret, "Tag.filter", json!([{}]))
        .await
        .expect_status(200);
}

async fn tracker(client: &mut Client, field: &str, url: &str) -> Result<Value, String> {
    let values = json!([{"name": url, "tracker_type": "tcms.issuetracker.types.JIRA", field: url}]);
    let made = client.call("BugTracker.create", values).await;
    made.map_err(|fault| fault.message)
}

#[tokio::test]
async fn gap_009_trackers_of_tenants_do_not_lead_into_the_own_network() {
    const ALWAYS: [&str; 4] = [
        "http://169.254.169.254/latest/",
        "http://[fe80::1]/",
        "http://0.0.0.0/",
        "http://[::ffff:169.254.169.254]/",
    ];
    const INTERNAL: [&str; 7] = [
        "http://10.0.0.1/",
        "https://127.0.0.1:8443/",
        "http://2130706433/",
        "http://0x7f.1/",
        "127.0.0.1/bugs",
        "http://[::1]/",
        "http://localhost/",
    ];
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for field in ["base_url", "api_url"] {
        for url in ALWAYS.iter().chain(&INTERNAL) {
            let refused = tracker(&mut root, field, url).await.expect_err(url);
            assert!(refused.contains(field), "{url}: {refused}");
        }
    }
    tracker(&mut root, "base_url", "https://93.184.215.14/")
        .await
        .expect("a tracker");
    // a single installation has its trackers beside it
    let app = App::start_single().await;
    let mut root = app.client("public").log_in(ROOT).await;
    for url in ALWAYS {
        tracker(&mut root, "base_url", url).await.expect_err(url);
    }
    tracker(&mut root, "base_url", "http://10.0.0.1/")
        .await
        .expect("a tracker");
    // unless the operator says otherwise
    let settings = domain::Settings {
        internal_trackers: Some(false),
        ..domain::Settings::default()
    };
    let app = App::start_single_with(settings).await;
    let mut root = app.client("public").log_in(ROOT).await;
    tracker(&mut root, "base_url", "http://10.0.0.1/")
        .await
        .expect_err("refused");
}

async fn pay(app: &App, tenant: &str, left: Option<TimeDelta>) {
    let changes = domain::tenancy::Changes {
        paid_until: Some(left.map(|left| domain::now() + left)),
        ..domain::tenancy::Changes::default()
    };
    let tenant = app.tenant(tenant).await;
    let outcome = app.domain().tenancy().change(&tenant, &changes).await;
    outcome.expect("changed");
}

#[tokio::test]
async fn ten_015_a_tenant_that_is_not_paid_for_is_refused_where_that_is_wanted() {
    let mut settings = domain::Settings::default();
    settings.billing.enforce = true;
    settings.billing.null_means_unlimited = false;
    let app = App::start_with(settings.clone()).await;
    pay(&app, ALPHA, Some(TimeDelta::days(30))).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let warning = "Tenant expires soon";
    let page = tester.get("/").await.expect_status(200).text();
    assert!(!page.contains(warning));
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for (days, for_root, for_tester) in [(13, true, false), (0, true, true)] {
        pay(
            &app,
            ALPHA,
            Some(TimeDelta::days(days) + TimeDelta::hours(1)),
        )
        .await;
        for (client, expected) in [(&mut root, for_root), (&mut tester, for_tester)] {
            let page = client.get("/").await.expect_status(200).text();
            assert_eq!(page.contains(warning), expected, "{days}");
        }
    }
    for left in [Some(TimeDelta::seconds(-1)), None] {
        pay(&app, ALPHA, left).await;
        for path in ["/", "/accounts/login/", "/plan/1/"] {
            let answer = tester.get(path).await.expect_status(403);
            assert!(answer.text().contains("Unpaid"), "{path}");
        }
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "Tag.filter", "params": [{}]});
        let answer = tester.post_json(&body.to_string()).await.expect_status(403);
        assert_eq!(
            answer.json()["error"],
            json!({"code": -32098, "message": "Unpaid"})
        );
    }
    // others, and the public tenant, are served
    pay(&app, BETA, Some(TimeDelta::days(30))).await;
    app.client(BETA)
        .get("/accounts/login/")
        .await
        .expect_status(200);
    app.visitor(testkit::DOMAIN)
        .get("/accounts/login/")
        .await
        .expect_status(200);

    settings.billing.null_means_unlimited = true;
    let app = App::start_with(settings).await;
    app.client(ALPHA)
        .get("/accounts/login/")
        .await
        .expect_status(200);
    let app = App::start().await;
    pay(&app, ALPHA, Some(TimeDelta::seconds(-1))).await;
    app.client(ALPHA)
        .get("/accounts/login/")
        .await
        .expect_status(200);
}
