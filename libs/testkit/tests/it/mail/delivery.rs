//! A mail is sent once: not before its cause is permanent, again after a failure, never twice.

use serde_json::json;
use testkit::{ALPHA, PostOffice};

use super::{call, small_world};
use domain::mail::{self, Filter, State};

/// Lets the pause after a failure pass.
async fn let_time_pass(app: &testkit::App) {
    let mut tx = app
        .domain()
        .tenancy()
        .begin_platform()
        .await
        .expect("a transaction");
    sqlx::query("UPDATE platform.job SET run_at = now() - interval '1 second'")
        .execute(tx.conn())
        .await
        .expect("a statement");
    tx.commit().await.expect("the end");
}

#[tokio::test]
async fn what_is_rolled_back_is_not_told() {
    let (app, mut root, case) = small_world().await;
    let office = PostOffice::open().await;
    // the second call of the batch fails, so the first one counts; the call itself rolls back alone
    let refused = root
        .call("TestCase.update", json!([case, {"category": 999_999}]))
        .await;
    assert!(refused.is_err());
    assert!(office.collect(&app).await.is_empty());

    let tenant = app.tenant(ALPHA).await;
    let domain = app.domain();
    let caller = domain::session::caller(domain, &tenant, &root.cookies["sessionid"])
        .await
        .expect("root");
    let request = domain::Request::inside(domain, &tenant, caller, "test");
    let mut ctx = request.begin().await.expect("a transaction");
    let id = entity::Id::try_from(case).expect("an id");
    let old: domain::test_case::TestCase = ctx.get(id).await.expect("a case");
    let mut new = old.clone();
    "other".clone_into(&mut new.summary);
    domain::test_case::update(&mut ctx, &old, &new)
        .await
        .expect("noted");
    drop(ctx);
    assert!(office.collect(&app).await.is_empty());
    assert!(
        mail::list(domain, &Filter::default(), 9)
            .await
            .expect("a list")
            .is_empty()
    );
}

#[tokio::test]
async fn a_mail_that_is_refused_for_now_is_sent_later_with_the_same_key() {
    let (app, mut root, case) = small_world().await;
    let office = PostOffice::open().await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    let waiting = mail::list(app.domain(), &Filter::default(), 9)
        .await
        .expect("a list");
    let [entry] = waiting.as_slice() else {
        panic!("one mail: {waiting:?}")
    };
    assert_eq!((entry.attempts, entry.tenant.as_str()), (0, ALPHA));

    office.refuse("tim@example.com", &[451, 421]);
    assert!(office.collect(&app).await.is_empty());
    // not before the pause has passed
    assert!(office.collect(&app).await.is_empty());
    let failed = mail::entry(app.domain(), entry.id)
        .await
        .expect("still there");
    assert_eq!((failed.attempts, failed.state), (1, State::Waiting));
    assert!(failed.last_error.is_some_and(|error| error.contains("451")));
    let pause = failed.next_at - domain::now();
    assert!((50..=60).contains(&pause.num_seconds()), "{pause}");

    let_time_pass(&app).await;
    assert!(office.collect(&app).await.is_empty());
    let_time_pass(&app).await;
    let mails = office.collect(&app).await;
    let [mail] = mails.as_slice() else {
        panic!("one mail: {mails:?}")
    };
    assert_eq!(mail.header("Message-ID"), entry.mail.message_id);
    assert!(
        mail::list(app.domain(), &Filter::default(), 9)
            .await
            .expect("a list")
            .is_empty()
    );
}

#[tokio::test]
async fn a_mail_is_given_up_and_can_be_sent_again_or_removed() {
    let (app, mut root, case) = small_world().await;
    let office = PostOffice::open().await;
    for notes in ["1", "2"] {
        call(
            &mut root,
            "TestCase.update",
            json!([case, {"notes": notes}]),
        )
        .await;
    }
    // one is refused for good, the other one for longer than patience lasts
    office.refuse(
        "tim@example.com",
        &[550, 451, 451, 451, 451, 451, 451, 451, 451],
    );
    for _ in 0..8 {
        assert!(office.collect(&app).await.is_empty());
        let_time_pass(&app).await;
    }
    let dead = Filter {
        state: Some(State::Dead),
        ..Filter::default()
    };
    let entries = mail::list(app.domain(), &dead, 9).await.expect("a list");
    let mut attempts: Vec<i32> = entries.iter().map(|entry| entry.attempts).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 8]);
    // nobody tries again
    let_time_pass(&app).await;
    assert!(office.collect(&app).await.is_empty());

    let first = Filter {
        ids: Some(vec![entries[0].id]),
        ..dead.clone()
    };
    assert_eq!(
        mail::delete(app.domain(), &first).await.expect("deleted"),
        1
    );
    assert_eq!(mail::retry(app.domain(), &dead).await.expect("due"), 1);
    assert_eq!(office.collect(&app).await.len(), 1);
}

#[tokio::test]
async fn several_workers_send_every_mail_once() {
    let (app, mut root, case) = small_world().await;
    let office = PostOffice::open().await;
    for number in 0..40 {
        let values = json!([case, {"notes": number.to_string()}]);
        call(&mut root, "TestCase.update", values).await;
    }
    let (one, two, three) = (
        office.worker(&app),
        office.worker(&app),
        office.worker(&app),
    );
    tokio::join!(one.drain(), two.drain(), three.drain());
    let mails = office.take();
    let mut keys: Vec<String> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((mails.len(), keys.len()), (40, 40));
}

#[tokio::test]
async fn a_mail_that_is_being_sent_is_not_made_due() {
    let (app, mut root, case) = small_world().await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    let office = PostOffice::open_with(testkit::Manners {
        silent: true,
        ..testkit::Manners::default()
    })
    .await;
    let worker = office.worker(&app);
    let sending = tokio::spawn(async move { worker.drain().await });
    while office.connections() == 0 {
        tokio::task::yield_now().await;
    }
    let all = Filter::default();
    assert_eq!(mail::retry(app.domain(), &all).await.expect("an answer"), 0);
    sending.abort();
}

#[tokio::test]
async fn a_tenant_that_is_not_served_sends_nothing_until_it_is() {
    let (app, mut root, case) = small_world().await;
    let office = PostOffice::open().await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    let tenant = app.tenant(ALPHA).await;
    let tenancy = app.domain().tenancy();
    tenancy.suspend(&tenant, "a test").await.expect("suspended");
    assert!(office.collect(&app).await.is_empty());
    let tenant = app.tenant(ALPHA).await;
    tenancy.resume(&tenant).await.expect("resumed");
    let_time_pass(&app).await;
    assert_eq!(office.collect(&app).await.len(), 1);
}
