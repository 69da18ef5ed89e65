//! Pages of errors: what stays around them, the way back, and what they tell.

use axum::body::Body;
use http::{Request, header};
use testkit::{ALPHA, Answer, App, Client, DOMAIN, Edge, PUBLIC, ROOT, TESTER};
use web::{Debugging, Settings};

/// Whether the page knows who is logged in.
fn knows(answer: &Answer) -> bool {
    answer.text().contains("id=\"logout_form\"")
}

async fn post(client: &mut Client, path: &str, length: usize, referer: &str) -> Answer {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_LENGTH, length)
        .header(header::REFERER, referer)
        .header("accept-language", "en")
        .body(Body::from("x".repeat(length)));
    client.send(request.expect("a request")).await
}

#[tokio::test]
async fn pages_of_errors_keep_their_frame_and_lead_back() {
    let settings = Settings {
        body_limit: 2_000,
        ..Settings::default()
    };
    let app = App::start_at(Edge {
        settings,
        ..Edge::default()
    })
    .await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let from = format!("https://{ALPHA}.{DOMAIN}/runs/search/?q=a&b=c");
    for (status, answer) in [
        (404, tester.get("/nowhere/").await),
        (
            403,
            post(&mut tester, "/admin/password_change/", 10, &from).await,
        ),
        (
            413,
            post(&mut tester, "/admin/password_change/", 2_001, &from).await,
        ),
    ] {
        let answer = answer.expect_status(status);
        assert!(knows(&answer), "{status}: {}", answer.text());
        assert_eq!(answer.header("content-language"), "en", "{status}");
        let leads_back = answer
            .text()
            .contains("href=\"/runs/search/?q&#x3D;a&amp;b&#x3D;c\"");
        assert_eq!(leads_back, status != 404, "{status}: {}", answer.text());
    }
    // other sites are no way back
    for elsewhere in [
        "https://evil.example/runs/",
        "https://alpha.evil.example/",
        "javascript:alert(1)",
        "",
    ] {
        let answer = post(&mut tester, "/admin/password_change/", 2_001, elsewhere).await;
        let page = answer.expect_status(413).text();
        assert!(!page.contains("Go back"), "{elsewhere}: {page}");
    }
}

#[tokio::test]
async fn a_page_that_was_refused_unseen_does_not_say_who_is_logged_in() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    tester.cookies.insert("theme".to_owned(), "dark".to_owned());
    let long = format!("/?{}", "x".repeat(11_000));
    let answer = tester.get(&long).await.expect_status(414);
    let page = answer.text();
    assert!(page.contains("data-bs-theme=\"dark\""), "{page}");
    assert!(
        !knows(&answer) && !page.contains("/accounts/login/"),
        "{page}"
    );
}

#[tokio::test]
async fn lib_022_seed_093_pages_of_errors_tell_nothing_unless_debug_is_on() {
    let app = App::start().await;
    for username in [ROOT, TESTER] {
        let mut client = app.visitor(DOMAIN).log_in(username).await;
        client.get("/debug/fail").await.expect_status(404);
        let page = client.get("/nowhere/").await.expect_status(404).text();
        for told in ["debug", "planted", "Statements"] {
            assert!(!page.contains(told), "{told}: {page}");
        }
    }
}

fn debugging(everybody: bool, allow: &str) -> Edge {
    let debugging = Debugging {
        everybody,
        allow: allow
            .split_whitespace()
            .map(|net| net.parse().expect("a network"))
            .collect(),
        settings: vec![("planted.setting".to_owned(), "*** (1234)".to_owned())],
    };
    let settings = Settings {
        debugging: Some(debugging),
        ..Settings::default()
    };
    Edge {
        settings,
        ..Edge::default()
    }
}

#[tokio::test]
async fn ops_148_seed_093_with_debug_a_page_of_an_error_tells_what_was_asked_without_secrets() {
    let app = App::start_single_at(debugging(true, "")).await;
    let mut visitor = app.client(PUBLIC);
    visitor
        .cookies
        .insert("sessionid".to_owned(), "planted-cookie".to_owned());
    let page = visitor.get("/debug/fail?a=b&token=planted-token").await;
    let page = page.expect_status(500).text();
    for told in [
        "planted.setting",
        "*** (1234)",
        "/debug/fail",
        "?a",
        "debug-bar",
        "public",
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    for secret in ["planted-cookie", "planted-token"] {
        assert!(!page.contains(secret), "{secret}: {page}");
    }
    // a form that was refused
    let fields = [
        ("name", "visible-value"),
        ("old_password", "planted-password"),
    ];
    let mut root = app.client(PUBLIC).log_in(ROOT).await;
    let body = fields
        .map(|(name, value)| format!("{name}={value}"))
        .join("&");
    let page = root
        .post_without_token("/admin/password_change/", &body)
        .await;
    let page = page.expect_status(403).text();
    assert!(page.contains("visible-value"), "{page}");
    assert!(!page.contains("planted-password"), "{page}");
    // and every page says that this is so
    assert!(root.get("/").await.text().contains("debug-bar"));
    // programs are told nothing more
    let fault = visitor.call("No.such", serde_json::json!([])).await;
    assert!(!format!("{fault:?}").contains("planted"));
}

#[tokio::test]
async fn ops_149_with_several_tenants_debug_is_for_superusers_and_listed_addresses() {
    let app = App::start_at(debugging(false, "198.51.100.0/24 2001:db8::/32")).await;
    let mut visitor = app.client(ALPHA);
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for client in [&mut visitor, &mut tester] {
        client.get("/debug/fail").await.expect_status(404);
        let page = client.get("/nowhere/").await.text();
        assert!(!page.contains("planted.setting"), "{page}");
    }
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let page = root.get("/debug/fail").await.expect_status(500).text();
    assert!(page.contains("planted.setting"), "{page}");
    for address in ["198.51.100.7", "2001:db8::1", "::ffff:198.51.100.7"] {
        let page = visitor.at(address).get("/nowhere/").await.text();
        assert!(page.contains("planted.setting"), "{address}: {page}");
    }
}
