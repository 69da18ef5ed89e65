//! Nothing of one tenant can be reached from another: every RPC method and every route is tried
//! with ids that exist only in the other tenant, and must answer as if they existed nowhere.

use domain::accounts::{self, NewAccount};
use rpc::Registry;
use serde_json::{Value, json};
use testkit::{ALPHA, App, BETA, Client, ROOT, Work};

/// Stands in every text of the other tenant.
const MARKER: &str = "only-in-beta";

/// Ids that nothing has, as far from the others as they are from each other.
const NOWHERE: i64 = 900_000;

/// What there is in the other tenant, and under which id.
struct Foreign {
    work: Work,
    component: i64,
    environment: i64,
    bug: i64,
    tag: i64,
    link: i64,
    comment: i64,
    tracker: i64,
    attachment: i64,
    /// Where the file of that attachment is, as a path.
    file: String,
}

impl Foreign {
    /// Fills the other tenant until its ids are beyond those of the first one.
    async fn make(app: &App) -> Self {
        for _ in 0..3 {
            app.work(BETA).await;
        }
        let work = app.work(BETA).await;
        let mut root = app.client(BETA).log_in(ROOT).await;
        let (case, execution) = (work.cases[0], work.executions[0]);
        let changed = json!([case, {"summary": MARKER, "text": MARKER, "notes": MARKER}]);
        root.call("TestCase.update", changed).await.expect("a case");
        root.call("TestPlan.update", json!([work.plan, {"name": MARKER}]))
            .await
            .expect("a plan");
        root.call("TestRun.update", json!([work.run, {"summary": MARKER}]))
            .await
            .expect("a run");
        for method in ["TestCase.add_tag", "TestPlan.add_tag", "TestRun.add_tag"] {
            let owner = match method {
                "TestCase.add_tag" => case,
                "TestPlan.add_tag" => work.plan,
                _ => work.run,
            };
            root.call(method, json!([owner, MARKER]))
                .await
                .expect("a tag");
        }
        for method in [
            "TestCase.add_property",
            "TestRun.add_property",
            "TestExecution.add_property",
        ] {
            let owner = match method {
                "TestCase.add_property" => case,
                "TestRun.add_property" => work.run,
                _ => execution,
            };
            root.call(method, json!([owner, MARKER, MARKER]))
                .await
                .expect("a property");
        }
        let mut id = async |method: &str, params: Value| -> i64 {
            let mut last = Value::Null;
            // several times, so that the id is beyond those of the first tenant
            for turn in 0..4 {
                let mut params = params.clone();
                if let Some(name) = params[0].get_mut("name") {
                    *name = json!(format!("{MARKER} {turn}"));
                }
                last = root
                    .call(method, params)
                    .await
                    .unwrap_or_else(|f| panic!("{method} {f:?}"));
            }
            last["id"].as_i64().expect("an id")
        };
        let component = id(
            "Component.create",
            json!([{"name": MARKER, "product": work.product}]),
        )
        .await;
        let environment = id("Environment.create", json!([{"name": MARKER}])).await;
        let bug = json!([{"summary": MARKER, "product": work.product, "version": work.version,
            "build": work.build}]);
        let bug = id("Bug.create", bug).await;
        let tag = id("Tag.create", json!([{"name": MARKER}])).await;
        let link = json!([{"execution": execution, "url": format!("https://{MARKER}.example")}]);
        let link = id("TestExecution.add_link", link).await;
        let comment = id("TestCase.add_comment", json!([case, MARKER])).await;
        let tracker = json!([{"name": MARKER, "tracker_type": "x"}]);
        let tracker = id("BugTracker.create", tracker).await;
        let (mut attachment, mut file) = (0, String::new());
        // as many as the first tenant will not have
        for _ in 0..12 {
            let upload = json!([case, format!("{MARKER}.txt"), "b25seS1pbi1iZXRh"]);
            root.call("TestCase.add_attachment", upload)
                .await
                .expect("an attachment");
            let listed = root.call("TestCase.list_attachments", json!([case])).await;
            let newest = listed.expect("attachments")[0].take();
            attachment = newest["pk"].as_i64().expect("an id");
            let url = newest["url"].as_str().expect("an address");
            url[url.find("/uploads/").expect("a path")..].clone_into(&mut file);
        }
        Self {
            work,
            component,
            environment,
            bug,
            tag,
            link,
            comment,
            tracker,
            attachment,
            file,
        }
    }

    /// The id that fits a parameter of a method; `offset` makes it one that nothing has.
    fn id(&self, method: &str, parameter: &str, offset: i64) -> i64 {
        let id = match parameter {
            "plan_id" => self.work.plan,
            "case_id" => self.work.cases[0],
            "run_id" => self.work.run,
            "execution_id" => self.work.executions[0],
            "build_id" => self.work.build,
            "component_id" => self.component,
            "environment_id" => self.environment,
            "bug_id" => self.bug,
            "comment_id" => self.comment,
            "tracker_id" => self.tracker,
            "attachment_id" => self.attachment,
            "group_id" | "user_id" => 800_000,
            other => panic!("{method}: say which id the parameter {other} takes"),
        };
        id + offset
    }

    /// The id of a row that the queries of a method are about.
    fn root(&self, method: &str) -> i64 {
        let class = method.split('.').next().unwrap_or_default();
        match (class, method) {
            (_, "TestCase.sortkeys" | "TestCase.properties" | "TestCase.remove_property") => 8,
            (_, "TestRun.properties" | "TestExecution.properties") => 1,
            (_, "TestExecution.get_links" | "TestExecution.remove_link") => self.link,
            ("TestCase", _) => self.work.cases[0],
            ("TestPlan", _) => self.work.plan,
            ("TestRun", _) => self.work.run,
            ("TestExecution" | "Testing", _) => self.work.executions[0],
            ("Product", _) => self.work.product,
            ("Version", _) => self.work.version,
            ("Build", _) => self.work.build,
            ("Category", _) => self.work.category,
            ("Component", _) => self.component,
            ("Environment", _) => self.environment,
            ("Bug", _) => self.bug,
            ("BugTracker", _) => self.tracker,
            ("Tag", _) => self.tag,
            _ => 800_000,
        }
    }

    /// Values that refer to every kind of row of the other tenant.
    fn values(&self, offset: i64) -> Value {
        let work = &self.work;
        json!({
            "name": "n", "value": "v", "summary": "s", "url": "https://a.example", "weight": 1,
            "icon": "i", "color": "#000000", "text": "t", "tracker_type": "x",
            "case_text_version": 1, "manager": ROOT, "type": 1, "classification": 1,
            "priority": 1, "case_status": 2, "status": 4, "is_active": true,
            "product": work.product + offset, "version": work.version + offset,
            "product_version": work.version + offset, "build": work.build + offset,
            "category": work.category + offset, "plan": work.plan + offset,
            "parent": work.plan + offset, "run": work.run + offset,
            "case": [work.cases[0] + offset], "execution": work.executions[0] + offset,
        })
    }

    /// Arguments for every parameter of a method.
    fn arguments(&self, method: &rpc::Method, offset: i64, variant: usize) -> Value {
        let argument = |param: &rpc::Param| match (param.kind, param.name) {
            ("id", name) | (_, name @ ("user_id" | "comment_id")) => {
                json!(self.id(method.name, name, offset))
            }
            ("query", _) | (_, "query") => match variant {
                0 => json!({"pk": self.root(method.name) + offset}),
                _ => json!({"pk__gt": 0, "pk__in": [self.root(method.name) + offset]}),
            },
            ("object", _) => self.values(offset),
            ("array of ids", _) => json!([self.work.cases[0] + offset]),
            ("array of objects", _) => {
                let mut row = self.values(offset);
                row["id"] = json!(self.root(method.name) + offset);
                json!([row])
            }
            (_, "cc_list") => json!(["a@example.com"]),
            (_, "sortkey") => json!(5),
            (_, "submit_date") => Value::Null,
            (_, "username") => json!(ROOT),
            _ => json!("word"),
        };
        Value::Array(method.params.iter().map(argument).collect())
    }
}

/// What a client sees, with numbers made equal.
fn shape(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if !character.is_ascii_digit() {
            out.push(character);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

async fn outcome(client: &mut Client, method: &str, params: Value) -> String {
    match client.call(method, params).await {
        Ok(value) => format!("result {value}"),
        Err(fault) => format!("fault {} {}", fault.code, fault.message),
    }
}

/// Everything that the other tenant holds, as far as its own people see it.
async fn inventory(app: &App, foreign: &Foreign) -> Value {
    let mut root = app.client(BETA).log_in(ROOT).await;
    let mut all = serde_json::Map::new();
    for method in Registry::standard()
        .methods()
        .filter(|method| method.name.ends_with(".filter"))
    {
        let rows = root
            .call(method.name, json!([{"pk__gt": 0}]))
            .await
            .expect(method.name);
        all.insert(method.name.to_owned(), rows);
    }
    let listings = [
        ("TestPlan", "plan_id"),
        ("TestCase", "case_id"),
        ("TestRun", "run_id"),
        ("TestExecution", "execution_id"),
        ("Bug", "bug_id"),
    ];
    for (class, parameter) in listings {
        let method = format!("{class}.list_attachments");
        let id = foreign.id(&method, parameter, 0);
        let rows = root.call(&method, json!([id])).await.expect(&method);
        all.insert(method, rows);
    }
    for method in [
        "TestCase.properties",
        "TestRun.properties",
        "TestExecution.get_links",
    ] {
        let rows = root
            .call(method, json!([{"pk__gt": 0}]))
            .await
            .expect(method);
        all.insert(method.to_owned(), rows);
    }
    Value::Object(all)
}

#[tokio::test]
async fn ten_001_methods_answer_as_if_the_ids_of_another_tenant_did_not_exist() {
    let app = App::start().await;
    let foreign = Foreign::make(&app).await;
    let before = (inventory(&app, &foreign).await, app.files(BETA).await);
    let registry = Registry::standard();
    let mut tried = 0;
    for method in registry
        .methods()
        .filter(|method| !method.name.starts_with("system."))
    {
        if method.name.starts_with("Auth.") {
            continue;
        }
        for variant in 0..2 {
            // a new log-in each time, because a method may end the session
            let mut root = app.client(ALPHA).log_in(ROOT).await;
            let theirs = foreign.arguments(method, 0, variant);
            let nowhere = foreign.arguments(method, NOWHERE, variant);
            let seen = outcome(&mut root, method.name, theirs.clone()).await;
            let expected = outcome(&mut root, method.name, nowhere).await;
            assert!(
                !seen.contains(MARKER),
                "{} {theirs} shows {seen}",
                method.name
            );
            // what is new has a name of its own
            let makes = method.name.ends_with(".create") || method.name == "User.add_attachment";
            let created = makes && seen.starts_with("result");
            if !created {
                assert_eq!(shape(&seen), shape(&expected), "{} {theirs}", method.name);
            }
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} calls were tried");
    app.work_off().await;
    let after = (inventory(&app, &foreign).await, app.files(BETA).await);
    assert_eq!(after, before, "another tenant was changed");
}

#[tokio::test]
async fn ten_001_routes_answer_as_if_the_ids_of_another_tenant_did_not_exist() {
    let app = App::start().await;
    let foreign = Foreign::make(&app).await;
    let work = &foreign.work;
    let (plan, run, execution) = (work.plan, work.run, work.executions[0]);
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    let pages: [&dyn Fn(i64) -> String; 3] = [
        &|offset| format!("/plan/{}/", plan + offset),
        &|offset| format!("/runs/{}/", run + offset),
        &|offset| format!("/ui/executions/{}/panel/", execution + offset),
    ];
    for page in pages {
        let (theirs, nowhere) = (root.get(&page(0)).await, root.get(&page(NOWHERE)).await);
        assert_eq!(theirs.status, 404, "{}", page(0));
        assert_eq!(nowhere.status, 404, "{}", page(NOWHERE));
        assert!(!theirs.text().contains(MARKER), "{}", page(0));
    }
    let path = foreign.file.split_once("/attachments/").expect("a path").1;
    let files = [
        foreign.file.clone(),
        format!("/uploads/attachments/{path}"),
        format!("/uploads/tenant/{ALPHA}/attachments/{path}"),
        format!("/uploads/tenant/{ALPHA}/../{BETA}/attachments/{path}"),
        format!("/uploads/tenant/{ALPHA}/%2e%2e/{BETA}/attachments/{path}"),
    ];
    for file in files {
        for mut client in [
            root.clone(),
            app.visitor(testkit::DOMAIN).log_in(ROOT).await,
        ] {
            let answer = client.get(&file).await;
            assert_eq!(answer.status, 404, "{file}");
            assert!(!answer.text().contains(MARKER), "{file}");
        }
    }
    let mut theirs = app.client(BETA).log_in(ROOT).await;
    let answer = theirs.get(&foreign.file).await.expect_status(200);
    assert_eq!(answer.text(), MARKER);
    let results = json!([{"execution": execution, "status": 4, "comment": MARKER}]).to_string();
    for id in [run, run + NOWHERE] {
        let answer = root
            .post_script(&format!("/ui/runs/{id}/results/"), &results)
            .await;
        assert_eq!(answer.status, 404, "run {id}: {}", answer.text());
    }
    let file: [(&str, &str, &[u8]); 1] = [("attachment_file", "a.txt", b"x")];
    for (kind, id) in [
        ("testplans/testplan", plan),
        ("testcases/testcase", work.cases[0]),
        ("testruns/testrun", run),
        ("testruns/testexecution", execution),
        ("bugs/bug", foreign.bug),
    ] {
        let path = format!("/attachments/add-for/{kind}/{id}/");
        let answer = root.post_files(&path, &[], &file).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    let path = format!("/attachments/delete/{}/", foreign.attachment);
    assert_eq!(root.post(&path, &[]).await.status, 404, "{path}");
    let status = format!("/ui/executions/{execution}/result/");
    let answer = root.post(&status, &[("status", "4")]).await;
    assert_eq!(answer.status, 404, "{status}");
    let mut theirs = app.client(BETA).log_in(ROOT).await;
    let rows = theirs
        .call("TestExecution.filter", json!([{"pk": execution}]))
        .await
        .expect("rows");
    assert_eq!(
        rows[0]["status__name"], "IDLE",
        "the execution of the other tenant is untouched"
    );
}

#[tokio::test]
async fn ten_001_an_account_that_was_not_let_in_is_refused_everywhere() {
    let app = App::start().await;
    let work = app.work(ALPHA).await;
    let new = NewAccount::superuser("outsider", "out@example.com", Some(testkit::PASSWORD));
    accounts::create(app.domain(), new)
        .await
        .expect("an account");
    let mut outsider = app.client(ALPHA).log_in("outsider").await;
    let (plan, run) = (
        format!("/plan/{}/", work.plan),
        format!("/runs/{}/", work.run),
    );
    for path in ["/", &plan, &run, "/accounts/login/", "/no/such/page/"] {
        let answer = outsider.get(path).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(
            answer.text().contains("Unauthorized"),
            "{path}: {}",
            answer.text()
        );
    }
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "Product.filter", "params": [{}]});
    let answer = outsider.post_json(&body.to_string()).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["error"]["code"], -32098);
}
