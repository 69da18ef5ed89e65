//! What people have written, shown to others.

use axum::body::Body;
use http::Request;
use serde_json::json;
use testkit::{ALPHA, App, ROOT, TESTER};

const HOSTILE: &str = "<script>alert(1)</script><img src=x onerror=alert(1)>";

/// Whether something in a text would run in a page.
fn runs(html: &str) -> bool {
    html.contains("<script>") || html.contains("onerror=alert(1)>")
}

#[tokio::test]
async fn sec_010_names_of_plans_are_text_in_the_tree() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let values = json!([{"name": HOSTILE, "type": 1, "product": work.product,
        "product_version": work.version, "parent": work.plan}]);
    let child = root.call("TestPlan.create", values).await.expect("a plan")["id"].clone();
    let tree = root.call("TestPlan.tree", json!([work.plan])).await;
    let tree = tree.expect("a tree");
    assert_eq!(tree[1]["id"], child);
    assert!(!runs(&tree.to_string()), "{tree}");
    for plan in [work.plan.to_string(), child.to_string()] {
        let page = root.get(&format!("/plan/{plan}/")).await;
        let page = match page.header("location") {
            "" => page.text(),
            address => root.get(address).await.text(),
        };
        assert!(page.contains("alert(1)"), "the name is shown");
        assert!(!runs(&page), "{page}");
    }
}

#[tokio::test]
async fn sec_024_the_history_runs_nothing() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let changed = json!([work.cases[0], {"text": HOSTILE, "summary": HOSTILE}]);
    root.call("TestCase.update", changed).await.expect("a case");
    let mut ctx = app
        .request(ALPHA, ROOT)
        .await
        .begin()
        .await
        .expect("a transaction");
    let reason: String = sqlx::query_scalar(
        "SELECT reason FROM history WHERE kind = 'testcase' AND type = '~' ORDER BY id DESC LIMIT 1",
    )
    .fetch_one(ctx.conn())
    .await
    .expect("a record");
    assert!(
        reason.contains("&lt;script&gt;"),
        "cleaned when it is written: {reason}"
    );
    // an imported record need not be
    sqlx::query("UPDATE history SET reason = $1 WHERE kind = 'testexecution'")
        .bind(format!("--- notes\n+++ notes\n@@ -1 +1 @@\n-x\n+{HOSTILE}"))
        .execute(ctx.conn())
        .await
        .expect("a statement");
    ctx.commit().await.expect("the end");
    let execution = work.executions[0];
    let history = root.call("TestExecution.history", json!([execution])).await;
    let history = history.expect("records").to_string();
    assert!(history.contains("alert(1)") && !runs(&history), "{history}");
    let panel = root
        .get(&format!("/ui/executions/{execution}/panel/"))
        .await;
    assert!(!runs(&panel.expect_status(200).text()));
}

#[tokio::test]
async fn sec_039_lib_037_password_hashes_are_never_shown() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut shown = vec![];
    for (method, params) in [
        ("User.filter", json!([{}])),
        ("User.update", json!([0, {"first_name": "Ruth"}])),
        ("TestRun.get_cc", json!([work.run])),
    ] {
        shown.push(root.call(method, params).await.expect(method).to_string());
    }
    for path in ["/", "/rpc/", &format!("/runs/{}/", work.run)] {
        shown.push(root.get(path).await.text());
    }
    for text in shown {
        for part in ["$argon2", "pbkdf2_sha", "\"password\":"] {
            assert!(!text.contains(part), "{part} in {text}");
        }
    }
}

#[tokio::test]
async fn lib_032_links_are_made_from_checked_addresses_only() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut ctx = app
        .request(ALPHA, ROOT)
        .await
        .begin()
        .await
        .expect("a transaction");
    // as an import may bring them
    for sql in [
        "UPDATE test_plan SET extra_link = 'javascript:alert(1)'",
        "UPDATE test_case SET extra_link = 'javascript:alert(1)'",
        "INSERT INTO link_reference (execution_id, name, url)
         SELECT id, 'bad', 'javascript:alert(1)' FROM test_execution",
    ] {
        sqlx::query(sql).execute(ctx.conn()).await.expect(sql);
    }
    ctx.commit().await.expect("the end");
    for path in [
        format!("/plan/{}/plan", work.plan),
        format!("/runs/{}/?focus={}", work.run, work.executions[0]),
        format!("/ui/executions/{}/panel/", work.executions[0]),
    ] {
        let page = root.get(&path).await.expect_status(200).text();
        assert!(!page.contains("href=\"javascript:"), "{path}: {page}");
    }
}

#[tokio::test]
async fn lib_022_error_pages_show_no_data() {
    const PLANTED: &str = "planted-4711";
    let app = App::start().await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let send = async |tester: &mut testkit::Client, path: &str| {
        let request = Request::get(path)
            .header("x-secret", PLANTED)
            .header("accept-language", PLANTED)
            .body(Body::empty())
            .expect("a request");
        tester.send(request).await
    };
    let mut statuses = vec![];
    for path in ["/nowhere/", "/runs/999999/", "/accounts/logout/"] {
        let answer = send(&mut tester, path).await;
        statuses.push(answer.status.as_u16());
        assert!(!answer.text().contains(PLANTED), "{path}");
    }
    app.cut_database().await;
    let answer = send(&mut tester, "/").await;
    statuses.push(answer.status.as_u16());
    let page = answer.text();
    for part in [PLANTED, "postgres", "SELECT", "panicked", "libs/"] {
        assert!(!page.contains(part), "{part} in {page}");
    }
    app.restore_database().await;
    assert_eq!(statuses, [404, 404, 405, 503]);
}
