//! Copies of cases and of plans.

use domain::test_case::{self, TestCase};
use domain::test_plan::{self, Copying, TestPlan};
use domain::{Ctx, Error};
use entity::{Id, Map};
use serde_json::json;
use testkit::{ALPHA, App, ROOT, TESTER, Work};

use crate::{id, ids, texts};

async fn begin(app: &App, username: &str) -> Ctx {
    let request = app.request(ALPHA, username).await;
    request.begin().await.unwrap()
}

/// Gives the first case of the work everything that a case can have.
async fn furnish(app: &App, work: &Work) {
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let case = work.cases[0];
    let me = root.call("User.filter", json!([{"username": ROOT}])).await;
    let me = me.unwrap()[0]["id"].clone();
    let component = json!([{"name": "Lid", "product": work.product, "initial_owner": me,
        "description": "the upper part"}]);
    let category = json!([{"name": "Smoke", "product": work.product, "description": "quick"}]);
    root.call("Component.create", component).await.unwrap();
    let category = root.call("Category.create", category).await.unwrap()["id"].clone();
    let values = json!({"category": category, "script": "s.sh", "arguments": "-v",
        "requirement": "R1", "extra_link": "https://example.com/", "notes": "n",
        "is_automated": true, "setup_duration": "0:05:00", "testing_duration": "1:00:00",
        "reviewer": TESTER, "default_tester": TESTER});
    for (method, params) in [
        ("TestCase.update", json!([case, values])),
        ("TestCase.add_component", json!([case, "Lid"])),
        ("TestCase.add_tag", json!([case, "one"])),
        ("TestCase.add_tag", json!([case, "two"])),
        ("TestCase.add_property", json!([case, "os", "linux"])),
        ("TestCase.add_comment", json!([case, "a word"])),
        (
            "TestCase.add_notification_cc",
            json!([case, ["cc@example.com"]]),
        ),
        ("TestCase.add_attachment", json!([case, "a.txt", "eA=="])),
    ] {
        root.call(method, params).await.unwrap();
    }
}

async fn only<T>(ctx: &mut Ctx, sql: &'static str, case: Id) -> Vec<T>
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    sqlx::query_scalar(sql)
        .bind(case)
        .fetch_all(ctx.conn())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_copy_of_a_case_is_a_case_of_its_own() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    furnish(&app, &work).await;
    domain::mail::delete(app.domain(), &domain::mail::Filter::default())
        .await
        .unwrap();
    let mut ctx = begin(&app, TESTER).await;
    let source: TestCase = ctx.get(id(work.cases[0])).await.unwrap();
    let copies = test_case::copy(&mut ctx, &[source.id, source.id], &[])
        .await
        .unwrap();
    assert_eq!(copies.len(), 1, "each case once");
    let copy: TestCase = ctx.get(copies[0].id).await.unwrap();
    let unconfirmed: Id =
        sqlx::query_scalar("SELECT min(id) FROM test_case_status WHERE NOT is_confirmed")
            .fetch_one(ctx.conn())
            .await
            .unwrap();
    let me = ctx.caller().id().unwrap();
    assert_eq!((copy.author.id(), copy.case_status.id()), (me, unconfirmed));
    assert_eq!(copy.create_date, ctx.now);
    let kept = |case: &TestCase| {
        (
            case.summary.clone(),
            case.text.clone(),
            (
                case.is_automated,
                case.script.clone(),
                case.arguments.clone(),
            ),
            (
                case.requirement.clone(),
                case.extra_link.clone(),
                case.notes.clone(),
            ),
            (case.setup_duration, case.testing_duration),
            (case.category, case.priority),
            (case.default_tester, case.reviewer),
        )
    };
    assert_eq!(kept(&copy), kept(&source));
    let tags: Vec<String> = only(
        &mut ctx,
        "SELECT t.name::text FROM test_case_tag l JOIN tag t ON t.id = l.tag_id
         WHERE l.case_id = $1 ORDER BY t.name",
        copy.id,
    )
    .await;
    assert_eq!(tags, ["one", "two"]);
    let rest: Vec<i64> = only(
        &mut ctx,
        "SELECT (SELECT count(*) FROM test_case_component WHERE case_id = $1)
              + (SELECT count(*) FROM test_case_property WHERE case_id = $1)
              + (SELECT count(*) FROM test_case_plan WHERE case_id = $1)
              + (SELECT count(*) FROM comment WHERE kind = 'testcases.testcase' AND object_id = $1)
              + (SELECT count(*) FROM attachment WHERE kind = 'testcases.testcase' AND object_id = $1)
              + (SELECT count(*) FROM test_case WHERE id = $1 AND cc_list <> '')",
        copy.id,
    )
    .await;
    assert_eq!(rest, [0], "neither components nor what people have added");
    let history: Vec<String> = only(
        &mut ctx,
        "SELECT type::text FROM history WHERE kind = 'testcase' AND object_id = $1",
        copy.id,
    )
    .await;
    assert_eq!(history, ["+"]);
    ctx.commit().await.unwrap();
    let mail = domain::mail::counts(app.domain()).await.unwrap();
    assert_eq!(mail.waiting, 0, "nobody is told");

    let mut ctx = begin(&app, TESTER).await;
    let nothing = test_case::copy(&mut ctx, &[], &[]).await;
    assert_eq!(
        nothing.map_err(|error| error.to_string()).unwrap_err(),
        "At least one TestCase is required"
    );
    for (cases, plans) in [(&[999_999][..], &[][..]), (&[source.id], &[999_999])] {
        let missing = test_case::copy(&mut ctx, cases, plans).await;
        assert!(
            matches!(missing, Err(Error::NotFound { .. })),
            "{missing:?}"
        );
    }
}

#[tokio::test]
async fn a_copy_moves_to_the_product_of_its_plan() {
    let app = App::start().await;
    let (work, other) = (app.work(ALPHA).await, app.work(ALPHA).await);
    furnish(&app, &work).await;
    let mut ctx = begin(&app, TESTER).await;
    let (home, away) = (id(work.plan), id(other.plan));
    let copies = test_case::copy(&mut ctx, &ids(&work.cases[..2]), &[home, away])
        .await
        .unwrap();
    assert_eq!(copies.len(), 2);
    let told = texts(
        &mut ctx,
        "SELECT concat_ws('|', c.summary, g.name, g.description, p.id)
         FROM test_case c
         JOIN category g ON g.id = c.category_id
         JOIN product p ON p.id = g.product_id
         ORDER BY c.id DESC
         LIMIT 2",
    )
    .await;
    let product = other.product;
    assert_eq!(
        told,
        [
            format!("Second case|--default--||{product}"),
            format!("First case|Smoke|quick|{product}"),
        ]
    );
    let components = texts(
        &mut ctx,
        "SELECT concat_ws('|', k.name, k.description, k.product_id, m.username)
         FROM test_case_component l
         JOIN component k ON k.id = l.component_id
         JOIN member m ON m.id = k.initial_owner_id
         WHERE l.case_id = (SELECT max(id) - 1 FROM test_case)
         ORDER BY k.product_id",
    )
    .await;
    assert_eq!(
        components,
        [
            format!("Lid|the upper part|{}|{ROOT}", work.product),
            format!("Lid|the upper part|{product}|{TESTER}"),
        ]
    );
    for plan in [home, away] {
        let places: Vec<(String, i32)> = sqlx::query_as(
            "SELECT c.summary::text, l.sortkey
             FROM test_case_plan l
             JOIN test_case c ON c.id = l.case_id
             WHERE l.plan_id = $1
             ORDER BY l.sortkey",
        )
        .bind(plan)
        .fetch_all(ctx.conn())
        .await
        .unwrap();
        let expected = [
            "First case",
            "Second case",
            "Third case",
            "First case",
            "Second case",
        ];
        let expected: Vec<(String, i32)> = expected
            .map(str::to_owned)
            .into_iter()
            .zip((0..).step_by(10))
            .collect();
        assert_eq!(places, expected);
    }
    // what is there already is used, not made again
    test_case::copy(&mut ctx, &ids(&work.cases[..1]), &[away])
        .await
        .unwrap();
    let doubles = texts(
        &mut ctx,
        "SELECT name::text FROM component GROUP BY name, product_id HAVING count(*) > 1",
    )
    .await;
    assert!(doubles.is_empty(), "{doubles:?}");
}

fn values(name: &str, work: &Work) -> Map {
    Map::from_iter([
        ("name".into(), name.into()),
        ("product".into(), work.product.into()),
        ("product_version".into(), work.version.into()),
    ])
}

/// The cases of a plan with their places.
async fn members(ctx: &mut Ctx, plan: Id) -> Vec<(Id, String, Option<i32>)> {
    sqlx::query_as(
        "SELECT c.id, c.summary::text, l.sortkey
         FROM test_case_plan l
         JOIN test_case c ON c.id = l.case_id
         WHERE l.plan_id = $1
         ORDER BY l.sortkey, l.id",
    )
    .bind(plan)
    .fetch_all(ctx.conn())
    .await
    .unwrap()
}

#[tokio::test]
async fn a_copy_of_a_plan_shares_its_cases_or_has_its_own() {
    let app = App::start().await;
    let (work, other) = (app.work(ALPHA).await, app.work(ALPHA).await);
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    for (method, params) in [
        ("TestPlan.add_tag", json!([work.plan, "kept"])),
        (
            "TestPlan.update_case_order",
            json!([work.plan, work.cases[2], 5]),
        ),
        (
            "TestPlan.update_case_order",
            json!([work.plan, work.cases[0], null]),
        ),
        (
            "TestPlan.update",
            json!([work.plan, {"extra_link": "https://example.com/", "is_active": false}]),
        ),
        (
            "TestPlan.create",
            json!([{"name": "Below", "type": 1, "product": work.product,
                "product_version": work.version, "parent": work.plan}]),
        ),
    ] {
        root.call(method, params).await.unwrap();
    }
    let mut ctx = begin(&app, TESTER).await;
    let source: TestPlan = ctx.get(id(work.plan)).await.unwrap();
    let before = members(&mut ctx, source.id).await;
    assert_eq!(test_plan::name_of_copy(&source), "Copy of Plan");

    let alone = Copying::default();
    let shared = test_plan::copy(&mut ctx, source.id, &values("Shared", &work), alone)
        .await
        .unwrap();
    assert_eq!(members(&mut ctx, shared.id).await, before);
    assert_eq!(
        (shared.parent, shared.author.id()),
        (None, ctx.caller().id().unwrap())
    );
    assert_eq!(
        (
            shared.text.as_str(),
            shared.is_active,
            shared.r#type,
            shared.create_date
        ),
        ("What is tested", false, source.r#type, ctx.now)
    );
    assert_eq!(shared.extra_link, source.extra_link);
    let tags = texts(
        &mut ctx,
        "SELECT t.name::text FROM test_plan_tag l JOIN tag t ON t.id = l.tag_id
         WHERE l.plan_id = (SELECT max(id) FROM test_plan)",
    )
    .await;
    assert_eq!(tags, ["kept"]);
    let family = test_plan::family(&mut ctx, shared.id).await.unwrap();
    assert_eq!(family.len(), 1, "the plans below are not taken along");

    let below = Copying {
        cases: true,
        parent: true,
    };
    let own = test_plan::copy(&mut ctx, source.id, &values("Own", &other), below)
        .await
        .unwrap();
    let copied = members(&mut ctx, own.id).await;
    let told = |rows: &[(Id, String, Option<i32>)]| -> Vec<(String, Option<i32>)> {
        rows.iter()
            .map(|(_, summary, key)| (summary.clone(), *key))
            .collect()
    };
    assert_eq!(told(&copied), told(&before));
    assert!(
        copied
            .iter()
            .all(|(case, ..)| before.iter().all(|(old, ..)| old != case))
    );
    assert_eq!(own.parent.map(entity::Fk::id), Some(source.id));
    let names: Vec<String> = test_plan::family(&mut ctx, source.id)
        .await
        .unwrap()
        .into_iter()
        .map(|node| node.name)
        .collect();
    assert_eq!(names, ["Plan", "Below", "Own"]);

    let mut foreign = values("Wrong", &work);
    foreign.insert("product_version".into(), other.version.into());
    let refused = test_plan::copy(&mut ctx, source.id, &foreign, alone).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "[('product_version', ['Select a valid choice. That choice is not one of the available \
         choices.'])]"
    );
    let refused = test_plan::copy(&mut ctx, source.id, &values("", &work), alone).await;
    assert_eq!(
        refused.unwrap_err().to_string(),
        "[('name', ['This field is required.'])]"
    );
    let refused = test_plan::copy(&mut ctx, source.id, &Map::new(), alone).await;
    let Err(Error::Invalid(errors)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(errors.0.len(), 3);
}

#[tokio::test]
async fn a_large_plan_is_copied_with_the_statements_of_a_small_one() {
    let app = App::start_logged().await;
    let work = app.work(ALPHA).await;
    furnish(&app, &work).await;
    let mut counts = vec![];
    for more in [0, 300] {
        let mut ctx = begin(&app, TESTER).await;
        sqlx::query(
            "INSERT INTO test_case (summary, case_status_id, category_id, priority_id, author_id)
             SELECT 'more ' || n, c.case_status_id, c.category_id, c.priority_id, c.author_id
             FROM (SELECT * FROM test_case ORDER BY id LIMIT 1) c, generate_series(1, $1) n",
        )
        .bind(more)
        .execute(ctx.conn())
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO test_case_plan (plan_id, case_id, sortkey)
             SELECT $1, id, id FROM test_case
             ON CONFLICT DO NOTHING",
        )
        .bind(id(work.plan))
        .execute(ctx.conn())
        .await
        .unwrap();
        let before = app.statements();
        let copying = Copying {
            cases: true,
            parent: false,
        };
        let name = format!("Copy with {more} more");
        let plan = test_plan::copy(&mut ctx, id(work.plan), &values(&name, &work), copying)
            .await
            .unwrap();
        counts.push(app.statements() - before);
        assert!(members(&mut ctx, plan.id).await.len() >= more as usize);
        ctx.commit().await.unwrap();
    }
    assert_eq!(counts[0], counts[1]);
}
