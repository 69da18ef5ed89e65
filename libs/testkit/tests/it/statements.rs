//! What a request asks of the database does not grow with the rows that it finds: every method
//! that returns a list, and every page, makes as many statements for one row as for a thousand.

use rpc::Registry;
use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, ROOT, TESTER, Work};

/// Makes `$1` more rows of a kind out of the first one.
const MORE: &[&str] = &[
    "INSERT INTO product (name, classification_id)
     SELECT 'more ' || n, p.classification_id
     FROM (SELECT classification_id FROM product ORDER BY id LIMIT 1) p, generate_series(1, $1) n
     ON CONFLICT DO NOTHING",
    "INSERT INTO version (value, product_id)
     SELECT 'more ' || n, v.product_id
     FROM (SELECT product_id FROM version ORDER BY id LIMIT 1) v, generate_series(1, $1) n
     ON CONFLICT DO NOTHING",
    "INSERT INTO build (name, version_id)
     SELECT 'more ' || n, b.version_id
     FROM (SELECT version_id FROM build ORDER BY id LIMIT 1) b, generate_series(1, $1) n
     ON CONFLICT DO NOTHING",
    "INSERT INTO category (name, product_id)
     SELECT 'more ' || n, c.product_id
     FROM (SELECT product_id FROM category ORDER BY id LIMIT 1) c, generate_series(1, $1) n
     ON CONFLICT DO NOTHING",
    "INSERT INTO tag (name)
     SELECT 'more ' || n
     FROM generate_series(1, $1) n
     ON CONFLICT DO NOTHING",
    "INSERT INTO test_plan (name, product_version_id, author_id, product_id, type_id, parent_id)
     SELECT 'more ' || n, p.product_version_id, p.author_id, p.product_id, p.type_id, p.id
     FROM (SELECT * FROM test_plan ORDER BY id LIMIT 1) p, generate_series(1, $1) n",
    "INSERT INTO test_case (summary, case_status_id, category_id, priority_id, author_id)
     SELECT 'more ' || n, c.case_status_id, c.category_id, c.priority_id, c.author_id
     FROM (SELECT * FROM test_case ORDER BY id LIMIT 1) c, generate_series(1, $1) n",
    "INSERT INTO test_case_plan (plan_id, case_id, sortkey)
     SELECT (SELECT min(id) FROM test_plan), c.id, c.id
     FROM test_case c
     ON CONFLICT DO NOTHING",
    "INSERT INTO test_case_tag (case_id, tag_id)
     SELECT (SELECT min(id) FROM test_case), t.id
     FROM tag t
     ON CONFLICT DO NOTHING",
    "INSERT INTO test_case_property (case_id, name, value)
     SELECT (SELECT min(id) FROM test_case), 'more ' || n, 'x'
     FROM generate_series(1, $1) n
     ON CONFLICT DO NOTHING",
    "INSERT INTO test_run (summary, plan_id, build_id, manager_id)
     SELECT 'more ' || n, r.plan_id, r.build_id, r.manager_id
     FROM (SELECT * FROM test_run ORDER BY id LIMIT 1) r, generate_series(1, $1) n",
    "INSERT INTO test_execution (run_id, case_id, status_id, build_id, case_text_version, sortkey)
     SELECT e.run_id, c.id, e.status_id, e.build_id, e.case_text_version, c.id
     FROM (SELECT * FROM test_execution ORDER BY id LIMIT 1) e, test_case c
     WHERE c.summary LIKE 'more %'",
    "INSERT INTO test_execution_tag (execution_id, tag_id)
     SELECT (SELECT min(id) FROM test_execution), t.id
     FROM tag t
     ON CONFLICT DO NOTHING",
    "INSERT INTO link_reference (execution_id, name, url)
     SELECT (SELECT min(id) FROM test_execution), 'more ' || n, 'https://example.com/' || n
     FROM generate_series(1, $1) n",
    "INSERT INTO history (kind, object_id, type, row)
     SELECT h.kind, h.object_id, '~', h.row
     FROM (SELECT DISTINCT ON (kind) kind, object_id, row FROM history ORDER BY kind, id) h,
          generate_series(1, $1) n",
];

/// Fills the tables.
async fn grow(app: &App, rows: i32) {
    let tenant = app.tenant(ALPHA).await;
    let tenancy = app.domain().tenancy();
    let mut tx = tenancy.begin(&tenant).await.expect("a transaction");
    for sql in MORE {
        let statement = sqlx::query(*sql);
        let statement = if sql.contains("$1") {
            statement.bind(rows)
        } else {
            statement
        };
        statement.execute(tx.conn()).await.expect(sql);
    }
    tx.commit().await.expect("the end");
}

/// Calls of every method that returns rows.
fn calls(work: &Work) -> Vec<(&'static str, Value)> {
    let (case, run, execution) = (work.cases[0], work.run, work.executions[0]);
    let mut calls: Vec<(&'static str, Value)> = Registry::standard()
        .methods()
        .filter(|method| method.name.ends_with(".filter"))
        .map(|method| (method.name, json!([{}])))
        .collect();
    calls.extend([
        ("TestCase.filter", json!([{"plan": work.plan}])),
        ("TestCase.sortkeys", json!([{"plan": work.plan}])),
        ("TestCase.history", json!([case, {}])),
        ("TestCase.properties", json!([{"case": case}])),
        ("TestCase.comments", json!([case])),
        ("TestRun.get_cases", json!([run])),
        ("TestExecution.filter", json!([{"run": run}])),
        ("TestExecution.history", json!([execution])),
        ("TestExecution.get_links", json!([{"execution": execution}])),
        ("TestExecution.get_comments", json!([execution])),
        ("Testing.breakdown", json!([{}])),
        ("Testing.status_matrix", json!([{}])),
        ("Testing.execution_trends", json!([{}])),
        ("Testing.test_case_health", json!([{}])),
        ("Testing.individual_test_case_health", json!([{}])),
    ]);
    calls
}

/// Turns of each call and each page; what a cache forgets between two of them is asked for once more.
const TURNS: usize = 3;

/// Statements of each call and each page when caches are full.
async fn count(app: &App, client: &mut Client, work: &Work) -> Vec<(String, usize)> {
    let pages = [
        "/".to_owned(),
        format!("/plan/{}/", work.plan),
        format!("/runs/{}/", work.run),
        format!("/ui/executions/{}/panel/", work.executions[0]),
    ];
    let mut counts = Vec::new();
    for (method, params) in calls(work) {
        let mut least = usize::MAX;
        for _ in 0..TURNS {
            let before = app.statements();
            client.call(method, params.clone()).await.expect(method);
            least = least.min(app.statements() - before);
        }
        counts.push((format!("{method} {params}"), least));
    }
    for page in pages {
        let mut least = usize::MAX;
        for _ in 0..TURNS {
            let before = app.statements();
            // a plan's page points to its full address
            let mut answer = client.get(&page).await;
            if answer.status == 301 || answer.status == 302 {
                let address = answer.header("location").to_owned();
                answer = client.get(&address).await;
            }
            answer.expect_status(200);
            least = least.min(app.statements() - before);
        }
        counts.push((page, least));
    }
    counts
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_number_of_rows() {
    let app = App::start_logged().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let comment = json!([work.cases[0], "something"]);
    root.call("TestCase.add_comment", comment)
        .await
        .expect("a comment");
    grow(&app, 1).await;
    let few = count(&app, &mut root, &work).await;
    for (name, statements) in &few {
        assert!((3..=20).contains(statements), "{name}: {statements}");
    }
    for rows in [100, 1000] {
        grow(&app, rows).await;
        let many = count(&app, &mut root, &work).await;
        assert_eq!(many, few, "with {rows} rows");
    }
    let found = root.call("TestExecution.filter", json!([{"run": work.run}]));
    let found = found.await.expect("rows");
    assert!(found.as_array().expect("a list").len() > 1000);
}

fn ids(rows: &Value) -> Vec<i64> {
    let id = |row: &Value| row["id"].as_i64().or_else(|| row.as_i64());
    let rows = rows.as_array().expect("a list");
    rows.iter().map(|row| id(row).expect("an id")).collect()
}

/// Statements of each method that writes many rows, for this many.
async fn count_writes(app: &App, client: &mut Client, work: &Work, rows: usize) -> Vec<usize> {
    let mut counts = Vec::new();
    let mut call = async |method: &str, params: Value| -> Vec<i64> {
        let before = app.statements();
        let answer = client.call(method, params).await.expect(method);
        counts.push(app.statements() - before);
        ids(&answer)
    };
    let case = json!({
        "summary": "one of many", "category": work.category, "priority": work.priority,
        "case_status": work.confirmed,
    });
    let cases = call("TestCase.create_many", json!([vec![case; rows]])).await;
    let changes: Vec<Value> = cases
        .iter()
        .map(|id| json!({"id": id, "summary": "changed", "reviewer": TESTER}))
        .collect();
    call("TestCase.update_many", json!([changes])).await;
    let executions = call("TestRun.add_cases", json!([work.run, cases])).await;
    assert_eq!(executions.len(), rows);
    call("TestRun.add_cases", json!([work.run, cases])).await;
    let changes: Vec<Value> = executions
        .iter()
        .map(|id| json!({"id": id, "status": 4, "case_text_version": "latest"}))
        .collect();
    call("TestExecution.update_many", json!([changes])).await;
    // with everything that hangs on them
    let query = json!([{"id__in": cases}]);
    let before = app.statements();
    client
        .call("TestCase.remove", query)
        .await
        .expect("removed");
    counts.push(app.statements() - before);
    counts
}

#[tokio::test]
async fn the_number_of_statements_does_not_depend_on_the_number_of_rows_that_are_written() {
    let app = App::start_logged().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    // the first time only fills caches
    count_writes(&app, &mut root, &work, 1).await;
    let few = count_writes(&app, &mut root, &work, 1).await;
    for rows in [100, 1000] {
        let many = count_writes(&app, &mut root, &work, rows).await;
        assert_eq!(many, few, "with {rows} rows");
    }
}
