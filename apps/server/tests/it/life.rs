//! Starting, stopping, and what can be in the way.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::kiwi::{Folder, Kiwi, PASSWORD, pause, prepared, program, run};

#[test]
fn the_first_start_needs_nothing_and_the_second_finds_everything() {
    let folder = Folder::new();
    let first = Kiwi::start(folder.path(), &[]);
    assert_eq!(first.ready["level"], "INFO");
    let key = fs::read_to_string(folder.path().join("secret_key")).expect("the secret key");
    let certificate = fs::read(folder.path().join("ssl/localhost.crt")).expect("a certificate");
    let page = first
        .client()
        .get(first.https("localhost", "/accounts/login/"))
        .send();
    let page = page.expect("an answer").text().expect("a page");
    assert!(page.contains("name=\"csrfmiddlewaretoken\""));
    let (status, took) = first.stop();
    assert_eq!(status, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(
        !folder.path().join("postgres/data/postmaster.pid").exists(),
        "the database stopped"
    );

    let second = Kiwi::start(folder.path(), &[]);
    assert_eq!(
        fs::read_to_string(folder.path().join("secret_key")).expect("a key"),
        key
    );
    assert_eq!(
        fs::read(folder.path().join("ssl/localhost.crt")).expect("a file"),
        certificate
    );
    second.kiwi(&["showmigrations"]).expect(0);
}

#[test]
fn a_port_in_use_is_told() {
    let folder = Folder::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for (option, key) in [
        ("--https", "server.https"),
        ("--internal", "server.internal"),
    ] {
        let mut arguments = vec![
            "serve",
            "--http=127.0.0.1:0",
            "--https=127.0.0.1:0",
            "--internal=127.0.0.1:0",
        ];
        let given = format!("{option}={address}");
        arguments.retain(|argument| !argument.starts_with(option));
        arguments.push(&given);
        let said = run(program(folder.path()), &arguments).expect(1);
        let expected = format!(
            "Error: {key}: {address} is in use by another program; choose another with KIWI_"
        );
        assert!(said.err().contains(&expected), "{}", said.err());
    }
    let mut command = program(folder.path());
    command.env("KIWI_INTERNAL", &address);
    let said = run(command, &["worker"]).expect(1);
    let expected = "choose another with KIWI_INTERNAL or --set server.internal=";
    assert!(said.err().contains(expected), "{}", said.err());
    assert!(
        !folder.path().join("postgres").exists(),
        "nothing was begun"
    );
}

#[test]
fn a_wrong_configuration_is_told() {
    let folder = Folder::new();
    let fails = |name: &str, value: &str, expected: &str| {
        let mut command = program(folder.path());
        command.env(name, value);
        let said = run(command, &["serve"]).expect(1);
        assert!(said.err().contains(expected), "{}", said.err());
    };
    fails(
        "KIWI_DONT_ENFORCE_HTTPS",
        "perhaps",
        "KIWI_DONT_ENFORCE_HTTPS: expected true",
    );
    fails(
        "KIWI_HTTPS",
        "8443",
        "KIWI_HTTPS: expected address:port, got `8443`",
    );
    fails(
        "DATABASE_URL",
        "mysql://x",
        "db.url: expected an address that begins with postgres://",
    );
    fails("KIWI_PG_BIN", "/nowhere", "PostgreSQL");
    folder.write("etc/local_settings.toml", "[tenancy]\ndomian = \"x\"\n");
    fails(
        "KIWI_LOG",
        "info",
        "unknown setting `tenancy.domian`; did you mean `tenancy.domain`?",
    );
}

#[test]
fn what_runs_is_finished_before_the_end() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_DONT_ENFORCE_HTTPS", "true")]);
    let call =
        json!({"jsonrpc": "2.0", "id": 1, "method": "Auth.login", "params": ["root", PASSWORD]});
    let client = server.client();
    let login = || client.post(server.http("/json-rpc/")).json(&call).send();
    login().expect("the first one takes longest");
    // comparing passwords takes long enough to be under way when the signal comes
    let (answers, code) = std::thread::scope(|scope| {
        let running: Vec<_> = (0..4).map(|_| scope.spawn(login)).collect();
        pause(Duration::from_millis(30));
        server.signal("INT");
        let answers: Vec<_> = running
            .into_iter()
            .map(|thread| thread.join().expect("joined"))
            .collect();
        (answers, server.wait_for("server_stopped"))
    });
    assert_eq!(code["level"], "INFO");
    let done = answers
        .iter()
        .flatten()
        .filter(|answer| answer.status() == 200)
        .count();
    assert!(done > 0, "{answers:?}");
}

#[test]
fn commands_run_beside_a_server_and_without_one() {
    let folder = prepared();
    let alone = |arguments: &[&str]| {
        let mut command = program(folder.path());
        command.env("KIWI_TENANTS_DOMAIN", "kiwi.test");
        run(command, arguments)
    };
    let listed = alone(&["tenant", "list", "--json"]).expect(0).json();
    assert!(
        !folder.path().join("postgres/data/postmaster.pid").exists(),
        "it stopped"
    );
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", "kiwi.test")]);
    assert_eq!(
        alone(&["tenant", "list", "--json"]).expect(0).json(),
        listed
    );
    assert!(
        folder.path().join("postgres/data/postmaster.pid").exists(),
        "it goes on"
    );
    let ready = server
        .client()
        .get(server.internal("/readyz"))
        .send()
        .expect("an answer");
    assert_eq!(ready.status(), 200);
}

#[test]
fn a_worker_stops_when_told() {
    let folder = prepared();
    let mut command = program(folder.path());
    command.arg("worker").stdout(Stdio::piped());
    let mut worker = command.spawn().expect("the program starts");
    let pid = worker.id().to_string();
    let mut log = BufReader::new(worker.stdout.take().expect("its output")).lines();
    let ready = log.find(|line| {
        line.as_ref()
            .is_ok_and(|line| line.contains("worker_ready"))
    });
    assert!(ready.is_some(), "it starts");
    assert!(
        Command::new("kill")
            .arg(&pid)
            .status()
            .expect("kill")
            .success()
    );
    assert_eq!(worker.wait().expect("its end").code(), Some(0));
}

#[test]
fn opa_077_an_unusable_certificate_is_told_and_replaced_without_a_restart() {
    let folder = prepared();
    let ssl = folder.path().join("ssl");
    let key = fs::read(ssl.join("localhost.key")).expect("a key");
    assert_eq!(
        fs::metadata(ssl.join("localhost.key"))
            .expect("a file")
            .permissions()
            .mode()
            & 0o777,
        0o600
    );
    // a folder cannot be read as a file, not even by root
    fs::remove_file(ssl.join("localhost.key")).expect("removed");
    fs::create_dir(ssl.join("localhost.key")).expect("a folder");
    let mut server = Kiwi::start(folder.path(), &[]);
    let health = server
        .client()
        .get(server.internal("/livez"))
        .send()
        .expect("an answer");
    assert_eq!(health.status(), 200);
    let refused = server
        .client()
        .get(server.https("localhost", "/livez"))
        .send();
    assert!(
        refused.is_err(),
        "the authority on the disk is not that of the certificate in memory"
    );

    fs::remove_dir(ssl.join("localhost.key")).expect("removed");
    fs::write(ssl.join("localhost.key"), key).expect("a file");
    server.signal("HUP");
    let loaded: Value = server.wait_for("certificate_loaded");
    assert_eq!(loaded["level"], "INFO");
    let answer = server
        .client()
        .get(server.https("localhost", "/livez"))
        .send();
    assert_eq!(answer.expect("an answer").status(), 200);
    server.ready = Value::Null;
}
