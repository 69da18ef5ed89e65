//! New runs as the form makes them.

use domain::test_execution::matrix::Matrix;
use domain::test_run::{self, Contents, TestRun};
use domain::{Ctx, Error};
use entity::{Fk, Id};
use serde_json::{Value, json};
use testkit::{ALPHA, App, ROOT, TESTER, Work};

use crate::{id, ids};

async fn begin(app: &App) -> Ctx {
    app.request(ALPHA, ROOT).await.begin().await.unwrap()
}

fn run(ctx: &Ctx, work: &Work) -> TestRun {
    TestRun {
        summary: "Round".to_owned(),
        plan: Fk::new(id(work.plan)),
        build: Fk::new(id(work.build)),
        manager: Fk::new(ctx.caller().id().unwrap()),
        ..TestRun::default()
    }
}

async fn environment(app: &App, name: &str, pairs: &[(&str, &str)]) -> Id {
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let made = root
        .call("Environment.create", json!([{"name": name}]))
        .await;
    let made = made.unwrap()["id"].as_i64().unwrap();
    for (name, value) in pairs {
        root.call("Environment.add_property", json!([made, name, value]))
            .await
            .unwrap();
    }
    id(made)
}

#[tokio::test]
async fn a_run_begins_with_an_execution_for_each_combination() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let lab = environment(
        &app,
        "Lab",
        &[("os", "linux"), ("lang", "en"), ("lang", "bg")],
    )
    .await;
    let desk = environment(&app, "Desk", &[("os", "linux")]).await;
    for value in ["ff", "chrome"] {
        let property = json!([work.cases[2], "browser", value]);
        root.call("TestCase.add_property", property).await.unwrap();
    }
    let tester = json!([work.cases[0], {"default_tester": TESTER}]);
    root.call("TestCase.update", tester).await.unwrap();
    let out = json!([work.plan, work.cases[1]]);
    root.call("TestPlan.remove_case", out).await.unwrap();

    let mut ctx = begin(&app).await;
    let mut round = run(&ctx, &work);
    let contents = Contents {
        cases: ids(&[work.cases[2], work.cases[1], work.cases[0], work.cases[0]]),
        environments: vec![lab, desk],
        matrix: Matrix::Full,
    };
    let added = test_run::start(&mut ctx, &mut round, &contents)
        .await
        .unwrap();
    let shown: Vec<(Id, Option<i32>, String)> = added
        .iter()
        .map(|added| {
            let pairs: Vec<String> = added
                .properties
                .iter()
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            (
                added.execution.case.id(),
                added.execution.sortkey,
                pairs.join(" "),
            )
        })
        .collect();
    let [first, second, third] = [0, 1, 2].map(|n| id(work.cases[n]));
    let expected = [
        (first, 0, "lang=bg os=linux"),
        (first, 0, "lang=en os=linux"),
        // not in the plan: the second of the chosen ones
        (second, 20, "lang=bg os=linux"),
        (second, 20, "lang=en os=linux"),
        (third, 20, "browser=chrome lang=bg os=linux"),
        (third, 20, "browser=chrome lang=en os=linux"),
        (third, 20, "browser=ff lang=bg os=linux"),
        (third, 20, "browser=ff lang=en os=linux"),
    ]
    .map(|(case, key, pairs)| (case, Some(key), pairs.to_owned()));
    assert_eq!(shown, expected);
    // without a tester of the run each case is for its own
    let tester: Id = sqlx::query_scalar("SELECT id FROM member WHERE username = $1")
        .bind(TESTER)
        .fetch_one(ctx.conn())
        .await
        .unwrap();
    let assignee = |n: usize| added[n].execution.assignee.map(Fk::id);
    assert_eq!((assignee(0), assignee(2)), (Some(tester), None));

    let mut round = TestRun {
        default_tester: Some(Fk::new(ctx.caller().id().unwrap())),
        ..run(&ctx, &work)
    };
    let contents = Contents {
        matrix: Matrix::Pairwise,
        ..contents
    };
    let added = test_run::start(&mut ctx, &mut round, &contents)
        .await
        .unwrap();
    assert!(added.len() < shown.len() + 1);
    let all_mine = added
        .iter()
        .all(|added| added.execution.assignee == round.default_tester);
    assert!(
        all_mine,
        "the tester of the run comes before that of a case"
    );
    let pairs: Vec<String> = sqlx::query_scalar(
        "SELECT concat(name, '=', value) FROM test_run_property WHERE run_id = $1 ORDER BY 1",
    )
    .bind(round.id)
    .fetch_all(ctx.conn())
    .await
    .unwrap();
    assert_eq!(pairs, ["lang=bg", "lang=en", "os=linux"]);
}

#[tokio::test]
async fn a_run_takes_confirmed_cases_only() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let proposed = root
        .call("TestCaseStatus.filter", json!([{"is_confirmed": false}]))
        .await;
    let proposed: Value = proposed.unwrap()[0]["id"].clone();
    let unready = json!([work.cases[1], {"case_status": proposed}]);
    root.call("TestCase.update", unready).await.unwrap();
    let mut ctx = begin(&app).await;
    let mut round = run(&ctx, &work);
    let contents = Contents {
        cases: ids(&[work.cases[0], work.cases[1], 999_999]),
        ..Contents::default()
    };
    let refused = test_run::start(&mut ctx, &mut round, &contents).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        format!(
            "[('case', ['TC-{} status is not confirmed', \
             'TestCase matching query does not exist.'])]",
            work.cases[1]
        )
    );
    drop(ctx);
    let mut ctx = begin(&app).await;
    let contents = Contents {
        environments: vec![999_999],
        ..Contents::default()
    };
    let mut round = run(&ctx, &work);
    let missing = test_run::start(&mut ctx, &mut round, &contents).await;
    assert!(matches!(
        missing,
        Err(Error::NotFound {
            entity: "Environment"
        })
    ));

    // the form tells beforehand
    let plan = id(work.plan);
    let draft = test_run::draft(&mut ctx, plan, &[]).await.unwrap();
    assert_eq!(draft.summary, "Test run for Plan");
    assert_eq!(draft.cases, ids(&[work.cases[0], work.cases[2]]));
    assert_eq!(
        (draft.default_tester, draft.build),
        (ctx.caller().id(), None)
    );
    assert!(draft.unconfirmed.is_empty());
    let chosen = ids(&[work.cases[1], work.cases[0], work.cases[1]]);
    let draft = test_run::draft(&mut ctx, plan, &chosen).await.unwrap();
    assert_eq!(draft.cases, chosen[..2]);
    assert_eq!(draft.unconfirmed, chosen[..1]);
    let missing = test_run::draft(&mut ctx, plan, &[999_999]).await;
    assert!(matches!(
        missing,
        Err(Error::NotFound { entity: "TestCase" })
    ));
}

#[tokio::test]
async fn another_round_begins_with_what_was_planned() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let values = json!({"notes": "n", "default_tester": TESTER, "planned_start": "2026-01-02",
        "planned_stop": "2026-01-03", "start_date": "2026-01-04", "stop_date": "2026-01-05"});
    for (method, params) in [
        ("TestRun.update", json!([work.run, values])),
        ("TestRun.add_tag", json!([work.run, "tag"])),
        ("TestRun.add_property", json!([work.run, "os", "linux"])),
    ] {
        root.call(method, params).await.unwrap();
    }
    let mut ctx = begin(&app).await;
    let old: TestRun = ctx.get(id(work.run)).await.unwrap();
    let draft = test_run::draft_of_copy(&mut ctx, old.id).await.unwrap();
    assert_eq!(
        draft,
        test_run::Draft {
            summary: "Clone of Run".to_owned(),
            notes: "n".to_owned(),
            plan: id(work.plan),
            build: Some(id(work.build)),
            manager: old.manager.id(),
            default_tester: old.default_tester.map(Fk::id),
            planned_start: old.planned_start,
            planned_stop: old.planned_stop,
            cases: ids(&work.cases),
            unconfirmed: vec![],
        }
    );
    let mut new = TestRun {
        summary: draft.summary,
        ..run(&ctx, &work)
    };
    let contents = Contents {
        cases: draft.cases,
        ..Contents::default()
    };
    let added = test_run::start(&mut ctx, &mut new, &contents)
        .await
        .unwrap();
    assert_eq!(added.len(), 3);
    let empty: bool = sqlx::query_scalar(
        "SELECT NOT EXISTS (SELECT FROM test_run_tag WHERE run_id = $1)
            AND NOT EXISTS (SELECT FROM test_run_property WHERE run_id = $1)",
    )
    .bind(new.id)
    .fetch_one(ctx.conn())
    .await
    .unwrap();
    assert!(empty);
}
