//! Every event of the product, whom it is told to and what.

use entity::Id;
use serde_json::{Value, json};
use testkit::{ALPHA, App, Client, PostOffice, ROOT, Work};

use super::{call, case_by, execute, forget, person};

/// People with one part each, and something of every kind that they have a part in.
struct World {
    app: App,
    office: PostOffice,
    work: Work,
    people: Vec<(&'static str, Id)>,
    root: Client,
    ann: Client,
    case: i64,
    plan: i64,
    run: i64,
    execution: i64,
    bug: i64,
}

const PEOPLE: [&str; 8] = ["ann", "cora", "dora", "ed", "ivan", "leo", "max", "tim"];

impl World {
    /// Ann writes, Tim tests; Max manages the run, Dora tests in it, Cora listens, Ed has its
    /// execution. Ivan's account is switched off and Leo has left; both listen to the run, too.
    async fn make() -> Self {
        let app = App::start().await;
        let work = app.work(ALPHA).await;
        let mut people = vec![];
        for name in PEOPLE {
            people.push((name, person(&app, ALPHA, name).await));
        }
        let id = |name: &str| {
            people
                .iter()
                .find(|(known, _)| *known == name)
                .expect(name)
                .1
        };
        let mut root = app.client(ALPHA).log_in(ROOT).await;
        let case = case_by(&mut root, &work, id("ann"), id("tim")).await;
        let cc = json!([
            case,
            [
                "outside@elsewhere.example",
                "ROOT@example.com",
                "tim@example.com"
            ]
        ]);
        call(&mut root, "TestCase.add_notification_cc", cc).await;

        let plan = json!([work.plan, {"author": id("ann")}]);
        call(&mut root, "TestPlan.update", plan).await;
        call(&mut root, "TestPlan.add_case", json!([work.plan, case])).await;

        let run = json!([{"summary": "Round", "plan": work.plan, "build": work.build,
            "manager": id("max"), "default_tester": id("dora")}]);
        let run = call(&mut root, "TestRun.create", run).await["id"]
            .as_i64()
            .expect("a run");
        for listener in ["cora", "ivan", "leo"] {
            call(&mut root, "TestRun.add_cc", json!([run, id(listener)])).await;
        }
        let added = call(&mut root, "TestRun.add_case", json!([run, case])).await;
        let execution = added[0]["id"].as_i64().expect("an execution");
        let assigned = json!([execution, {"assignee": id("ed")}]);
        call(&mut root, "TestExecution.update", assigned).await;

        let bug = json!([{"summary": "It breaks", "product": work.product,
            "version": work.version, "build": work.build, "reporter": id("ann"),
            "assignee": id("tim")}]);
        let bug = call(&mut root, "Bug.create", bug).await["id"]
            .as_i64()
            .expect("a bug");

        domain::accounts::deactivate(app.domain(), id("ivan"))
            .await
            .expect("switched off");
        let tenant = app.tenant(ALPHA).await;
        domain::tenants::remove_member(app.domain(), &tenant, id("leo"))
            .await
            .expect("gone");
        domain::accounts::set_password(app.domain(), id("ann"), testkit::PASSWORD)
            .await
            .expect("a password");
        let ann = app.client(ALPHA).log_in("ann").await;
        forget(&app).await;
        let office = PostOffice::open().await;
        let plan = work.plan;
        Self {
            app,
            office,
            work,
            people,
            root,
            ann,
            case,
            plan,
            run,
            execution,
            bug,
        }
    }

    fn id(&self, name: &str) -> Id {
        let found = self.people.iter().find(|(known, _)| *known == name);
        found.expect("a person").1
    }

    /// What arrived: subjects and recipients, each mail addressed to one.
    async fn arrived(&mut self) -> Vec<String> {
        let mails = self.office.collect(&self.app).await;
        let line = |mail: &testkit::Received| {
            let [to] = mail.to.as_slice() else {
                panic!("several recipients: {mail:?}")
            };
            assert_eq!(mail.header("To"), *to);
            format!("{}: {}", to.trim_end_matches("@example.com"), mail.subject)
        };
        mails.iter().map(line).collect()
    }

    /// Calls a method and compares what arrives with `people: subject`.
    async fn expect(
        &mut self,
        actor: Actor,
        method: &str,
        params: Value,
        people: &[&str],
        subject: &str,
    ) -> Value {
        let client = match actor {
            Actor::Root => &mut self.root,
            Actor::Ann => &mut self.ann,
        };
        let answer = call(client, method, params).await;
        let id = answer["id"].as_i64().unwrap_or_default().to_string();
        let expected: Vec<String> = people
            .iter()
            .map(|name| format!("{name}: [Kiwi-TCMS] {}", subject.replace("{id}", &id)))
            .collect();
        assert_eq!(self.arrived().await, expected, "{method} by {actor:?}");
        answer
    }
}

#[derive(Debug, Clone, Copy)]
enum Actor {
    Root,
    Ann,
}
use Actor::{Ann, Root};

#[tokio::test]
async fn every_change_of_a_case_is_told_to_the_people_of_the_case() {
    let mut world = World::make().await;
    let (case, work) = (world.case, world.work.clone());
    let all = [
        "ann",
        "dora",
        "ed",
        "max",
        "outside@elsewhere.example",
        "tim",
    ];
    let others = [
        "dora",
        "ed",
        "max",
        "outside@elsewhere.example",
        "root",
        "tim",
    ];
    let update = format!("UPDATE: TestCase #{case} - Case");

    let values = json!([case, {"notes": "n"}]);
    world
        .expect(Root, "TestCase.update", values, &all, &update)
        .await;
    // whoever acts is left out, and the CC list counts without regard to case
    let values = json!([case, {"notes": "m"}]);
    let others: Vec<&str> = others
        .map(|name| if name == "root" { "ROOT" } else { name })
        .into();
    let mut sorted = others.clone();
    sorted.sort_unstable();
    world
        .expect(Ann, "TestCase.update", values, &sorted, &update)
        .await;
    let comment = json!([case, "Looks good"]);
    world
        .expect(Root, "TestCase.add_comment", comment, &all, &update)
        .await;

    // the switches for changes do not count for a new one
    let mut values = json!({"summary": "New", "category": work.category,
        "priority": work.priority, "case_status": work.confirmed});
    world
        .expect(Root, "TestCase.create", json!([values]), &[], "")
        .await;
    values["default_tester"] = json!(world.id("tim"));
    let subject = "NEW: TestCase #{id} - New";
    world
        .expect(Root, "TestCase.create", json!([values]), &["tim"], subject)
        .await;
    values["author"] = json!(world.id("max"));
    world
        .expect(
            Ann,
            "TestCase.create",
            json!([values]),
            &["max", "tim"],
            subject,
        )
        .await;

    // what hangs on a case is not the case
    for (method, params) in [
        ("TestCase.add_tag", json!([case, "t"])),
        ("TestCase.remove_tag", json!([case, "t"])),
        ("TestCase.add_property", json!([case, "p", "1"])),
        (
            "TestCase.add_notification_cc",
            json!([case, ["more@elsewhere.example"]]),
        ),
        (
            "TestCase.remove_notification_cc",
            json!([case, ["more@elsewhere.example"]]),
        ),
    ] {
        world.expect(Root, method, params, &[], "").await;
    }
    let subject = format!("DELETED: TestCase #{case} - Case");
    let params = json!([{"id": case}]);
    world
        .expect(Root, "TestCase.remove", params, &all, &subject)
        .await;
}

#[tokio::test]
async fn the_settings_of_a_case_decide_who_is_told() {
    let mut world = World::make().await;
    let case = world.case;
    let update = format!("UPDATE: TestCase #{case} - Case");
    execute(&world.app, ALPHA, "UPDATE test_case SET cc_list = ''").await;
    for (switch, left) in [
        (
            "UPDATE test_case SET auto_to_case_author = false",
            ["dora", "ed", "max", "tim"].as_slice(),
        ),
        (
            "UPDATE test_case SET auto_to_case_tester = false",
            &["dora", "ed", "max"],
        ),
        (
            "UPDATE test_case SET auto_to_run_manager = false",
            &["dora", "ed"],
        ),
        ("UPDATE test_case SET auto_to_run_tester = false", &["ed"]),
        (
            "UPDATE test_case SET auto_to_execution_assignee = false",
            &[],
        ),
        // nobody is left, so the CC list is not told either
        (
            "UPDATE test_case SET cc_list = 'outside@elsewhere.example'",
            &[],
        ),
        (
            "UPDATE test_case SET auto_to_case_author = true",
            &["ann", "outside@elsewhere.example"],
        ),
        ("UPDATE test_case SET notify_on_case_update = false", &[]),
    ] {
        execute(&world.app, ALPHA, switch).await;
        let values = json!([case, {"notes": switch}]);
        world
            .expect(Root, "TestCase.update", values, left, &update)
            .await;
    }
    execute(
        &world.app,
        ALPHA,
        "UPDATE test_case SET notify_on_case_delete = false",
    )
    .await;
    world
        .expect(Root, "TestCase.remove", json!([{"id": case}]), &[], "")
        .await;
}

#[tokio::test]
async fn a_changed_plan_is_told_to_its_author_and_the_people_of_its_cases() {
    let mut world = World::make().await;
    let plan = world.plan;
    let update = format!("UPDATE: TestPlan #{plan} - Plan");
    let values = |text: &str| json!([plan, {"text": text}]);
    let both = ["ann", "tim"];
    world
        .expect(Root, "TestPlan.update", values("1"), &both, &update)
        .await;
    // the superuser wrote the other cases of the plan
    world
        .expect(
            Ann,
            "TestPlan.update",
            values("2"),
            &["root", "tim"],
            &update,
        )
        .await;
    for (switch, left) in [
        (
            "UPDATE test_plan SET auto_to_case_default_tester = false",
            ["ann"].as_slice(),
        ),
        ("UPDATE test_plan SET auto_to_plan_author = false", &["ann"]),
        ("UPDATE test_plan SET auto_to_case_owner = false", &[]),
        (
            "UPDATE test_plan SET auto_to_case_default_tester = true",
            &["tim"],
        ),
        ("UPDATE test_plan SET notify_on_plan_update = false", &[]),
    ] {
        execute(&world.app, ALPHA, switch).await;
        world
            .expect(Root, "TestPlan.update", values(switch), left, &update)
            .await;
    }
    let work = world.work.clone();
    let mut values = json!({"name": "New", "type": 1, "product": work.product,
        "product_version": work.version});
    world
        .expect(Root, "TestPlan.create", json!([values]), &[], "")
        .await;
    values["author"] = json!(world.id("ann"));
    world
        .expect(Root, "TestPlan.create", json!([values]), &[], "")
        .await;
    let case = json!([plan, world.work.cases[0]]);
    world
        .expect(Root, "TestPlan.remove_case", case, &[], "")
        .await;
}

#[tokio::test]
async fn a_run_is_told_to_everybody_in_it() {
    let mut world = World::make().await;
    let (run, work) = (world.run, world.work.clone());
    let all = ["cora", "dora", "ed", "max"];
    let update = format!("UPDATE: TestRun #{run} - Round");
    world
        .expect(
            Root,
            "TestRun.update",
            json!([run, {"notes": "1"}]),
            &all,
            &update,
        )
        .await;

    let ann = world.id("ann");
    call(&mut world.root, "TestRun.add_cc", json!([run, ann])).await;
    let with_root = ["cora", "dora", "ed", "max"];
    world
        .expect(
            Ann,
            "TestRun.update",
            json!([run, {"notes": "2"}]),
            &with_root,
            &update,
        )
        .await;

    let mut values = json!({"summary": "New", "plan": work.plan, "build": work.build,
        "manager": world.id("max")});
    let new = "NEW: TestRun #{id} - New";
    world
        .expect(Root, "TestRun.create", json!([values]), &["max"], new)
        .await;
    values["default_tester"] = json!(world.id("dora"));
    world
        .expect(
            Root,
            "TestRun.create",
            json!([values]),
            &["dora", "max"],
            new,
        )
        .await;
    values["default_tester"] = json!(ann);
    values["manager"] = json!(ann);
    world
        .expect(Ann, "TestRun.create", json!([values]), &[], "")
        .await;

    // results are not told
    let execution = world.execution;
    for (method, params) in [
        (
            "TestExecution.update",
            json!([execution, {"status": 4, "assignee": world.id("tim")}]),
        ),
        ("TestExecution.add_comment", json!([execution, "c"])),
        ("TestRun.add_case", json!([run, work.cases[0]])),
        ("TestRun.remove_case", json!([run, work.cases[0]])),
        ("TestRun.add_tag", json!([run, "t"])),
        ("TestExecution.remove", json!([{"id": execution}])),
        ("TestRun.remove", json!([{"id": run}])),
    ] {
        world.expect(Root, method, params, &[], "").await;
    }
}

#[tokio::test]
async fn a_comment_on_a_bug_is_told_to_everybody_who_is_in_it() {
    let mut world = World::make().await;
    let bug = world.bug;
    let subject = format!("Bug #{bug} - It breaks");
    // also to whoever comments
    let first = ["ann", "root", "tim"];
    world
        .expect(
            Root,
            "Bug.add_comment",
            json!([bug, "Really"]),
            &first,
            &subject,
        )
        .await;
    let as_max = json!([bug, "Yes", world.id("max")]);
    let four = ["ann", "max", "root", "tim"];
    world
        .expect(Root, "Bug.add_comment", as_max, &four, &subject)
        .await;
    for (method, params) in [
        ("Bug.add_tag", json!([bug, "t"])),
        ("Bug.add_execution", json!([bug, world.execution])),
        ("Bug.remove", json!([{"id": bug}])),
    ] {
        world.expect(Root, method, params, &[], "").await;
    }
}

#[tokio::test]
async fn a_new_case_and_a_new_tenant_are_told() {
    let mut world = World::make().await;
    let work = world.work.clone();
    let domain = world.app.domain().clone();
    let values = json!([{"summary": "Pour", "text": "1. Pour", "category": work.category,
        "priority": work.priority, "case_status": work.confirmed,
        "default_tester": world.id("tim")}]);
    call(&mut world.root, "TestCase.create", values).await;
    let mails = world.office.collect(&world.app).await;
    let [mail] = mails.as_slice() else {
        panic!("one mail: {mails:?}")
    };
    for line in [
        "Basic information",
        "Category: --default--",
        "Default tester: tim",
        "1. Pour",
    ] {
        assert!(mail.text.contains(line), "{line} is not in {}", mail.text);
    }

    let new = domain::tenancy::NewTenant {
        schema: "gamma".to_owned(),
        ..domain::tenancy::NewTenant::default()
    };
    domain::tenants::create(&domain, world.id("ann"), new)
        .await
        .expect("a tenant");
    assert_eq!(
        world.arrived().await,
        ["ann: [Kiwi-TCMS] New Kiwi TCMS tenant created"]
    );
}

#[tokio::test]
async fn an_invitation_is_told_to_whoever_was_not_in_yet() {
    let app = App::start().await;
    let mut root = app.client(ALPHA).log_in(ROOT).await;
    forget(&app).await;
    let office = PostOffice::open().await;
    let addresses = json!(["New@elsewhere.example", "tester-user@example.com", "wrong"]);
    call(&mut root, "Tenant.invite", json!([addresses, true])).await;
    call(
        &mut root,
        "Tenant.invite",
        json!([["quiet@elsewhere.example"], false]),
    )
    .await;
    let mails = office.collect(&app).await;
    let [mail] = mails.as_slice() else {
        panic!("one mail: {mails:?}")
    };
    assert_eq!(mail.to, ["new@elsewhere.example"]);
    assert_eq!(mail.subject, "[Kiwi-TCMS] Invitation to join Kiwi TCMS");
    let text = "root-user invites you to “alpha”:\nhttps://alpha.kiwi.test/\n\nYour user name there \
                is new. If you have never logged in, an account was made for you; choose its \
                password here:\nhttps://alpha.kiwi.test/accounts/passwordreset/";
    assert_eq!(mail.text, text);
}
