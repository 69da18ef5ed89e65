//! People: who is shown to whom, and who raises whose rights.

use domain::accounts::{self, NewAccount};
use domain::{group, tenants};
use serde_json::json;
use testkit::{ALPHA, App, BETA, PASSWORD, ROOT, STRANGER, TESTER};

/// An account that only another tenant knows; its id.
async fn foreigner(app: &App) -> i64 {
    let new = NewAccount::superuser("foreigner", "foreigner@example.com", Some(PASSWORD));
    let account = accounts::create(app.domain(), new)
        .await
        .expect("an account");
    let beta = app.tenant(BETA).await;
    tenants::add_member(app.domain(), &beta, account.id)
        .await
        .expect("a member");
    account.id.into()
}

#[tokio::test]
async fn sec_005_people_of_other_tenants_are_neither_shown_nor_accepted() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let id = foreigner(&app).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for query in [
        json!({"id": id}),
        json!({"username": "foreigner"}),
        json!({"email": "foreigner@example.com"}),
    ] {
        let rows = root.call("User.filter", json!([query])).await;
        assert_eq!(rows.expect("rows"), json!([]), "{query}");
    }
    let (case, plan, run, execution) = (work.cases[0], work.plan, work.run, work.executions[0]);
    for who in [json!(id), json!("foreigner")] {
        let bug = json!({"summary": "x", "product": work.product, "version": work.version,
            "build": work.build, "assignee": who});
        for (method, params) in [
            ("TestCase.update", json!([case, {"author": who}])),
            ("TestCase.update", json!([case, {"default_tester": who}])),
            ("TestCase.update", json!([case, {"reviewer": who}])),
            ("TestPlan.update", json!([plan, {"author": who}])),
            ("TestRun.update", json!([run, {"manager": who}])),
            ("TestRun.update", json!([run, {"default_tester": who}])),
            ("TestRun.add_cc", json!([run, who])),
            (
                "TestExecution.update",
                json!([execution, {"assignee": who}]),
            ),
            (
                "TestExecution.update",
                json!([execution, {"tested_by": who}]),
            ),
            ("Bug.create", json!([bug])),
            (
                "Component.create",
                json!([{"name": "c", "product": work.product, "initial_owner": who}]),
            ),
            ("User.join_group", json!(["foreigner", "Tester"])),
            ("User.update", json!([id, {"first_name": "x"}])),
        ] {
            let answer = root.call(method, params.clone()).await;
            assert!(answer.is_err(), "{method} {params} accepts: {answer:?}");
        }
    }
    let gone = root.call("User.deactivate", json!([{"id": id}])).await;
    assert_eq!(gone.expect("nobody"), json!([]));
    let theirs = app.client(BETA).log_in("foreigner").await;
    drop(theirs);
}

#[tokio::test]
async fn ten_004_an_administrator_of_one_tenant_is_nobody_in_another() {
    let app = App::start().await;
    let alpha = app.tenant(ALPHA).await;
    let stranger = accounts::find(app.domain(), STRANGER)
        .await
        .expect("the database")
        .expect("an account");
    let groups = [group::ADMINISTRATOR.to_owned(), group::TESTER.to_owned()];
    tenants::join_groups(app.domain(), &alpha, stranger.id, &groups)
        .await
        .expect("joined");
    let tag = json!([{"name": "mine"}]);
    let mut here = app.client(ALPHA).log_in(STRANGER).await;
    here.call("Tag.create", tag.clone()).await.expect("a tag");
    let mut there = app.client(BETA).log_in(STRANGER).await;
    let refused = there.call("Tag.create", tag).await.expect_err("refused");
    assert_eq!(refused.code, -32098);
}

#[tokio::test]
async fn sec_054_sec_026_nobody_raises_their_own_rights() {
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let me = accounts::find(app.domain(), TESTER)
        .await
        .expect("the database")
        .expect("an account");
    let joined = tester
        .call("User.join_group", json!([TESTER, "Administrator"]))
        .await;
    assert_eq!(joined.expect_err("refused").code, -32098);
    for values in [
        json!({"is_superuser": true}),
        json!({"groups": [1]}),
        json!({"user_permissions": [1]}),
        json!({"username": "root"}),
    ] {
        let answer = tester.call("User.update", json!([me.id, values])).await;
        if let Ok(account) = answer {
            assert_eq!(account["is_superuser"], false, "{account}");
            assert_eq!(account["username"], TESTER, "{account}");
        }
    }
    let root = accounts::find(app.domain(), ROOT)
        .await
        .expect("the database")
        .expect("an account");
    let other = tester
        .call("User.update", json!([root.id, {"first_name": "x"}]))
        .await;
    other.expect_err("somebody else");
}

#[tokio::test]
async fn ten_011_people_are_let_into_the_current_tenant_only() {
    let app = App::start().await;
    let beta = app.tenant(BETA).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    for forged in [
        json!([["nora@example.com"], false, beta.id.0]),
        json!({"addresses": ["nora@example.com"], "notify": false, "tenant": beta.id.0}),
        json!({"addresses": ["nora@example.com"], "notify": false, "schema_name": BETA}),
    ] {
        let refused = tester.call("Tenant.invite", forged.clone()).await;
        refused.expect_err(&forged.to_string());
    }
    let nora = accounts::find_by_email(app.domain(), "nora@example.com").await;
    assert_eq!(
        nora.expect("the database"),
        None,
        "nobody was let in anywhere"
    );

    let invited = json!([["nora@example.com"], false]);
    tester.call("Tenant.invite", invited).await.expect("let in");
    let tenants = [(ALPHA, true), (BETA, false)];
    for (name, expected) in tenants {
        let tenant = app.tenant(name).await;
        let people = tenants::members(app.domain(), &tenant).await;
        let names: Vec<String> = people
            .expect("members")
            .into_iter()
            .map(|member| member.username)
            .collect();
        assert_eq!(
            names.contains(&"nora".to_owned()),
            expected,
            "{name}: {names:?}"
        );
    }
}
