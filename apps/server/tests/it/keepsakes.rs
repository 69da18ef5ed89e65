//! What survives a new container: the certificate and the key that the first one made.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::kiwi::{DOMAIN, Folder, Kiwi, PASSWORD, found, prepared, program, run, until};
use crate::upgrade::Installation;

const MULTI: (&str, &str) = ("KIWI_TENANTS_DOMAIN", DOMAIN);
const KEPT: [&str; 4] = [
    "ssl/localhost.crt",
    "ssl/localhost.key",
    "static/ca.crt",
    "secret_key",
];

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// As when a container is removed: only the database and the uploads stay.
fn forget(folder: &Path) {
    for name in KEPT {
        let _ = fs::remove_file(folder.join(name));
    }
}

#[test]
fn seed_036_certificate_and_key_survive_new_containers() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[MULTI]);
    let before = KEPT.map(|name| read(folder.path(), name));
    // a client that trusts the authority of before, and a session of before
    let trusting = fs::read(folder.path().join("static/ca.crt")).expect("the authority");
    server.stop();
    forget(folder.path());
    let server = Kiwi::start(folder.path(), &[MULTI]);
    assert_eq!(KEPT.map(|name| read(folder.path(), name)), before);
    let answer = server
        .client()
        .get(server.https(DOMAIN, "/static/ca.crt"))
        .send();
    let authority = answer.expect("an answer").bytes().expect("the authority");
    assert_eq!(authority, trusting);
    server.stop();

    // a certificate that lacks a name is made anew, and kept from then on
    forget(folder.path());
    let further = ("KIWI_CERTIFICATE_NAMES", "further.example.org");
    let server = Kiwi::start(folder.path(), &[MULTI, further]);
    let new = KEPT.map(|name| read(folder.path(), name));
    assert_ne!(new[0], before[0]);
    assert_eq!(new[3], before[3]);
    server.stop();
    forget(folder.path());
    Kiwi::start(folder.path(), &[MULTI, further]).stop();
    assert_eq!(KEPT.map(|name| read(folder.path(), name)), new);
}

#[test]
fn seed_036_with_a_given_key_the_certificate_is_sealed() {
    let folder = prepared();
    let key = ("SECRET_KEY", "a-key-that-is-given-by-the-settings-1");
    let other = ("SECRET_KEY", "a-key-that-is-given-by-the-settings-2");
    forget(folder.path());
    Kiwi::start(folder.path(), &[MULTI, key]).stop();
    let before = read(folder.path(), "ssl/localhost.crt");
    forget(folder.path());
    // it was made with the first key at hand, and is sealed with it after it was made anew
    let made = run_with(folder.path(), key, &["certificate", "self-signed"]);
    assert_ne!(made, before);
    let server = Kiwi::start(folder.path(), &[MULTI, key]);
    server.stop();
    forget(folder.path());
    Kiwi::start(folder.path(), &[MULTI, key]).stop();
    assert_eq!(read(folder.path(), "ssl/localhost.crt"), made);
    forget(folder.path());
    Kiwi::start(folder.path(), &[MULTI, other]).stop();
    assert_ne!(read(folder.path(), "ssl/localhost.crt"), made);
    assert!(!folder.path().join("secret_key").exists());
}

#[test]
fn servers_that_disagree_do_not_answer_each_other_for_ever() {
    let keys = [
        "a-key-that-is-given-by-the-settings-1",
        "a-key-that-is-given-by-the-settings-2",
    ];
    for (variable, values) in [
        ("SECRET_KEY", keys),
        ("KIWI_CERTIFICATE_NAMES", ["one.example", "two.example"]),
    ] {
        let it = Installation::new();
        let environment = it.environment();
        let folders = [Folder::new(), Folder::new(), Folder::new()];
        let start = |folder: &Folder, value: &str| {
            // certificates say in seconds when they were made
            let before = domain::now().timestamp();
            until("another second", || domain::now().timestamp() > before);
            let mut given = vec![(variable, value)];
            given.extend(environment.iter().map(|(name, value)| (*name, &**value)));
            Kiwi::start(folder.path(), &given)
        };
        let first = start(&folders[0], values[0]);
        let _second = start(&folders[1], values[1]);
        let told = first.wait_for("certificate_not_taken");
        let text = told["msg"].as_str().expect("a text");
        assert!(text.contains(variable), "{text}");
        if variable == "SECRET_KEY" {
            let found = it.kiwi_with((variable, values[0]), &["doctor", "--json"]);
            let text = "was sealed with another SECRET_KEY";
            assert!(found.out().contains(text), "{}", found.out());
        }
        // a third one replaces the certificate again, with what the first one can use
        let _third = start(&folders[2], values[0]);
        let log = first.log_until("certificate_taken");
        let answers = log
            .iter()
            .filter(|line| line["event"] == "certificate_kept");
        assert_eq!(answers.count(), 0, "{log:#?}");
    }
}

fn run_with(folder: &Path, variable: (&str, &str), arguments: &[&str]) -> String {
    let mut command = program(folder);
    command.envs([MULTI, variable]);
    run(command, arguments).expect(0);
    read(folder, "ssl/localhost.crt")
}

#[test]
fn a_new_key_ends_all_sessions() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[MULTI]);
    let client = server.client();
    let host = format!("alpha.{DOMAIN}");
    let call = |method: &str, params: serde_json::Value| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = client
            .post(server.https(&host, "/json-rpc/"))
            .json(&call)
            .send();
        let answer: serde_json::Value = answer.expect("an answer").json().expect("JSON");
        answer
    };
    let logged_in = call("Auth.login", json!(["ann", PASSWORD]));
    assert!(logged_in["result"].is_string(), "{logged_in}");
    assert!(call("TestCase.filter", json!([{}]))["result"].is_array());
    let before = read(folder.path(), "secret_key");
    let told = server
        .kiwi(&["secret", "rotate", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        told,
        json!({"sessions": 1, "credentials": 0, "unreadable": 0})
    );
    assert_ne!(read(folder.path(), "secret_key"), before);
    // the server hears of it a moment after the command has ended
    let refused = found("the session ends", || {
        let answer = call("TestCase.filter", json!([{}]));
        answer["error"].is_object().then_some(answer)
    });
    assert_eq!(refused["error"]["code"], -32098, "{refused}");
    assert_eq!(server.wait_for("secret_key_taken")["level"], "INFO");

    let mut command = program(folder.path());
    command.env("SECRET_KEY", "a-key-that-is-given-by-the-settings-1");
    let refused = run(command, &["secret", "rotate"]).expect(4);
    assert!(refused.err().contains("SECRET_KEY"), "{}", refused.err());
    // from the generated key to one of the settings
    let mut command = program(folder.path());
    command.env("SECRET_KEY", "a-key-that-is-given-by-the-settings-1");
    let told = run(command, &["secret", "reencrypt", "--json"])
        .expect(0)
        .json();
    assert_eq!(told, json!({"credentials": 0, "unreadable": 0}));
    let absent = server.kiwi(&["secret", "reencrypt", "--old-key", "/no/such/file"]);
    assert!(absent.expect(2).err().contains("/no/such/file"));
}
