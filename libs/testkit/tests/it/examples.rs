//! The documentation tells the truth: every example is executed, in a tenant of its own with the
//! data of the demonstration, and answered with the shape that is documented.
//!
//! `UPDATE_EXAMPLES=Tag.create cargo test -p testkit --test it examples::every` writes the answers
//! of the methods whose names begin like that into the files, which is all that a new example needs
//! besides its parameters. Long lists may be shortened by hand afterwards.

use std::path::Path;
use std::sync::Arc;

use domain::accounts::{self, NewAccount};
use domain::{demo, tenants};
use rpc::reference::{self, Entry};
use rpc::{Example, Registry};
use serde_json::{Value, json};
use tenancy::{NewTenant, Tenant};
use testkit::{App, Client, PASSWORD};

/// Who calls: a superuser of the demonstration.
const CALLER: &str = "anna.berg";

/// The demonstration, and copies of it that nobody has written to.
struct World {
    app: App,
    demo: Arc<Tenant>,
    copies: Vec<Arc<Tenant>>,
}

impl World {
    /// A world for these examples.
    async fn new(entries: &[Entry]) -> Self {
        let app = App::start().await;
        let new = NewAccount::superuser(CALLER, "anna.berg@harbour-store.example", Some(PASSWORD));
        let owner = accounts::create(app.domain(), new).await.expect("an owner");
        let new = NewTenant {
            schema: "demo".to_owned(),
            ..NewTenant::default()
        };
        let demo = tenants::create(app.domain(), owner.id, new).await;
        let demo = demo.expect("a tenant");
        let files = root().join("tenants/demo/data");
        demo::fill(app.domain(), &demo, &files).await.expect("data");
        let mut copies = Vec::new();
        let tenancy = app.domain().tenancy();
        for number in 0..entries.iter().filter(|entry| writes(entry)).count() {
            let new = NewTenant {
                schema: format!("copy{number}"),
                owner_id: demo.owner_id,
                ..NewTenant::default()
            };
            let made = tenancy.clone_tenant(&demo, new, true).await;
            let (tenant, tx) = made.expect("a copy");
            tx.commit().await.expect("a whole copy");
            copies.push(tenancy.activate(&tenant).await.expect("an open tenant"));
        }
        Self { app, demo, copies }
    }

    /// A caller for this example.
    async fn caller(&mut self, entry: &Entry) -> Client {
        let tenant = if writes(entry) {
            self.copies.pop().expect("a copy for each")
        } else {
            Arc::clone(&self.demo)
        };
        self.app.client(&tenant.schema).log_in(CALLER).await
    }
}

/// Whether an example needs a tenant of its own.
fn writes(entry: &Entry) -> bool {
    !entry.method.read_only || !entry.example.before.is_empty()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

async fn run(client: &mut Client, name: &str, example: &Example) -> Result<Value, String> {
    for (method, params) in &example.before {
        let params = Value::Array(params.clone());
        let done = client.call(method, params).await;
        done.map_err(|fault| format!("{name} needs {method}: {fault:?}"))?;
    }
    let params = Value::Array(example.params.clone());
    let answer = client.call(name, params).await;
    answer.map_err(|fault| format!("{name}: {fault:?}"))
}

/// What stays the same whatever the texts and numbers are: types, keys, their order. Of lists only
/// the first items are documented.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(number) if number.is_f64() => json!("float"),
        Value::Number(_) => json!("integer"),
        Value::String(_) => json!("string"),
        Value::Array(items) => {
            let mut shapes: Vec<String> =
                items.iter().map(|item| shape(item).to_string()).collect();
            shapes.sort();
            shapes.dedup();
            json!({ "items": shapes })
        }
        Value::Object(members) => {
            let shaped = members
                .iter()
                .map(|(name, value)| json!([name, shape(value)]));
            json!({ "members": shaped.collect::<Vec<_>>() })
        }
    }
}

/// Writes an answer into the file of an example.
fn record(name: &str, answer: Value) {
    let path = root().join(format!("libs/rpc/src/methods/examples/{name}.json"));
    let text = std::fs::read_to_string(&path).expect("an example");
    let mut example: Value = serde_json::from_str(&text).expect("JSON");
    example["result"] = answer;
    let text = serde_json::to_string_pretty(&example).expect("JSON");
    std::fs::write(&path, text + "\n").expect("the file is written");
}

fn entries() -> Vec<Entry> {
    let classes = reference::classes(&Registry::standard()).expect("examples");
    classes
        .into_iter()
        .flat_map(|class| class.methods)
        .collect()
}

#[tokio::test]
async fn every_example_is_answered_as_documented() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a wish of whoever runs the test, not a setting"
    )]
    let recorded = std::env::var("UPDATE_EXAMPLES").ok();
    let mut entries = entries();
    if let Some(prefix) = &recorded {
        entries.retain(|entry| entry.method.name.starts_with(prefix));
    }
    let mut world = World::new(&entries).await;
    let mut wrong = Vec::new();
    for entry in entries {
        let name = entry.method.name;
        let mut client = world.caller(&entry).await;
        match run(&mut client, name, &entry.example).await {
            Err(error) => wrong.push(error),
            Ok(answer) if recorded.is_some() => record(name, answer),
            Ok(answer) if shape(&answer) != shape(&entry.example.result) => {
                let documented = &entry.example.result;
                wrong.push(format!("{name}: {documented} is documented, {answer} came"));
            }
            Ok(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn exactly_the_fields_called_required_are_required() {
    let mut entries = entries();
    entries.retain(|entry| entry.method.name.ends_with(".create"));
    let mut world = World::new(&entries).await;
    let mut wrong = Vec::new();
    for entry in entries {
        let name = entry.method.name;
        let members = entry.params[0].shape.members().iter();
        let required: Vec<&str> = members
            .filter_map(|member| member.required.then_some(member.name.as_str()))
            .collect();
        let mut client = world.caller(&entry).await;
        let without = |left_out: &dyn Fn(&str) -> bool| {
            let mut example = entry.example.clone();
            let sent = example.params[0].as_object_mut().expect("an object");
            sent.retain(|key, _| !left_out(key));
            example
        };
        for field in &required {
            let example = without(&|key| key == *field);
            if run(&mut client, name, &example).await.is_ok() {
                wrong.push(format!("{name} does without {field}"));
            }
        }
        let least = without(&|key| !required.contains(&key));
        if let Err(error) = run(&mut client, name, &least).await {
            wrong.push(format!("{error}: {required:?} is not enough"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
