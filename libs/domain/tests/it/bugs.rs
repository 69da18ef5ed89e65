//! Bugs tell their life in comments.

use domain::bug::{self, Bug};
use domain::comment::{self, Subject};
use domain::{Ctx, Error};
use entity::{Fk, Id};
use serde_json::json;
use testkit::{ALPHA, App, ROOT, TESTER, Work};

use crate::id;

fn new(ctx: &Ctx, work: &Work) -> Bug {
    Bug {
        summary: "Lid leaks".to_owned(),
        created_at: ctx.now,
        status: true,
        reporter: Fk::new(ctx.caller().id().unwrap()),
        product: Fk::new(id(work.product)),
        version: Fk::new(id(work.version)),
        build: Fk::new(id(work.build)),
        ..Bug::default()
    }
}

async fn comments(ctx: &mut Ctx, bug: Id) -> Vec<String> {
    let comments = comment::list(ctx, Subject::Bug, bug).await.unwrap();
    comments
        .into_iter()
        .map(|comment| comment.comment)
        .collect()
}

#[tokio::test]
async fn gap_015_a_bug_tells_its_life_and_who_comments_does_not_close_it() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let tester = root
        .call("User.filter", json!([{"username": TESTER}]))
        .await;
    let tester = tester.unwrap()[0]["id"].as_i64().unwrap();
    let owned = json!([{"name": "Spout", "product": work.product, "initial_owner": tester}]);
    root.call("Component.create", owned).await.unwrap();
    let severity = json!([{"name": "High", "weight": 1, "icon": "fa fa-fire", "color": "#ff0000"}]);
    let severity = root.call("Severity.create", severity).await.unwrap()["id"]
        .as_i64()
        .unwrap();
    let mut ctx = app.request(ALPHA, ROOT).await.begin().await.unwrap();
    let mut bug = new(&ctx, &work);
    bug::report(&mut ctx, &mut bug, "It leaks.".to_owned())
        .await
        .unwrap();
    assert_eq!(bug.assignee, Some(Fk::new(id(tester))));

    let changed = Bug {
        summary: "Lid drips".to_owned(),
        severity: Some(Fk::new(id(severity))),
        assignee: Some(bug.reporter),
        ..bug.clone()
    };
    bug::update(&mut ctx, &bug, &changed).await.unwrap();
    bug::update(&mut ctx, &changed, &changed.clone())
        .await
        .unwrap();
    bug::close(&mut ctx, bug.id, "Fixed in b2.").await.unwrap();
    bug::close(&mut ctx, bug.id, " ").await.unwrap();
    bug::reopen(&mut ctx, bug.id, "").await.unwrap();
    assert_eq!(
        comments(&mut ctx, bug.id).await,
        [
            "It leaks.",
            "Summary: Lid leaks -> Lid drips\nAssignee: tester-user -> root-user\n\
             Severity: None -> High",
            "Fixed in b2.",
            "*bug closed*",
            "*bug reopened*",
        ]
    );
    let now: Bug = ctx.get(bug.id).await.unwrap();
    assert!(now.status);
    ctx.commit().await.unwrap();

    let revoke = "DELETE FROM group_permission WHERE permission = 'bugs.change_bug'";
    let mut ctx = app.request(ALPHA, ROOT).await.begin().await.unwrap();
    sqlx::query(revoke).execute(ctx.conn()).await.unwrap();
    ctx.commit().await.unwrap();
    // the right to comment is not enough
    let mut ctx = app.request(ALPHA, TESTER).await.begin().await.unwrap();
    let refused = bug::close(&mut ctx, bug.id, "").await;
    assert!(matches!(refused, Err(Error::Forbidden("bugs.change_bug"))));
}
