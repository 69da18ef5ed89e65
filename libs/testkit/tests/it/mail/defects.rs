//! Faults of ours reach the people who run the server.

use serde_json::json;
use testkit::{ALPHA, App, PostOffice, ROOT, until};

use super::{execute, forget};

#[tokio::test]
async fn a_fault_is_told_once_and_without_what_the_request_held() {
    let settings = domain::Settings {
        admins: vec!["ops@example.com".to_owned()],
        ..domain::Settings::default()
    };
    let app = App::start_with(settings).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    forget(&app).await;
    let office = PostOffice::open().await;
    root.call("Tag.filter", json!([{"nowhere": 1}]))
        .await
        .expect_err("a fault of the client");
    assert!(office.collect(&app).await.is_empty());

    execute(&app, ALPHA, "DROP TABLE tag CASCADE").await;
    let mut ids = vec![];
    for _ in 0..3 {
        let query = json!([{"name": "planted-secret"}]);
        let fault = root.call("Tag.filter", query).await.expect_err("our fault");
        let id = fault.message.rsplit(' ').next().expect("an id").to_owned();
        ids.push(id);
    }
    let mut mails = vec![];
    until("the mail arrives", async || {
        mails.extend(office.collect(&app).await);
        !mails.is_empty()
    })
    .await;
    let [mail] = mails.as_slice() else {
        panic!("one mail: {mails:?}")
    };
    assert_eq!(mail.to, ["ops@example.com"]);
    assert!(
        mail.subject.starts_with("[Kiwi-TCMS] Internal error on "),
        "{}",
        mail.subject
    );
    assert!(mail.text.contains("Where: Tag.filter"), "{}", mail.text);
    assert!(mail.text.contains(&ids[0]), "{}", mail.text);
    for kept_back in ["planted-secret", "relation", &root.cookies["sessionid"]] {
        assert!(!mail.raw.contains(kept_back), "{}", mail.raw);
    }
}
