//! Logging in and out by page, and what cookies do.

use axum::body::Body;
use domain::Settings;
use http::{Request, header};
use serde_json::json;
use testkit::{ALPHA, App, PASSWORD, ROOT, TESTER};

fn cookies(answer: &testkit::Answer) -> Vec<String> {
    let lines = answer.headers.get_all(header::SET_COOKIE);
    lines
        .iter()
        .map(|line| line.to_str().expect("ASCII").to_owned())
        .collect()
}

#[tokio::test]
async fn sec_037_sec_059_a_visitor_is_asked_to_log_in_and_comes_to_the_wanted_page() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let answer = visitor.get("/plan/1/?x=1&y=2").await;
    assert_eq!(
        answer.status, 404,
        "a missing record is missing for everybody"
    );
    let answer = visitor.get("/").await.expect_status(302);
    assert_eq!(answer.header("location"), "/accounts/login/?next=/");
    let page = visitor
        .get("/accounts/login/?next=/runs/1/")
        .await
        .expect_status(200);
    assert!(page.text().contains("name=\"next\" value=\"/runs/1/\""));
    assert_eq!(page.header("cache-control"), "no-store");

    let fields = [
        ("username", TESTER),
        ("password", PASSWORD),
        ("next", "/runs/1/?status_id=4"),
    ];
    let answer = visitor
        .post("/accounts/login/", &fields)
        .await
        .expect_status(302);
    assert_eq!(answer.header("location"), "/runs/1/?status_id=4");
    let set = cookies(&answer);
    assert!(
        set[0].starts_with("sessionid=") && set[0].ends_with("; Domain=.kiwi.test; Secure"),
        "{set:?}"
    );
    assert!(set[0].contains("; HttpOnly; Max-Age=86400; Path=/; SameSite=Lax"));
    assert!(
        set[1].starts_with("csrftoken=") && !set[1].contains("Domain"),
        "{set:?}"
    );
    visitor.get("/").await.expect_status(200);
}

#[tokio::test]
async fn sec_006_foreign_addresses_are_not_followed() {
    let app = App::start().await;
    for next in [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example/",
        "javascript:x",
    ] {
        let mut visitor = app.client(ALPHA);
        let fields = [("username", TESTER), ("password", PASSWORD), ("next", next)];
        let answer = visitor
            .post("/accounts/login/", &fields)
            .await
            .expect_status(302);
        assert_eq!(answer.header("location"), "/", "{next}");
    }
}

#[tokio::test]
async fn opa_060_an_account_comes_to_the_dashboard_and_a_deactivated_one_stays_outside() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA);
    let answer = tester.log_in_by_form(TESTER, PASSWORD).await;
    assert_eq!(answer.expect_status(302).header("location"), "/");
    let page = tester.get("/").await.expect_status(200).text();
    assert!(page.contains("id=\"page-dashboard\""), "{page}");

    let mut root = app.client(ALPHA).log_in(ROOT).await;
    root.call("User.deactivate", json!([{"username": TESTER}]))
        .await
        .expect("deactivated");
    let mut again = app.client(ALPHA);
    let page = again.log_in_by_form(TESTER, PASSWORD).await;
    let page = page.expect_status(200).text();
    assert!(page.contains("id=\"page-login\""), "{page}");
    assert!(
        page.contains("Please enter a correct username and password"),
        "{page}"
    );
    assert!(!again.cookies.contains_key("sessionid"));
}

#[tokio::test]
async fn a_wrong_password_keeps_the_name() {
    let app = App::start().await;
    let mut visitor = app.client(ALPHA);
    let answer = visitor
        .log_in_by_form("<b>ann", "wrong")
        .await
        .expect_status(200);
    let page = answer.text();
    assert!(
        page.contains("Please enter a correct username and password"),
        "{page}"
    );
    assert!(page.contains("value=\"&lt;b&gt;ann\""));
    assert!(!page.contains("wrong"));
    let answer = visitor.log_in_by_form("", "").await.expect_status(200);
    assert!(
        cookies(&answer)
            .iter()
            .all(|cookie| !cookie.starts_with("sessionid"))
    );
}

#[tokio::test]
async fn sec_021_too_many_attempts_are_slowed_down() {
    let rules = domain::Settings {
        login_attempts: 2,
        ..domain::Settings::default()
    };
    let app = App::start_with(rules).await;
    let mut visitor = app.client(ALPHA);
    for _ in 0..2 {
        visitor
            .log_in_by_form(TESTER, "wrong")
            .await
            .expect_status(200);
    }
    let answer = visitor
        .log_in_by_form(TESTER, PASSWORD)
        .await
        .expect_status(429);
    assert!(
        answer
            .header("retry-after")
            .parse::<u64>()
            .expect("seconds")
            > 0
    );
    assert!(answer.text().contains("</form>"));
}

#[tokio::test]
async fn a_log_out_ends_the_session_everywhere() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let same = tester.clone();
    tester.get("/accounts/logout/").await.expect_status(405);
    tester.get("/").await.expect_status(200);
    let answer = tester
        .post("/accounts/logout/", &[])
        .await
        .expect_status(302);
    assert_eq!(answer.header("location"), "/accounts/login/");
    assert_eq!(
        cookies(&answer),
        [
            "sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; \
             SameSite=Lax; Domain=.kiwi.test; Secure"
        ]
    );
    let mut same = same;
    same.get("/").await.expect_status(302);
}

#[tokio::test]
async fn opa_061_pages_of_every_kind_lead_out() {
    let app = App::start().await;
    for path in ["/", "/admin/sites/site/1/"] {
        let mut root = app.client(ALPHA).log_in(ROOT).await;
        let page = root.get(path).await.expect_status(200).text();
        assert!(
            page.contains("method=\"post\" action=\"/accounts/logout/\""),
            "{path}: {page}"
        );
        let answer = root.post_from(&page, "/accounts/logout/", &[]).await;
        let place = answer.expect_status(302).header("location").to_owned();
        assert_eq!(place, "/accounts/login/", "{path}");
        let page = root.get(&place).await.expect_status(200).text();
        assert!(page.contains("id=\"page-login\""), "{path}: {page}");
        root.get(path).await.expect_status(302);
    }
}

#[tokio::test]
async fn sec_035_ten_009_forms_of_other_sites_are_refused() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let answer = tester
        .post_without_token("/accounts/logout/", "")
        .await
        .expect_status(403);
    assert!(answer.text().contains("</html>"));
    tester.get("/").await.expect_status(200);
    // whose rights would suffice
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for path in [
        "/admin/sites/site/1/",
        "/admin/password_change/",
        "/attachments/add-for/testplans/testplan/1/",
    ] {
        let answer = root
            .post_without_token(path, "name=x&domain=evil.example")
            .await;
        let text = answer.expect_status(403).text();
        assert!(
            text.contains("</html>") && !text.contains("evil.example"),
            "{path}"
        );
    }

    let page = tester.get("/").await.text();
    let token = page
        .split("name=\"csrf-token\" content=\"")
        .nth(1)
        .expect("a token");
    let token = token.split('"').next().expect("a token").to_owned();
    for (origin, status) in [
        ("https://evil.example", 403),
        ("null", 403),
        ("https://alpha.kiwi.test", 302),
    ] {
        let request = Request::post("/accounts/logout/")
            .header("x-csrftoken", &token)
            .header(header::ORIGIN, origin)
            .body(Body::empty())
            .expect("a request");
        assert_eq!(
            tester.send(request).await.status.as_u16(),
            status,
            "{origin}"
        );
    }
}

#[tokio::test]
async fn an_unknown_session_is_anonymous_and_forgotten() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let good = tester.cookies["sessionid"].clone();
    let mut ask = async |cookie: String| {
        let request = Request::get("/").header(header::COOKIE, cookie);
        let answer = tester
            .send(request.body(Body::empty()).expect("a request"))
            .await;
        let forgets = cookies(&answer)
            .iter()
            .any(|cookie| cookie.starts_with("sessionid=\"\""));
        (answer.status.as_u16(), forgets)
    };
    assert_eq!(ask(format!("sessionid={good}")).await, (200, false));
    assert_eq!(
        ask(format!("sessionid=null; sessionid=\"{good}\"")).await,
        (200, false)
    );
    assert_eq!(
        ask(format!("sessionid={good}; sessionid=\"\"")).await,
        (302, true)
    );
    assert_eq!(ask("sessionid=null".to_owned()).await, (302, true));
    assert_eq!(
        ask("sessionid=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()).await,
        (302, true)
    );
    assert_eq!(ask("other=1".to_owned()).await, (302, false));
}

#[tokio::test]
async fn without_tls_cookies_are_not_marked_secure() {
    let app = App::start_single().await;
    let mut visitor = app.client("public").without_tls();
    let answer = visitor
        .log_in_by_form(ROOT, PASSWORD)
        .await
        .expect_status(302);
    for cookie in cookies(&answer) {
        assert!(
            !cookie.contains("Secure") && !cookie.contains("Domain"),
            "{cookie}"
        );
    }
    visitor.get("/").await.expect_status(200);
}

#[tokio::test]
async fn the_data_of_a_session_are_kept_by_tower_sessions() {
    let app = App::start().await;
    let tester = app.client(ALPHA).log_in(TESTER).await;
    let store = web::Store::new(app.domain().clone());
    let session = store.session(&tester.cookies["sessionid"]).expect("a key");
    session.insert("filter", vec![4, 5]).await.expect("stored");
    session.save().await.expect("saved");
    let again = store.session(&tester.cookies["sessionid"]).expect("a key");
    assert_eq!(
        again.get::<Vec<i32>>("filter").await.expect("loaded"),
        Some(vec![4, 5])
    );
    let mut tester = tester;
    tester.get("/").await.expect_status(200);
    again.flush().await.expect("flushed");
    tester.get("/").await.expect_status(302);
}

#[tokio::test]
async fn opa_065_ent_001_passwords_that_are_switched_off_let_nobody_in() {
    let app = App::start_with(Settings {
        password_login: false,
        ..Settings::default()
    })
    .await;
    let mut visitor = app.client(ALPHA);
    let page = visitor.get("/accounts/login/").await.expect_status(200);
    let page = page.text();
    for part in [
        "inputUsername",
        "inputPassword",
        "csrfmiddlewaretoken",
        "<form",
    ] {
        assert!(!page.contains(part), "{part}");
    }
    assert!(page.contains("Nobody logs in with a password here"));
    let fields = [("username", TESTER), ("password", PASSWORD)];
    let answer = visitor.post("/accounts/login/", &fields).await;
    assert!(
        answer
            .expect_status(403)
            .headers
            .get(header::SET_COOKIE)
            .is_none()
    );
    for path in [
        "/accounts/passwordreset/",
        "/accounts/passwordreset/done/",
        "/accounts/passwordreset/complete/",
        "/accounts/passwordreset/confirm/Mg/set-password/",
    ] {
        visitor.get(path).await.expect_status(403);
    }
    let fault = visitor.call("Auth.login", json!([TESTER, PASSWORD])).await;
    let message = fault.expect_err("is refused").message;
    assert!(message.contains("Passwords are switched off"), "{message}");
    visitor.get("/").await.expect_status(302);
}
