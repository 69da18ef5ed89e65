//! What dashboards and alerts ask for is there.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::kiwi::{DOMAIN, Kiwi, PASSWORD, prepared, program, until};

/// Words in a text that begin with one of our prefixes.
fn names(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| {
            ["kiwi_", "process_", "tokio_"]
                .iter()
                .any(|p| word.starts_with(p))
        })
        .map(str::to_owned)
        .collect()
}

/// What the files of `ops/observability` name, with the file.
fn asked() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ops/observability");
    let mut files = vec![folder.join("rules.yml")];
    let dashboards = fs::read_dir(folder.join("dashboards")).expect("dashboards");
    files.extend(dashboards.map(|entry| entry.expect("an entry").path()));
    assert!(files.len() > 3, "{files:?}");
    let mut asked = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a text");
        for name in names(&text) {
            asked.push((file.display().to_string(), name));
        }
    }
    assert!(asked.len() > 20, "{asked:?}");
    asked
}

/// Names of the series, those of histograms with their endings.
fn series(metrics: &str) -> BTreeSet<String> {
    metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn opa_075_what_dashboards_and_alerts_ask_for_is_exported() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let client = server.client();
    let host = format!("alpha.{DOMAIN}");
    let call =
        json!({"jsonrpc": "2.0", "id": 1, "method": "Auth.login", "params": ["ann", PASSWORD]});
    let answer = client.post(server.https(&host, "/json-rpc/")).json(&call);
    let answer = answer.send().expect("an answer");
    assert_eq!(answer.status(), 200);
    let asked = asked();
    let read = || {
        let answer = client.get(server.internal("/metrics")).send();
        answer.expect("an answer").text().expect("a text")
    };
    // mails, jobs and tenants are counted by the worker
    until("everything is counted", || {
        let metrics = read();
        let there = series(&metrics);
        let missing: Vec<_> = asked
            .iter()
            // known after an hour of work
            .filter(|(_, name)| name != "kiwi_scheduler_last_success_timestamp")
            .filter(|(_, name)| !there.contains(name))
            .collect();
        eprintln!("not counted yet: {missing:?}");
        missing.is_empty()
    });
    let metrics = read();
    assert!(
        metrics.contains("kiwi_tenants{state=\"active\",cell=\"main\"} 3"),
        "{metrics}"
    );
    assert!(!metrics.contains("alpha"), "a tenant's name is a label");
}

#[test]
fn a_worker_can_be_watched() {
    let folder = prepared();
    // keeps the private database running
    let server = Kiwi::start(folder.path(), &[]);
    let mut command: Command = program(folder.path());
    command.arg("worker").env("KIWI_INTERNAL", "127.0.0.1:0");
    let mut worker = command.stdout(Stdio::piped()).spawn().expect("a worker");
    let output = BufReader::new(worker.stdout.take().expect("its output"));
    let ready = output
        .lines()
        .map_while(Result::ok)
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .find(|event| event["event"] == "worker_ready")
        .expect("the event");
    let internal = ready["internal"].as_str().expect("an address");
    let get = |path: &str| {
        let answer = server.client().get(format!("http://{internal}{path}"));
        let answer = answer.send().expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().expect("a text")
    };
    get("/livez");
    get("/readyz");
    assert!(get("/metrics").contains("kiwi_job_seconds_bucket"));
    let stopped = Command::new("kill").arg(worker.id().to_string()).status();
    assert!(stopped.expect("kill").success());
    assert!(worker.wait().expect("its end").success());
}
