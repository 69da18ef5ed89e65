//! A database that goes away and comes back.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::kiwi::{Kiwi, pause, prepared, program, run};

#[test]
fn a_killed_database_is_told_and_comes_back_without_a_restart() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let client = server.client();
    let status = |path: &str| {
        client
            .get(server.https("localhost", path))
            .send()
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!(status("/accounts/login/"), 200);
    let pid = std::fs::read_to_string(folder.path().join("postgres/data/postmaster.pid"));
    let pid = pid
        .expect("a running database")
        .lines()
        .next()
        .expect("its id")
        .to_owned();
    let killed = std::process::Command::new("kill")
        .args(["-9", &pid])
        .status();
    assert!(killed.expect("kill").success());

    let begun = Instant::now();
    let mut seen = Vec::new();
    while begun.elapsed() < Duration::from_mins(1) {
        let now = status("/plan/1/");
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        if now == 404 && seen.contains(&503) {
            break;
        }
        pause(Duration::from_millis(50));
    }
    assert!(
        seen.iter().all(|status| matches!(status, 503 | 404)),
        "{seen:?}"
    );
    assert_eq!(seen.last(), Some(&404), "{seen:?}");
    assert_eq!(status("/readyz"), 200);
}

#[test]
fn a_database_without_tables_is_told() {
    let folder = prepared();
    // an own database beside that of the template
    let owner = Kiwi::start(folder.path(), &[]);
    let socket = folder.path().join("postgres/socket");
    let address =
        |name: &str| format!("postgres://kiwi@localhost/{name}?host={}", socket.display());
    let mut command = program(folder.path());
    command.env("DATABASE_URL", address("postgres"));
    let said = run(command, &["showmigrations"]).expect(1);
    assert!(
        said.out().contains(" [ ] ") && !said.out().contains(" [X] "),
        "{}",
        said.out()
    );

    for arguments in [
        &["createsuperuser", "--noinput", "--username=x"][..],
        &["changepassword", "x"],
        &["deleteuser", "x"],
        &["tenant", "create", "x", "--owner=x"],
        &["token", "list"],
        &["mail", "list"],
        &["schedule", "list"],
        &["clearsessions"],
        &["backup", "--out=/nowhere"],
    ] {
        let mut command = program(folder.path());
        command.env("DATABASE_URL", address("postgres"));
        let said = run(command, arguments).expect(1);
        let text = "Error: the database has no tables yet; run `kiwi migrate`\n";
        assert_eq!(said.err(), text, "{arguments:?}");
    }

    let other = crate::kiwi::Folder::new();
    let address = address("postgres");
    let environment = [
        ("DATABASE_URL", address.as_str()),
        ("KIWI_SETUP_WEB", "token"),
    ];
    let server = Kiwi::start(other.path(), &environment);
    let client = server.client();
    let get = |path: &str| {
        let answer = client.get(server.https("localhost", path)).send();
        answer.expect("an answer")
    };
    let page = get("/");
    assert_eq!(page.status(), 302);
    assert_eq!(page.headers()["location"], "/init-db/");
    let told = server.wait_for("setup_token");
    let page = get("/init-db/").text().expect("text");
    assert!(page.contains("Initialize database") && page.contains("name=\"token\""));
    assert!(!page.contains(told["token"].as_str().expect("the token")));
    let answer = client
        .post(server.https("localhost", "/json-rpc/"))
        .header("content-type", "application/json")
        .body("{}")
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 503);
    assert!(answer.text().expect("text").contains("kiwi migrate"));

    server.kiwi(&["migrate"]).expect(0);
    let page = client
        .get(server.https("localhost", "/accounts/login/"))
        .send();
    assert_eq!(page.expect("an answer").status(), 200);
    server.kiwi(&["showmigrations"]).expect(0);
    drop(server);
    drop(owner);
}

#[test]
fn ent_005_a_database_without_tls_is_refused_where_tls_is_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // answers like a database that has no TLS, and keeps all it is told
    let database = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = [0; 8];
        stream.read_exact(&mut request).expect("a request for TLS");
        stream.write_all(b"N").expect("is sent");
        let mut more = Vec::new();
        let _ = stream.read_to_end(&mut more);
        (request, more)
    });
    let folder = crate::kiwi::Folder::new();
    let address = format!("postgres://kiwi:top-secret@127.0.0.1:{port}/kiwi?sslmode=require");
    let mut command = program(folder.path());
    command.env("DATABASE_URL", address);
    let said = run(command, &["showmigrations"]);
    assert_ne!(said.code(), 0);
    let told = said.err();
    assert!(told.contains("TLS"), "{told}");
    assert!(!told.contains("top-secret"), "{told}");
    let (request, more) = database.join().expect("ends");
    assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47], "asks for TLS first");
    assert!(more.is_empty(), "tells nothing without it");
}

#[test]
fn opa_010_a_database_that_wants_encryption_and_does_not_get_it_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, asked) = mpsc::channel();
    // answers like PostgreSQL whose `pg_hba.conf` has lines with `hostssl` only
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut length = [0; 4];
            stream.read_exact(&mut length).expect("a length");
            let mut startup = vec![0; u32::from_be_bytes(length) as usize - 4];
            stream.read_exact(&mut startup).expect("the first message");
            let fields = "SFATAL\0VFATAL\0C28000\0Mno pg_hba.conf entry for host \"127.0.0.1\", \
                          user \"kiwi\", database \"kiwi\", no encryption\0\0";
            let mut message = vec![b'E'];
            message.extend((fields.len() as u32 + 4).to_be_bytes());
            message.extend(fields.as_bytes());
            stream.write_all(&message).expect("is sent");
            if sender.send(startup[..4].to_vec()).is_err() {
                return;
            }
        }
    });
    let folder = crate::kiwi::Folder::new();
    let address = format!("postgres://kiwi:top-secret@127.0.0.1:{port}/kiwi?sslmode=disable");
    let mut command = program(folder.path());
    command.env("DATABASE_URL", &address);
    let said = run(command, &["showmigrations"]).expect(1);
    let told = said.err();
    let error = told.lines().find(|line| line.starts_with("Error: "));
    let error = error.unwrap_or_else(|| panic!("no error: {told}"));
    assert!(error.contains("no encryption"), "{told}");
    assert!(!told.contains("top-secret"), "{told}");
    let mut command = program(folder.path());
    command.env("DATABASE_URL", &address);
    let said = run(command, &["check"]).expect(1);
    let causes = said.out().matches("no encryption").count();
    assert_eq!(causes, 1, "{}", said.out());
    let asked = asked.recv().expect("a connection");
    assert_eq!(asked, [0, 3, 0, 0], "version 3, without asking for TLS");
}

#[test]
fn no_token_is_told_while_nobody_knows_whether_there_is_a_superuser() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    // hangs up on everybody
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let folder = crate::kiwi::Folder::new();
    let address = format!("postgres://kiwi@127.0.0.1:{port}/kiwi?sslmode=disable");
    let environment = [
        ("DATABASE_URL", address.as_str()),
        ("KIWI_REGISTRATION_ENABLED", "yes"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    server.signal("TERM");
    let log = server.log_until("server_stopped");
    let tokens = log.iter().filter(|line| line["event"] == "setup_token");
    assert_eq!(tokens.count(), 0, "{log:#?}");
}
