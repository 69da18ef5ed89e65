//! How files are served.

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Request, header};
use serde_json::{Value, json};
use testkit::{ALPHA, Answer, App, Client, ROOT, TESTER};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

/// Stores a file and returns its path.
async fn store(client: &mut Client, name: &str, content: &[u8]) -> String {
    let content = BASE64_STANDARD.encode(content);
    let stored = client
        .call("User.add_attachment", json!([name, content]))
        .await;
    let stored: Value = stored.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
    stored["url"].as_str().expect("an address").to_owned()
}

async fn get_with(
    client: &mut Client,
    path: &str,
    name: header::HeaderName,
    value: &str,
) -> Answer {
    let request = Request::get(path).header(name, value).body(Body::empty());
    client.send(request.expect("a request")).await
}

fn count(answer: &Answer, name: &str) -> usize {
    answer.headers.get_all(name).iter().count()
}

#[tokio::test]
async fn sec_009_sec_014_files_are_plain_text_in_a_sandbox_whatever_they_are_called() {
    let app = App::start_single().await;
    let mut tester = app.client("public").log_in(ROOT).await;
    for name in [
        "a.svg",
        "a.html",
        "a.js",
        "a.xhtml",
        "a.xml",
        "a.htm",
        "a.svgz",
        "a",
        "ф \"1\".py",
    ] {
        let path = store(&mut tester, name, b"alert(1)").await;
        let answer = app.client("public").get(&path).await.expect_status(200);
        assert_eq!(answer.text(), "alert(1)");
        for (header, value) in [
            ("content-type", "text/plain"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("content-length", "8"),
            ("cache-control", "private, no-cache"),
        ] {
            assert_eq!(answer.header(header), value, "{name}");
            assert_eq!(count(&answer, header), 1, "{name}: {header}");
        }
        assert_eq!(count(&answer, "content-security-policy"), 1);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'; "), "{policy}");
        assert!(policy.ends_with("; sandbox"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}

#[tokio::test]
async fn opa_033_what_lies_among_the_files_is_plain_text_whatever_it_holds() {
    let app = App::start_single().await;
    let mut root = app.client("public").log_in(ROOT).await;
    let tenant = app.tenant("public").await.id.0;
    let elsewhere = "<script src=\"https://evil.example/x.js\"></script>";
    for (name, content) in [
        (
            "inline.svg",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        ),
        ("script.js", "alert(1)"),
        ("page.html", elsewhere),
        ("program.py", "import os"),
    ] {
        let path = store(&mut root, name, b"harmless").await;
        // no upload may hold that, but somebody can put it there
        let newest = *app.files("public").await.last().expect("a file");
        let storage = &app.domain().settings().uploads.store;
        storage
            .write(tenant, newest, content.as_bytes().into())
            .await
            .expect("it is stored");
        let answer = app.client("public").get(&path).await.expect_status(200);
        assert_eq!(answer.text(), content);
        assert_eq!(answer.header("content-type"), "text/plain", "{name}");
        assert_eq!(count(&answer, "content-type"), 1, "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        assert!(policy.ends_with("; sandbox"), "{name}: {policy}");
    }
}

#[tokio::test]
async fn lib_021_names_in_headers_are_encoded() {
    let app = App::start_single().await;
    let mut tester = app.client("public").log_in(ROOT).await;
    let path = store(&mut tester, "a\"; b\r\nX: ф.txt", b"x").await;
    let answer = tester.get(&path).await.expect_status(200);
    let disposition = answer.header("content-disposition");
    assert_eq!(disposition, "inline; filename*=UTF-8''a_bX_%D1%84.txt");
    let path = store(&mut tester, "b.zip", b"PK\x03\x04").await;
    let answer = tester.get(&path).await.expect_status(200);
    assert_eq!(answer.header("content-type"), "text/plain");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename*=UTF-8''b.zip"
    );
}

#[tokio::test]
async fn pictures_are_shown_by_their_content() {
    let app = App::start_single().await;
    let mut tester = app.client("public").log_in(ROOT).await;
    let path = store(&mut tester, "picture.txt", PNG).await;
    let answer = tester.get(&path).await.expect_status(200);
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(answer.body, PNG);
    let path = store(&mut tester, "no-picture.png", b"<svg>").await;
    let answer = tester.get(&path).await.expect_status(200);
    assert_eq!(answer.header("content-type"), "text/plain");
}

#[tokio::test]
async fn parts_and_known_files_are_answered_as_such() {
    let app = App::start_single().await;
    let mut tester = app.client("public").log_in(ROOT).await;
    let content = "0123456789".repeat(500);
    let path = store(&mut tester, "a.txt", content.as_bytes()).await;
    let whole = get_with(&mut tester, &path, header::ACCEPT_ENCODING, "gzip").await;
    assert_eq!(whole.header("content-encoding"), "", "sent as it is");
    assert_eq!(whole.text(), content);
    assert_eq!(whole.header("accept-ranges"), "bytes");

    let part = get_with(&mut tester, &path, header::RANGE, "bytes=4990-6000").await;
    assert_eq!(part.expect_status(206).text(), "0123456789");
    let part = get_with(&mut tester, &path, header::RANGE, "bytes=10-12")
        .await
        .expect_status(206);
    assert_eq!(part.text(), "012");
    assert_eq!(part.header("content-range"), "bytes 10-12/5000");
    assert_eq!(part.header("content-length"), "3");
    assert_eq!(part.header("content-type"), "text/plain");
    let beyond = get_with(&mut tester, &path, header::RANGE, "bytes=5000-").await;
    assert_eq!(
        beyond.expect_status(416).header("content-range"),
        "bytes */5000"
    );

    let etag = whole.header("etag").to_owned();
    let known = get_with(&mut tester, &path, header::IF_NONE_MATCH, &etag).await;
    assert!(known.expect_status(304).body.is_empty());
    let other = get_with(&mut tester, &path, header::IF_NONE_MATCH, "\"x\"").await;
    other.expect_status(200);
    let request = Request::head(&path).body(Body::empty()).expect("a request");
    let head = tester.send(request).await.expect_status(200);
    assert_eq!(head.header("content-length"), "5000");
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn gap_006_files_of_several_tenants_are_for_their_members() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let path = store(&mut tester, "a.txt", b"x").await;
    tester.get(&path).await.expect_status(200);
    for asked in [path.as_str(), "/uploads/no/such.txt"] {
        let answer = app.client(ALPHA).get(asked).await.expect_status(302);
        assert!(
            answer
                .header("location")
                .starts_with("/accounts/login/?next=/uploads/")
        );
    }
    let mut settings = domain::Settings::default();
    settings.uploads.require_login = Some(false);
    let app = App::start_with(settings).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let path = store(&mut tester, "a.txt", b"x").await;
    app.client(ALPHA).get(&path).await.expect_status(200);
    let mut settings = domain::Settings::default();
    settings.uploads.require_login = Some(true);
    let app = App::start_single_with(settings).await;
    let mut tester = app.client("public").log_in(ROOT).await;
    let path = store(&mut tester, "a.txt", b"x").await;
    app.client("public").get(&path).await.expect_status(302);
    tester.get(&path).await.expect_status(200);
}

#[tokio::test]
async fn what_is_not_a_file_is_not_found() {
    let app = App::start_single().await;
    let mut root = app.client("public").log_in(ROOT).await;
    let path = store(&mut root, "a.txt", b"x").await;
    let folder = path.rsplit_once('/').expect("a folder").0;
    for asked in [
        "/uploads/",
        "/uploads/attachments/",
        &format!("{folder}/"),
        folder,
        &format!("{folder}/b.txt"),
        &format!("{folder}/../../a.txt"),
        "/uploads/../Cargo.toml",
        "/uploads/%2e%2e/%2e%2e/etc/passwd",
        "/uploads//etc/passwd",
        "/uploads/%ff",
        "/uploads/%00",
        "/uploads/t/1/1",
        &path.replace("/uploads/", "/uploads/tenant/alpha/"),
    ] {
        root.get(asked).await.expect_status(404);
    }
    // as an installation with several tenants would have called it
    let other = path.replace("/uploads/", "/uploads/tenant/public/");
    assert_eq!(root.get(&other).await.expect_status(200).text(), "x");
    root.post(&path, &[]).await.expect_status(405);
}
