//! What is kept apart: tenants, and people who may not know.

use serde_json::json;
use testkit::{ALPHA, App, BETA, PostOffice, ROOT};

use super::{call, execute, forget, person, small_world};
use domain::mail::{self, Filter};

#[tokio::test]
async fn mail_of_one_tenant_shows_nothing_of_another() {
    let (app, mut root, case) = small_world().await;
    let work = app.work(BETA).await;
    let bert = person(&app, BETA, "bert").await;
    let mut elsewhere = app.client(BETA).log_in(ROOT).await;
    forget(&app).await;
    let office = PostOffice::open().await;

    call(
        &mut root,
        "TestCase.update",
        json!([case, {"summary": "only-in-alpha"}]),
    )
    .await;
    let values = json!([work.run, {"summary": "only-in-beta", "manager": bert}]);
    call(&mut elsewhere, "TestRun.update", values).await;

    let of = async |tenant: &str| {
        let filter = Filter {
            tenant: Some(tenant.to_owned()),
            ..Filter::default()
        };
        let entries = mail::list(app.domain(), &filter, 9).await.expect("a list");
        entries
            .into_iter()
            .map(|entry| entry.mail.to)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(ALPHA).await, ["tim@example.com"]);
    assert_eq!(of(BETA).await, ["bert@example.com"]);

    let mails = office.collect(&app).await;
    let [alpha, beta] = mails.as_slice() else {
        panic!("two mails: {mails:?}")
    };
    assert_eq!(
        (&alpha.to[..], &beta.to[..]),
        (
            &["tim@example.com".to_owned()][..],
            &["bert@example.com".to_owned()][..],
        )
    );
    for (mail, other) in [(alpha, "beta"), (beta, "alpha")] {
        assert!(!mail.raw.contains(other), "{} tells of {other}", mail.raw);
    }
    assert!(
        alpha
            .text
            .ends_with(&format!("https://alpha.kiwi.test/case/{case}/")),
        "{}",
        alpha.text
    );
    assert!(
        beta.text
            .ends_with(&format!("https://beta.kiwi.test/runs/{}/", work.run))
    );
}

#[tokio::test]
async fn ten_012_a_foreign_address_on_a_cc_list_gets_nothing_where_that_is_set() {
    let settings = domain::Settings {
        mail_members_only: true,
        ..domain::Settings::default()
    };
    let app = App::start_with(settings).await;
    let work = app.work(ALPHA).await;
    let ann = person(&app, ALPHA, "ann").await;
    person(&app, ALPHA, "cora").await;
    person(&app, BETA, "bert").await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let case = super::case_by(&mut root, &work, ann, ann).await;
    let cc = [
        "x@elsewhere.example",
        "CORA@example.com",
        "bert@example.com",
    ];
    call(&mut root, "TestCase.add_notification_cc", json!([case, cc])).await;
    forget(&app).await;
    let office = PostOffice::open().await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    let to: Vec<_> = office
        .collect(&app)
        .await
        .into_iter()
        .flat_map(|mail| mail.to)
        .collect();
    assert_eq!(to, ["CORA@example.com", "ann@example.com"]);
}

#[tokio::test]
async fn sec_033_no_mail_tells_the_password_of_a_tracker() {
    let (app, mut root, case) = small_world().await;
    let secret = "Tracker-secret-26";
    let tracker = json!([{"name": "Tracker", "tracker_type": "tcms.issuetracker.types.GitHub",
        "base_url": "https://tracker.example", "api_password": secret}]);
    call(&mut root, "BugTracker.create", tracker).await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    let office = PostOffice::open().await;
    let mails = office.collect(&app).await;
    assert_eq!(mails.len(), 1);
    assert!(!mails[0].raw.contains(secret));
}

#[tokio::test]
async fn gap_014_links_lead_to_the_site_whatever_host_the_request_names() {
    let (app, mut root, case) = small_world().await;
    let tenant = app.tenant(ALPHA).await;
    domain::site::set(app.domain(), &tenant, "tests.example.org:8444")
        .await
        .expect("set");
    let office = PostOffice::open().await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    let mails = office.collect(&app).await;
    let link = format!("https://tests.example.org:8444/case/{case}/");
    assert!(mails[0].text.ends_with(&link), "{}", mails[0].text);
    assert!(
        mails[0]
            .header("Message-ID")
            .ends_with("@tests.example.org>")
    );
}

#[tokio::test]
async fn sec_046_links_are_secure_and_no_text_becomes_a_header() {
    let (app, mut root, case) = small_world().await;
    let office = PostOffice::open().await;
    execute(
        &app,
        ALPHA,
        "UPDATE test_case SET summary = E'One\\r\\nBcc: eve@example.com\\r\\n\\r\\nžluť <b>'",
    )
    .await;
    call(
        &mut root,
        "TestCase.update",
        json!([case, {"notes": "<i> & žluť\r\n.\r\nend"}]),
    )
    .await;
    let mails = office.collect(&app).await;
    let [mail] = mails.as_slice() else {
        panic!("one mail: {mails:?}")
    };
    assert_eq!(mail.to, ["tim@example.com"]);
    let one_line = "One Bcc: eve@example.com žluť <b>";
    assert_eq!(
        mail.subject,
        format!("[Kiwi-TCMS] UPDATE: TestCase #{case} - {one_line}")
    );
    assert_eq!(mail.header("Bcc"), "");
    assert!(
        mail.text.contains("+<i> & žluť\n+.\n+end\n"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("https://alpha.kiwi.test/"));
    assert!(!mail.text.contains("http://"));
    for (name, value) in [
        ("From", "Kiwi <kiwi@kiwi.test>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Transfer-Encoding", "quoted-printable"),
        ("Content-Type", "text/plain; charset=utf-8"),
    ] {
        assert_eq!(mail.header(name), value);
    }
    let thread = format!("<test-case-{case}.alpha@alpha.kiwi.test>");
    assert_eq!(mail.header("In-Reply-To"), thread);
    assert_eq!(mail.header("References"), thread);
}
