//! Mail, as an operator sees it.

use serde_json::json;

use crate::kiwi::{Folder, Kiwi, prepared, program, run, until};

#[test]
fn mail_waits_until_there_is_a_sender_and_can_be_looked_after() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let listed = server.kiwi(&["mail", "list", "--json"]).expect(0).json();
    let listed = listed.as_array().expect("a list");
    // what was told to the owner when the two tenants were made
    let about: Vec<_> = listed
        .iter()
        .map(|mail| {
            (
                mail["tenant"].as_str(),
                mail["to"].as_str(),
                mail["state"].as_str(),
            )
        })
        .collect();
    let expected =
        ["alpha", "beta"].map(|name| (Some(name), Some("r@example.org"), Some("waiting")));
    assert_eq!(about, expected);

    let id = listed[0]["id"].to_string();
    let shown = server.kiwi(&["mail", "show", &id]).expect(0).out();
    for line in [
        "To: r@example.org\n",
        "Subject: New Kiwi TCMS tenant created\n",
        "https://alpha.kiwi.test",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let retried = server
        .kiwi(&["mail", "retry", &id, "--json"])
        .expect(0)
        .json();
    assert_eq!(retried, json!({"count": 1}));
    let none = server
        .kiwi(&["mail", "retry", &id, "--state=dead"])
        .expect(4);
    assert!(none.err().contains("1 of 1"), "{}", none.err());
    server.kiwi(&["mail", "delete", &id]).expect(0);
    server.kiwi(&["mail", "show", &id]).expect(3);
    server.kiwi(&["mail", "delete", &id]).expect(3);
    server.kiwi(&["mail", "list", "--tenant=nobody"]).expect(3);
    server.kiwi(&["mail", "retry"]).expect(2);

    let refused = server.kiwi(&["sendtestemail", "ann@example.org"]).expect(4);
    assert!(refused.err().contains("mail.from"), "{}", refused.err());
    server.kiwi(&["sendtestemail"]).expect(2);
    server.kiwi(&["sendtestemail", "--admins"]).expect(2);
}

#[test]
fn the_server_sends_what_waits_and_counts_it() {
    let folder = prepared();
    let mails = folder.path().join("mails");
    let mails = mails.to_str().expect("a path");
    let environment = [
        ("KIWI_MAIL_BACKEND", "file"),
        ("EMAIL_FILE_PATH", mails),
        ("DEFAULT_FROM_EMAIL", "Kiwi <kiwi@kiwi.test>"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    server.wait_for("mail_sent");
    server.wait_for("mail_sent");
    let files = || std::fs::read_dir(mails).expect("the folder").count();
    assert_eq!(files(), 2);
    assert_eq!(
        server.kiwi(&["mail", "list", "--json"]).expect(0).json(),
        json!([])
    );

    let sent = server
        .kiwi(&["sendtestemail", "ann@example.org", "--json"])
        .expect(0)
        .json();
    assert_eq!(
        (&sent[0]["to"], &sent[0]["sent"]),
        (&json!("ann@example.org"), &json!(true))
    );
    assert_eq!(files(), 3);

    let wanted = [
        "kiwi_mails_sent_total 2",
        "kiwi_outbox_mails{state=\"waiting\"} 0",
    ];
    until("the mails are counted", || {
        let metrics = server.client().get(server.internal("/metrics")).send();
        let metrics = metrics.expect("an answer").text().expect("a text");
        wanted.iter().all(|line| metrics.contains(line))
    });
}

#[test]
fn seed_038_a_trial_with_a_copy_of_the_data_sends_nothing() {
    let folder = prepared();
    let backups = folder.path().join("backups");
    let environment = [
        ("KIWI_STAGING", "true"),
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", "1"),
        ("DEFAULT_FROM_EMAIL", "Kiwi <kiwi@kiwi.test>"),
        ("KIWI_BACKUP_SCHEDULE", "02:30"),
        ("KIWI_BACKUP_TARGET", backups.to_str().expect("a path")),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    server.wait_for("mail_sent");
    server.wait_for("mail_sent");
    let mails = std::fs::read_dir(folder.path().join("mail")).expect("the folder");
    assert_eq!(mails.count(), 2);
    let mut command = program(folder.path());
    command.envs(environment);
    let tasks = run(command, &["schedule", "list"]).expect(0).out();
    assert!(!tasks.contains("backup"), "{tasks}");
    let login = server.https("localhost", "/accounts/login/");
    let page = server.client().get(login).send().expect("an answer");
    let page = page.text().expect("a page");
    assert!(page.contains("This is a trial with a copy of the data."));
}

#[test]
fn a_server_that_refuses_is_told() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let mut command = program(folder.path());
    // a port of our own that speaks no SMTP answers at once
    command.envs([
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", "1"),
        ("EMAIL_HOST_USER", "kiwi"),
        ("EMAIL_HOST_PASSWORD", "planted-secret"),
        ("DEFAULT_FROM_EMAIL", "kiwi@kiwi.test"),
    ]);
    let said = run(command, &["sendtestemail", "ann@example.org"]).expect(1);
    assert!(
        said.out().starts_with("ann@example.org: not sent: "),
        "{}",
        said.out()
    );
    assert!(!format!("{}{}", said.out(), said.err()).contains("planted-secret"));
    server.stop();
}

#[test]
fn contradictions_are_told_at_the_start() {
    let folder = Folder::new();
    let mut command = program(folder.path());
    command.envs([("EMAIL_USE_TLS", "True"), ("EMAIL_USE_SSL", "True")]);
    let said = run(command, &["serve", "--http=127.0.0.1:0"]).expect(1);
    assert!(
        said.err()
            .contains("EMAIL_USE_TLS and EMAIL_USE_SSL exclude each other"),
        "{}",
        said.err()
    );
}
