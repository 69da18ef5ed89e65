//! Maintenance, the level of the log, the doctor and the archive for those who help.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use crate::kiwi::{DOMAIN, Folder, Kiwi, prepared, program, run, until};

const MULTI: &[(&str, &str)] = &[("KIWI_TENANTS_DOMAIN", DOMAIN)];

fn status(server: &Kiwi, client: &reqwest::blocking::Client, tenant: &str, path: &str) -> u16 {
    let url = server.https(&format!("{tenant}.{DOMAIN}"), path);
    client.get(url).send().expect("an answer").status().as_u16()
}

#[test]
fn opa_015_maintenance_closes_the_database_and_answers_503() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let client = server.client();
    let host = format!("alpha.{DOMAIN}");
    assert_eq!(status(&server, &client, "alpha", "/accounts/login/"), 200);

    let told = server
        .kiwi(&["maintenance", "on", "--for=10m", "--json"])
        .expect(0)
        .json();
    assert_eq!(told["database_closed"], json!(true));
    assert!(told["until"].is_string(), "{told}");
    let page = client
        .get(server.https(&host, "/accounts/login/"))
        .send()
        .expect("an answer");
    assert_eq!(page.status(), 503);
    assert_eq!(page.headers()["retry-after"], "60");
    let page = page.text().expect("a text");
    assert!(page.contains("Down for maintenance"), "{page}");
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "Version.filter", "params": [{}]});
    let answer = client
        .post(server.https(&host, "/json-rpc/"))
        .json(&call)
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "60");
    let answer: Value = serde_json::from_str(&answer.text().expect("a text")).expect("JSON");
    let message = "Internal error: maintenance is going on, try again in 60 seconds";
    assert_eq!(answer["error"]["message"], message);
    let xml = client
        .post(server.https(&host, "/xml-rpc/"))
        .header("content-type", "text/xml")
        .body("<?xml version=\"1.0\"?><methodCall><methodName>Version.filter</methodName></methodCall>")
        .send()
        .expect("an answer");
    assert_eq!(xml.status(), 503);
    assert!(xml.text().expect("a text").contains("<fault>"));
    for (path, expected) in [("/livez", 200), ("/readyz", 503)] {
        let answer = client.get(server.internal(path)).send().expect("an answer");
        assert_eq!(answer.status(), expected, "{path}");
    }

    let connections = server.kiwi(&["maintenance", "status"]).expect(0).out();
    assert!(connections.starts_with("on until "), "{connections}");
    let socket = sockets(&folder);
    assert_eq!(socket, "0", "connections are open");

    let told = server
        .kiwi(&["maintenance", "off", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        told,
        json!({"until": null, "database_closed": false, "tenants": []})
    );
    until("served", || {
        status(&server, &client, "alpha", "/accounts/login/") == 200
    });
    // and it ends by itself
    server.kiwi(&["maintenance", "on", "--for=3s"]).expect(0);
    until("served again", || {
        status(&server, &client, "alpha", "/accounts/login/") == 200
    });
    server.kiwi(&["maintenance", "on", "--for=soon"]).expect(2);
    server.kiwi(&["maintenance", "on", "--for=0m"]).expect(2);
    let (code, _) = server.stop();
    assert_eq!(code, Some(0));
}

/// How many sessions of the server the private database has.
fn sockets(folder: &Folder) -> String {
    // processes of the database name their application
    let ps = Command::new("ps")
        .args(["axo", "args"])
        .output()
        .expect("ps");
    let ps = String::from_utf8_lossy(&ps.stdout).into_owned();
    let pid = fs::read_to_string(folder.path().join("postgres/data/postmaster.pid"))
        .or_else(|_| fs::read_to_string(folder.path().join("postgres/postmaster.pid")))
        .expect("the database runs");
    let pid = pid.lines().next().expect("a number").to_owned();
    let children = Command::new("ps")
        .args(["--ppid", &pid, "-o", "args="])
        .output()
        .expect("ps");
    let children = String::from_utf8_lossy(&children.stdout).into_owned();
    assert!(children.contains("checkpointer"), "{children}\n{ps}");
    let sessions = children.lines().filter(|line| line.contains("[local]"));
    sessions.count().to_string()
}

#[test]
fn one_tenant_can_be_in_maintenance_while_others_are_served() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let client = server.client();
    let told = server
        .kiwi(&["maintenance", "on", "--tenant=alpha", "--for=10m", "--json"])
        .expect(0)
        .json();
    assert_eq!(told["until"], Value::Null);
    assert_eq!(told["tenants"][0]["tenant"], "alpha");
    until("refused", || {
        status(&server, &client, "alpha", "/accounts/login/") == 503
    });
    assert_eq!(status(&server, &client, "beta", "/accounts/login/"), 200);
    let text = server.kiwi(&["maintenance", "status"]).expect(0).out();
    assert!(text.starts_with("off\ntenant alpha: on until "), "{text}");
    // commands go on
    server
        .kiwi(&["set_domain", "alpha.example.org", "--tenant=alpha"])
        .expect(0);
    server
        .kiwi(&["maintenance", "on", "--tenant=beta", "--tenant=nobody"])
        .expect(3);
    assert_eq!(status(&server, &client, "beta", "/accounts/login/"), 200);
    server
        .kiwi(&["maintenance", "off", "--tenant=alpha"])
        .expect(0);
    until("served", || {
        status(&server, &client, "alpha", "/accounts/login/") == 200
    });
}

#[test]
fn the_level_of_the_log_changes_for_a_while() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    let usual = server.kiwi(&["loglevel"]).expect(0).out();
    assert_eq!(usual, "info,sqlx=warn, as the settings say\n");
    server.kiwi(&["loglevel", "info,nonsense=loud"]).expect(2);
    let slip = server.kiwi(&["loglevel", "waring"]).expect(2);
    let levels = "`waring` is none of the levels off, error, warn, info, debug and trace";
    assert!(slip.err().contains(levels), "{}", slip.err());
    let mut command = program(folder.path());
    command.env("KIWI_LOG", "waring");
    let slip = run(command, &["check"]).expect(1);
    assert!(slip.out().contains(levels), "{}", slip.out());
    let told = server
        .kiwi(&["loglevel", "info,web=debug", "--for=4s", "--json"])
        .expect(0)
        .json();
    assert_eq!(told["filter"], "info,web=debug");
    assert!(told["until"].is_string());
    assert_eq!(
        server.wait_for("log_filter_changed")["filter"],
        "info,web=debug"
    );
    // back by itself
    assert_eq!(
        server.wait_for("log_filter_changed")["filter"],
        "info,sqlx=warn"
    );
    server.kiwi(&["loglevel", "debug", "--for=1h"]).expect(0);
    assert_eq!(server.wait_for("log_filter_changed")["filter"], "debug");
    server.kiwi(&["loglevel", "--reset"]).expect(0);
    assert_eq!(
        server.wait_for("log_filter_changed")["filter"],
        "info,sqlx=warn"
    );
}

#[test]
fn the_doctor_names_what_is_wrong_and_what_to_do() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), MULTI);
    server
        .kiwi(&["maintenance", "on", "--tenant=beta"])
        .expect(0);
    let said = server.kiwi(&["doctor", "--json"]);
    let problems = said.json();
    let about = |setting: &str| {
        let problems = problems.as_array().expect("a list").iter();
        let found: Vec<_> = problems
            .filter(|problem| problem["setting"] == setting)
            .collect();
        assert_eq!(
            found.len(),
            1,
            "{setting}: {problems:#?}",
            problems = said.out()
        );
        (
            found[0]["severity"].as_str().expect("a text").to_owned(),
            found[0]["fix"].as_str().expect("a text").to_owned(),
        )
    };
    let fix = "run `kiwi maintenance off --tenant beta`".to_owned();
    assert_eq!(about("maintenance"), ("warning".to_owned(), fix));
    // the listener of the test is not where the settings say
    assert_eq!(about("server").0, "warning");
    let errors = problems.as_array().expect("a list").iter();
    let errors = errors
        .filter(|problem| problem["severity"] == "error")
        .count();
    assert_eq!(said.code(), i32::from(errors > 0));
}

#[test]
fn opa_073_no_secret_is_in_the_support_bundle() {
    let folder = prepared();
    let planted = [
        ("SECRET_KEY", "planted-key-planted-key-planted-key-1"),
        ("EMAIL_HOST_USER", "planted-mail-user"),
        ("EMAIL_HOST_PASSWORD", "planted-mail-password"),
        ("KIWI_STORAGE_S3_SECRET_KEY", "planted-bucket-key"),
        ("KIWI_STORAGE_S3_ACCESS_KEY", "planted-bucket-user"),
    ];
    let mut environment = vec![("KIWI_TENANTS_DOMAIN", DOMAIN)];
    environment.extend(planted);
    let server = Kiwi::start(folder.path(), &environment);
    let log = folder.write(
        "log",
        &format!(
            "{}\n{}\nno JSON\n{}\n{}\n",
            json!({"ts": "2999-01-01T00:00:00Z", "level": "ERROR", "msg": "planted-mail-password"}),
            json!({"ts": "2999-01-01T00:00:00Z", "level": "WARN", "event": "setup_token",
                "token": "planted-token"}),
            json!({"ts": "2999-01-01T00:00:00Z", "level": "INFO", "msg": "an uninteresting line"}),
            json!({"ts": "2001-01-01T00:00:00Z", "level": "ERROR", "msg": "an old line"}),
        ),
    );
    let archive = folder.path().join("bundle.tar.gz");
    let archive = archive.to_str().expect("a path");
    let mut command = program(folder.path());
    command.envs(environment.iter().copied());
    let internal = server.ready["internal"].as_str().expect("an address");
    command.env("KIWI_INTERNAL", internal);
    let collector = "http://planted-collector-user:planted-collector-password@127.0.0.1:9";
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", collector);
    let log = log.to_str().expect("a path");
    let arguments = [
        "support-bundle",
        "--json",
        "--out",
        archive,
        "--with-logs",
        log,
    ];
    let told = run(command, &arguments).expect(0).json();
    let names: Vec<&str> = told["files"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|file| file["name"].as_str().expect("a name"))
        .collect();
    let expected = [
        "version.json",
        "configuration.json",
        "doctor.json",
        "database.json",
        "metrics.txt",
        "log.jsonl",
    ];
    assert_eq!(names, expected);
    let unpacked = Command::new("tar")
        .args(["xzf", archive, "-C"])
        .arg(folder.path())
        .status();
    assert!(unpacked.expect("tar").success());
    let mut all = String::new();
    for name in expected {
        let path = folder.path().join("kiwi-support").join(name);
        all.push_str(&fs::read_to_string(path).expect("a text"));
    }
    for (name, secret) in planted {
        assert!(!all.contains(secret), "{name}");
    }
    for secret in ["planted-token", "planted-collector"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(all.contains("http://***@127.0.0.1:9") && all.contains("setup_token"));
    let key = fs::read_to_string(folder.path().join("secret_key")).unwrap_or_default();
    assert!(key.is_empty() || !all.contains(&key), "the generated key");
    for wanted in [
        "mail.password",
        "kiwi_build_info",
        "0003_schedule",
        "\"***\"",
    ] {
        assert!(all.contains(wanted), "{wanted}");
    }
    assert!(!all.contains("an uninteresting line") && !all.contains("an old line"));
    let again = server.kiwi(&["support-bundle", "--out", archive]).expect(1);
    assert!(again.err().contains("exists"), "{}", again.err());
}
