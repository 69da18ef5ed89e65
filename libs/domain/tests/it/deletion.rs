//! What goes with what.

use domain::category::Category;
use domain::deletion::{self, Counts, Deletable};
use domain::environment::Environment;
use domain::plan_type::PlanType;
use domain::product::Product;
use domain::tag::Tag;
use domain::test_case::TestCase;
use domain::test_execution::TestExecution;
use domain::test_plan::TestPlan;
use domain::version::Version;
use domain::{Ctx, product, version};
use entity::Id;
use serde_json::json;
use testkit::{ALPHA, App, ROOT, Work};

use crate::{id, ids, texts};

async fn begin(app: &App) -> Ctx {
    app.request(ALPHA, ROOT).await.begin().await.unwrap()
}

/// Hangs something of every kind on the work.
async fn furnish(app: &App, work: &Work) {
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let me = root.call("User.filter", json!([{"username": ROOT}])).await;
    let me = me.unwrap()[0]["id"].clone();
    let (case, run, execution) = (work.cases[0], work.run, work.executions[0]);
    let bug = json!([{"summary": "Bug", "product": work.product, "version": work.version,
        "build": work.build}]);
    let bug = root.call("Bug.create", bug).await.unwrap()["id"].clone();
    let component = json!([{"name": "Lid", "product": work.product, "initial_owner": me}]);
    for (method, params) in [
        ("Component.create", component),
        ("TestCase.add_component", json!([case, "Lid"])),
        ("TestCase.add_property", json!([case, "os", "linux"])),
        ("TestCase.add_comment", json!([case, "a word"])),
        ("TestRun.add_tag", json!([run, "tag"])),
        ("TestRun.add_cc", json!([run, ROOT])),
        ("TestRun.add_property", json!([run, "os", "linux"])),
        ("TestExecution.add_comment", json!([execution, "a word"])),
        (
            "TestExecution.add_link",
            json!([{"execution": execution, "url": "https://example.com/"}]),
        ),
        (
            "TestExecution.add_attachment",
            json!([execution, "a.txt", "eA=="]),
        ),
        ("TestExecution.add_tag", json!([execution, "tag"])),
        ("Bug.add_tag", json!([bug, "tag"])),
        ("Bug.add_execution", json!([bug, execution])),
        ("Bug.add_comment", json!([bug, "a word"])),
        ("TestPlan.add_tag", json!([work.plan, "tag"])),
        ("TestCase.add_tag", json!([case, "tag"])),
    ] {
        root.call(method, params).await.unwrap();
    }
}

/// As many as there are, of everything in the tenant that can go.
async fn rows(ctx: &mut Ctx) -> i64 {
    sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM product) + (SELECT count(*) FROM version)
              + (SELECT count(*) FROM build) + (SELECT count(*) FROM category)
              + (SELECT count(*) FROM component) + (SELECT count(*) FROM test_plan)
              + (SELECT count(*) FROM test_plan_tag) + (SELECT count(*) FROM test_case)
              + (SELECT count(*) FROM test_case_plan) + (SELECT count(*) FROM test_case_component)
              + (SELECT count(*) FROM test_case_tag) + (SELECT count(*) FROM test_case_property)
              + (SELECT count(*) FROM test_run) + (SELECT count(*) FROM test_run_tag)
              + (SELECT count(*) FROM test_run_cc) + (SELECT count(*) FROM test_run_property)
              + (SELECT count(*) FROM test_execution) + (SELECT count(*) FROM link_reference)
              + (SELECT count(*) FROM test_execution_tag)
              + (SELECT count(*) FROM test_execution_property) + (SELECT count(*) FROM bug)
              + (SELECT count(*) FROM bug_tag) + (SELECT count(*) FROM bug_execution)
              + (SELECT count(*) FROM comment) + (SELECT count(*) FROM attachment)
              + (SELECT count(*) FROM tag) + (SELECT count(*) FROM environment)
              + (SELECT count(*) FROM environment_property) + (SELECT count(*) FROM plan_type)",
    )
    .fetch_one(ctx.conn())
    .await
    .unwrap()
}

fn total(counts: &Counts) -> i64 {
    let settings = "testcases.TestCaseEmailSettings";
    let rows = counts.iter().filter(|(label, _)| *label != settings);
    rows.map(|(_, count)| count).sum()
}

/// Deletes and undoes it: what was told before is what has gone.
async fn expect_told<E: Deletable>(app: &App, given: &[Id]) -> Counts {
    let mut ctx = begin(app).await;
    let told = deletion::impact::<E>(&mut ctx, given).await.unwrap();
    let before = rows(&mut ctx).await;
    let counts = deletion::delete::<E>(&mut ctx, given).await.unwrap();
    let gone = before - rows(&mut ctx).await;
    assert_eq!(gone, total(&told), "{} {given:?}: {told:?}", E::META.name);
    let without_records: Counts = told
        .iter()
        .filter(|(label, _)| !["django_comments.Comment", "attachments.Attachment"].contains(label))
        .copied()
        .collect();
    assert_eq!(counts, without_records);
    told
}

#[tokio::test]
async fn gap_017_what_a_deletion_takes_along_is_told_before() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let other = app.work(ALPHA).await;
    for work in [&work, &other] {
        furnish(&app, work).await;
    }
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let environment = json!([{"name": "Lab"}]);
    let environment = root.call("Environment.create", environment).await.unwrap()["id"].clone();
    root.call(
        "Environment.add_property",
        json!([environment, "os", "linux"]),
    )
    .await
    .unwrap();
    let product = expect_told::<Product>(&app, &[id(work.product)]).await;
    assert_eq!(
        product,
        [
            ("management.Product", 1),
            ("management.Version", 2),
            ("management.Build", 3),
            ("testcases.Category", 1),
            ("management.Component", 1),
            ("testplans.TestPlan", 1),
            ("testcases.TestCase", 3),
            ("testcases.TestCaseEmailSettings", 3),
            ("testruns.TestRun", 1),
            ("testruns.TestExecution", 3),
            ("bugs.Bug", 1),
            ("testplans.TestPlanTag", 1),
            ("testcases.TestCasePlan", 3),
            ("testcases.TestCaseComponent", 1),
            ("testcases.TestCaseTag", 1),
            ("testcases.Property", 1),
            ("testruns.TestRunTag", 1),
            ("testruns.TestRunCC", 1),
            ("testruns.Property", 1),
            ("linkreference.LinkReference", 1),
            ("testruns.TestExecutionTag", 1),
            ("bugs.Bug_executions", 1),
            ("bugs.Bug_tags", 1),
            ("django_comments.Comment", 3),
            ("attachments.Attachment", 1),
        ]
    );
    let both = expect_told::<Product>(&app, &ids(&[work.product, other.product])).await;
    assert_eq!(total(&both), 2 * total(&product));
    expect_told::<Version>(&app, &[id(work.version)]).await;
    expect_told::<Category>(&app, &[id(work.category)]).await;
    expect_told::<TestPlan>(&app, &[id(work.plan)]).await;
    expect_told::<TestCase>(&app, &ids(&work.cases)).await;
    expect_told::<TestExecution>(&app, &ids(&work.executions)).await;
    let mut ctx = begin(&app).await;
    let one = async |ctx: &mut Ctx, sql: &'static str| -> Id {
        sqlx::query_scalar(sql).fetch_one(ctx.conn()).await.unwrap()
    };
    let tag = one(&mut ctx, "SELECT id FROM tag").await;
    let kind = one(&mut ctx, "SELECT type_id FROM test_plan LIMIT 1").await;
    let lab = one(&mut ctx, "SELECT id FROM environment").await;
    drop(ctx);
    expect_told::<Tag>(&app, &[tag]).await;
    expect_told::<PlanType>(&app, &[kind]).await;
    expect_told::<Environment>(&app, &[lab]).await;
    assert!(expect_told::<Product>(&app, &[999_999]).await.is_empty());
}

#[tokio::test]
async fn everything_below_a_product_leaves_its_last_record_and_its_mail() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let tester = json!([work.cases[0], {"default_tester": testkit::TESTER}]);
    root.call("TestCase.update", tester).await.unwrap();
    domain::mail::delete(app.domain(), &domain::mail::Filter::default())
        .await
        .unwrap();
    let mut ctx = begin(&app).await;
    deletion::delete::<Product>(&mut ctx, &[id(work.product)])
        .await
        .unwrap();
    let last = texts(
        &mut ctx,
        "SELECT concat(kind, ' ', count(*)) FROM history WHERE type = '-' GROUP BY kind ORDER BY kind",
    )
    .await;
    assert_eq!(
        last,
        [
            "build 3",
            "product 1",
            "testcase 3",
            "testexecution 3",
            "testplan 1",
            "testrun 1",
            "version 2",
        ]
    );
    ctx.commit().await.unwrap();
    let mails = domain::mail::list(app.domain(), &domain::mail::Filter::default(), 10)
        .await
        .unwrap();
    let to: Vec<&str> = mails.iter().map(|entry| entry.mail.to.as_str()).collect();
    assert_eq!(to, ["tester-user@example.com"]);
}

#[tokio::test]
async fn a_plan_takes_the_plans_below_it_along() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut parent = work.plan;
    for name in ["Below", "Further below"] {
        let values = json!([{"name": name, "type": 1, "product": work.product,
            "product_version": work.version, "parent": parent}]);
        let plan = root.call("TestPlan.create", values).await.unwrap();
        parent = plan["id"].as_i64().unwrap();
    }
    let told = expect_told::<TestPlan>(&app, &[id(work.plan)]).await;
    assert!(told.contains(&("testplans.TestPlan", 3)), "{told:?}");
    assert!(told.contains(&("testruns.TestRun", 1)), "{told:?}");
    let cases = told
        .iter()
        .find(|(label, _)| *label == "testcases.TestCase");
    assert_eq!(cases, None, "cases stay");
}

#[tokio::test]
async fn many_rows_go_with_the_statements_of_few() {
    let app = App::start_logged().await;
    let mut counts = vec![];
    for more in [1, 200] {
        let work = app.work(ALPHA).await;
        furnish(&app, &work).await;
        let mut ctx = begin(&app).await;
        sqlx::query(
            "INSERT INTO test_execution
                 (run_id, case_id, status_id, build_id, case_text_version, sortkey)
             SELECT e.run_id, e.case_id, e.status_id, e.build_id, e.case_text_version, n
             FROM (SELECT * FROM test_execution WHERE id = $1) e, generate_series(1, $2) n",
        )
        .bind(id(work.executions[0]))
        .bind(more)
        .execute(ctx.conn())
        .await
        .unwrap();
        sqlx::query("UPDATE test_case SET author_id = (SELECT max(id) FROM member)")
            .execute(ctx.conn())
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO test_case (summary, case_status_id, category_id, priority_id, author_id)
             SELECT 'more ' || n, c.case_status_id, c.category_id, c.priority_id, c.author_id
             FROM (SELECT * FROM test_case WHERE id = $1) c, generate_series(1, $2) n",
        )
        .bind(id(work.cases[0]))
        .bind(more)
        .execute(ctx.conn())
        .await
        .unwrap();
        let before = app.statements();
        deletion::delete::<Product>(&mut ctx, &[id(work.product)])
            .await
            .unwrap();
        counts.push(app.statements() - before);
        ctx.commit().await.unwrap();
    }
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test]
async fn the_defaults_of_a_product_come_back_when_it_is_saved() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut ctx = begin(&app).await;
    let versions: Vec<Id> = sqlx::query_scalar("SELECT id FROM version WHERE product_id = $1")
        .bind(id(work.product))
        .fetch_all(ctx.conn())
        .await
        .unwrap();
    deletion::delete::<Version>(&mut ctx, &versions)
        .await
        .unwrap();
    deletion::delete::<Category>(&mut ctx, &[id(work.category)])
        .await
        .unwrap();
    let old: Product = ctx.get(id(work.product)).await.unwrap();
    let new = Product {
        description: "described".to_owned(),
        ..old.clone()
    };
    product::update(&mut ctx, &old, &new).await.unwrap();
    let names = "SELECT concat_ws('/', g.name, v.value, b.name)
                 FROM category g, version v
                 LEFT JOIN build b ON b.version_id = v.id";
    let expected = ["--default--/unspecified/unspecified"];
    assert_eq!(texts(&mut ctx, names).await, expected);
    sqlx::query("DELETE FROM build")
        .execute(ctx.conn())
        .await
        .unwrap();
    let row: Id = sqlx::query_scalar("SELECT id FROM version")
        .fetch_one(ctx.conn())
        .await
        .unwrap();
    let old: Version = ctx.get(row).await.unwrap();
    version::update(&mut ctx, &old, &old.clone()).await.unwrap();
    assert_eq!(texts(&mut ctx, names).await, expected);
}
