//! Reporting executions to issue trackers, and asking them about issues.

use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, ROOT, STRANGER, TESTER, Work};

const DISABLED: &str = "Enable reporting to this Issue Tracker by configuring its base_url!";

async fn tracker(root: &mut Client, name: &str, kind: &str, base: &str) -> Value {
    let values = json!({
        "name": name, "tracker_type": kind, "base_url": base, "api_password": "word",
    });
    let row = root.call("BugTracker.create", json!([values])).await;
    row.expect("a tracker")["id"].clone()
}

async fn built_in(root: &mut Client, base: &str) -> Value {
    tracker(root, base, "tcms.issuetracker.types.KiwiTCMS", base).await
}

async fn component(root: &mut Client, work: &Work, name: &str, owner: &str) -> Value {
    let people = root.call("User.filter", json!([{"username": owner}])).await;
    let owner = people.expect("people")[0]["id"].clone();
    let values = json!({"name": name, "product": work.product, "initial_owner": owner});
    let row = root.call("Component.create", json!([values])).await;
    row.expect("a component")["initial_owner"].clone()
}

#[tokio::test]
async fn the_built_in_tracker_files_a_bug_with_all_facts() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let mut tester = app.client(ALPHA).log_in(TESTER).await;
    let system = built_in(&mut root, "https://alpha.kiwi.test").await;
    let of_product = component(&mut root, &work, "Attic", STRANGER).await;
    let of_case = component(&mut root, &work, "Basement", TESTER).await;
    root.call("TestCase.add_component", json!([work.cases[0], "Basement"]))
        .await
        .expect("attached");
    // the report shows the text that was executed, not the newest one
    root.call("TestCase.update", json!([work.cases[0], {"text": "newer"}]))
        .await
        .expect("changed");

    let mut bugs = vec![];
    for (execution, owner) in [
        (work.executions[0], &of_case),
        (work.executions[1], &of_product),
    ] {
        let filed = tester.call("Bug.report", json!([execution, system])).await;
        let filed = filed.expect("filed");
        assert_eq!(filed["rc"], 0);
        let query = json!([{"executions": execution}]);
        let bug = root
            .call("Bug.filter_canonical", query)
            .await
            .expect("bugs")[0]
            .take();
        let url = format!("https://alpha.kiwi.test/bugs/{}/", bug["id"]);
        assert_eq!(filed["response"], url);
        assert_eq!(bug["assignee"], *owner);
        assert_eq!(bug["build"], work.build);
        let links = root
            .call("TestExecution.get_links", json!([{"execution": execution}]))
            .await
            .expect("links");
        assert_eq!(links[0]["url"], url);
        assert_eq!(links[0]["is_defect"], true);
        assert_eq!(links.as_array().map(Vec::len), Some(1));
        bugs.push(bug["id"].clone());
    }
    let comments = root.call("Bug.get_comments", json!([bugs[0]])).await;
    let comments = comments.expect("comments");
    let text = comments[0]["comment"].as_str().expect("a text");
    assert_eq!(comments[0]["user_name"], TESTER);
    let first = format!(
        "Filed from execution https://alpha.kiwi.test/runs/{}/#test-execution-{}",
        work.run, work.executions[0]
    );
    assert!(text.starts_with(&first), "{text}");
    for part in ["**Component(s):**\nBasement", "1. Do it", "**Build:**\nb1"] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[tokio::test]
async fn opa_054_the_address_of_a_filed_bug_names_the_port_that_clients_see() {
    let app = App::start_at_port(8444).await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let system = built_in(&mut root, "https://alpha.kiwi.test:8444").await;
    let params = json!([work.executions[0], system]);
    let filed = root.call("Bug.report", params).await.expect("filed");
    let url = filed["response"].as_str().expect("an address");
    assert!(
        url.starts_with("https://alpha.kiwi.test:8444/bugs/"),
        "{url}"
    );
    let details = root.call("Bug.details", json!([url])).await;
    assert_eq!(details.expect("details")["status"], "Open");
}

#[tokio::test]
async fn details_of_bugs_are_for_everybody_who_is_logged_in() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    built_in(&mut root, "https://alpha.kiwi.test").await;
    let values = json!({
        "summary": "It leaks", "product": work.product, "version": work.version,
        "build": work.build, "created_at": "2026-01-05 09:00:00",
    });
    let bug = root
        .call("Bug.create", json!([values]))
        .await
        .expect("a bug")["id"]
        .clone();
    let url = format!("https://alpha.kiwi.test/bugs/{bug}/");

    let mut stranger = app.client(ALPHA).log_in(STRANGER).await;
    let details = stranger.call("Bug.details", json!([url])).await;
    let description = format!(
        "Status: Open\n\nCreated on: 2026-01-05 09:00:00\n\nReporter: {ROOT}\n\n\
         Product: Product 1\n\nVersion: 1.0\n\nBuild: b1"
    );
    assert_eq!(
        details.expect("details"),
        json!({
            "id": bug, "title": "It leaks", "status": "Open", "url": url,
            "description": description,
        })
    );
    for nothing in [
        "https://elsewhere.example/1",
        "https://alpha.kiwi.test/bugs/99999999/",
        "",
    ] {
        let details = stranger.call("Bug.details", json!([nothing])).await;
        assert_eq!(details, Ok(json!({})), "{nothing}");
    }
    let refused = stranger
        .call("Bug.details", json!(["https://alpha.kiwi.test/bugs/"]))
        .await
        .expect_err("no number");
    assert_eq!(
        refused.message,
        "Internal error: https://alpha.kiwi.test/bugs/ does not end in the number of a bug"
    );
    let refused = stranger.call("Bug.details", json!([null])).await;
    assert_eq!(
        refused.expect_err("no text").message,
        "Invalid parameters: url must be a text, not NoneType"
    );
}

#[tokio::test]
async fn outside_trackers_answer_that_they_cannot_be_reached() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let github = tracker(
        &mut root,
        "Outside",
        "tcms.issuetracker.types.GitHub",
        "https://github.com/acme/widgets",
    )
    .await;
    let answer = root
        .call("Bug.report", json!([work.executions[0], github]))
        .await;
    assert_eq!(
        answer,
        Ok(json!({"rc": 1, "response": "Outside cannot be reached from this server"}))
    );
    let url = "https://github.com/acme/widgets/issues/9";
    let details = root
        .call("Bug.details", json!([url]))
        .await
        .expect("details");
    assert_eq!(details["id"], "9");
    assert_eq!(
        details["error"],
        "Outside cannot be reached from this server"
    );
    let half = tracker(
        &mut root,
        "Half",
        "tcms.issuetracker.types.JIRA",
        "https://j.example",
    )
    .await;
    let answer = root
        .call("Bug.report", json!([work.executions[0], half]))
        .await;
    assert_eq!(answer, Ok(json!({"rc": 1, "response": DISABLED})));
}

#[tokio::test]
async fn sec_044_a_type_that_a_client_makes_up_is_never_loaded() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let unknown = tracker(&mut root, "Own", "acme.Tracker", "https://own.example").await;
    let refused = root
        .call("Bug.report", json!([work.executions[0], unknown]))
        .await;
    assert_eq!(
        refused.expect_err("unsupported").message,
        "Internal error: tracker type acme.Tracker is not supported"
    );
    let details = root
        .call("Bug.details", json!(["https://own.example/1"]))
        .await;
    assert_eq!(details, Ok(json!({})));
}

#[tokio::test]
async fn sec_004_the_longest_base_owns_a_url() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    built_in(&mut root, "https://t.example").await;
    tracker(
        &mut root,
        "Deeper",
        "tcms.issuetracker.types.GitHub",
        "https://t.example/deeper",
    )
    .await;
    let values = json!({
        "summary": "x", "product": work.product, "version": work.version, "build": work.build,
    });
    let bug = root
        .call("Bug.create", json!([values]))
        .await
        .expect("a bug")["id"]
        .clone();
    let mut status = async |path: &str| {
        let url = format!("https://t.example{path}/{bug}");
        let details = root.call("Bug.details", json!([url])).await;
        details.expect("details")["status"].clone()
    };
    assert_eq!(status("/bugs").await, "Open");
    assert_eq!(status("/deepers").await, "Open");
    assert_eq!(status("/deeper").await, "");
}

#[tokio::test]
async fn without_the_built_in_tracker_its_methods_are_absent() {
    let settings = domain::Settings {
        bug_tracker: false,
        ..domain::Settings::default()
    };
    let app = App::start_with(settings).await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let known = root
        .call("system.listMethods", json!([]))
        .await
        .expect("names");
    let known: Vec<&str> = known
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for absent in ["Bug.create", "Bug.filter", "Severity.filter"] {
        assert!(!known.contains(&absent), "{absent}");
        let refused = root.call(absent, json!([{}])).await.expect_err("absent");
        assert_eq!(refused.message, format!("Method not found: \"{absent}\""));
    }
    for present in ["Bug.details", "Bug.report", "BugTracker.filter"] {
        assert!(known.contains(&present), "{present}");
    }
}
