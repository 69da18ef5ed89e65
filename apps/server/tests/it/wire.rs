//! What real connections do: tenants over TLS, slow and broken clients.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::kiwi::{self, DOMAIN, Kiwi, PASSWORD, prepared};

fn call(
    client: &reqwest::blocking::Client,
    url: &str,
    method: &str,
    params: &Value,
) -> (u16, Value) {
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let answer = client.post(url).json(&body).send().expect("an answer");
    (answer.status().as_u16(), answer.json().expect("JSON"))
}

#[test]
fn tenants_are_told_apart_by_their_host() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let url = |tenant: &str| server.https(&format!("{tenant}.{DOMAIN}"), "/json-rpc/");
    let root = server.client();
    let (status, answer) = call(
        &root,
        &url("alpha"),
        "Auth.login",
        &json!(["root", PASSWORD]),
    );
    assert_eq!(
        (status, answer["result"].as_str().map(str::len)),
        (200, Some(32))
    );

    let classification = json!([{"name": "Only here"}]);
    let (_, made) = call(
        &root,
        &url("alpha"),
        "Classification.create",
        &classification,
    );
    assert!(made["result"]["id"].is_i64(), "{made}");
    // the session counts below the whole domain
    let (_, found) = call(
        &root,
        &url("alpha"),
        "Classification.filter",
        &classification,
    );
    assert_eq!(found["result"].as_array().map(Vec::len), Some(1));
    let (_, found) = call(
        &root,
        &url("beta"),
        "Classification.filter",
        &classification,
    );
    assert_eq!(found["result"].as_array().map(Vec::len), Some(0));

    let ann = server.client();
    call(&ann, &url("alpha"), "Auth.login", &json!(["ann", PASSWORD]));
    let (status, answer) = call(&ann, &url("alpha"), "KiwiTCMS.version", &json!([]));
    assert_eq!((status, &answer["error"]), (200, &Value::Null));
    let (status, answer) = call(&ann, &url("beta"), "KiwiTCMS.version", &json!([]));
    assert_eq!(
        (status, answer["error"]["code"].as_i64()),
        (403, Some(-32098))
    );
    let (status, answer) = call(&ann, &url("nobody"), "KiwiTCMS.version", &json!([]));
    assert_eq!(
        (status, answer["error"]["message"].as_str()),
        (404, Some("Unknown host"))
    );

    // a change beside the server is seen as soon as the database has told
    server.kiwi(&["tenant", "suspend", "beta"]).expect(0);
    let beta_answers = |status: u16| {
        kiwi::until("the server hears of it", || {
            call(&root, &url("beta"), "KiwiTCMS.version", &json!([])).0 == status
        });
    };
    beta_answers(403);
    server.kiwi(&["tenant", "resume", "beta"]).expect(0);
    beta_answers(200);
    server
        .kiwi(&["tenant", "create", "nobody", "--owner=root"])
        .expect(0);
    assert_eq!(
        call(&root, &url("nobody"), "KiwiTCMS.version", &json!([])).0,
        200
    );
}

/// Sends bytes over plain HTTP and returns everything that comes back, and after what time.
fn exchange(server: &Kiwi, pieces: &[&[u8]], pause: Duration) -> (String, Duration) {
    let mut stream = TcpStream::connect(("127.0.0.1", server.port("http"))).expect("a connection");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a limit");
    let begun = Instant::now();
    for piece in pieces {
        if stream.write_all(piece).is_err() {
            break;
        }
        kiwi::pause(pause);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    (
        String::from_utf8_lossy(&answer).into_owned(),
        begun.elapsed(),
    )
}

#[test]
fn opa_046_slow_and_broken_clients_do_no_harm() {
    let folder = prepared();
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_LIMITS_HEADER_TIME", "2"),
        ("KIWI_LIMITS_BODY_TIME", "2"),
        ("KIWI_LIMITS_KEEP_ALIVE", "4"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let none = Duration::ZERO;
    let second = Duration::from_secs(1);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let head: Vec<&[u8]> = b"GET / HTTP/1.1\r\n".chunks(1).collect();
            let (answer, took) = exchange(&server, &head[..8], second / 2);
            assert!(
                answer.starts_with("HTTP/1.1 408 ") && answer.ends_with("took too long.\r\n"),
                "a head that does not end: {answer}"
            );
            assert!(took < second * 6, "{took:?}");
        });
        scope.spawn(|| {
            let (answer, took) = exchange(&server, &[], none);
            assert_eq!(answer, "", "nothing at all");
            assert!(took > second && took < second * 6, "{took:?}");
        });
        scope.spawn(|| {
            let head = b"POST /json-rpc/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                         Content-Length: 100\r\n\r\n{";
            let (answer, took) = exchange(&server, &[head], none);
            assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
            assert!(took > second && took < second * 10, "{took:?}");
        });
        scope.spawn(|| {
            let head = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
            let (answer, took) = exchange(&server, &[head], none);
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(
                took > second * 3 && took < second * 10,
                "kept alive for a while: {took:?}"
            );
        });
        scope.spawn(|| {
            let long = format!(
                "GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n",
                "x".repeat(40_000)
            );
            let (answer, _) = exchange(&server, &[long.as_bytes()], none);
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        });
        scope.spawn(|| {
            let (answer, _) = exchange(&server, &[b"NONSENSE\r\n\r\n"], none);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        });
    });
    let big = format!("{{}}{}", " ".repeat(7_864_319));
    let answer = server
        .client()
        .post(server.http("/json-rpc/"))
        .header("content-type", "application/json")
        .body(big)
        .send();
    assert_eq!(answer.expect("an answer").status(), 400);
    let answer = server
        .client()
        .get(server.http("/accounts/login/"))
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 200);
}

/// Connections that do nothing, and heads that never end.
#[test]
fn opa_046_idle_and_slow_clients_do_not_stop_honest_ones() {
    const IDLE: usize = 1000;
    const SLOW: usize = 200;
    let folder = prepared();
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_LIMITS_HEADER_TIME", "5"),
        // all of them, honest ones too, come from one address
        ("KIWI_RATELIMIT_ALLOW", "127.0.0.1"),
        ("KIWI_LIMITS_CONNECTIONS_PER_IP", "0"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let port = server.port("http");
    let connect = || TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let mut idle = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        let mut stream = connect();
        stream
            .write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
            .expect("it is taken");
        let mut head = [0; 15];
        stream.read_exact(&mut head).expect("an answer");
        assert_eq!(&head, b"HTTP/1.1 200 OK");
        idle.push(stream);
    }
    let mut slow: Vec<TcpStream> = (0..SLOW).map(|_| connect()).collect();
    for stream in &mut slow {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
            .expect("it is taken");
    }
    let client = server.client();
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        for stream in &mut slow {
            // those who have been cut off are no longer there
            let _ = stream.write_all(b"x");
        }
        let asked = Instant::now();
        let answer = client.get(server.http("/accounts/login/")).send();
        assert_eq!(answer.expect("an answer").status(), 200);
        assert!(
            asked.elapsed() < Duration::from_secs(4),
            "{:?}",
            asked.elapsed()
        );
    }
    let metrics = client.get(server.internal("/metrics")).send();
    let text = metrics.expect("an answer").text().expect("text");
    let memory = text
        .lines()
        .find_map(|line| line.strip_prefix("process_resident_memory_bytes "))
        .and_then(|bytes| bytes.parse::<f64>().ok())
        .expect("its memory");
    assert!(memory < 400e6, "{memory}");
    // whoever dribbles is cut off; whoever rests between requests is not
    kiwi::pause(Duration::from_secs(5));
    for stream in &mut slow {
        let mut rest = Vec::new();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a limit");
        match stream.read_to_end(&mut rest) {
            Ok(_) => {
                let told = String::from_utf8_lossy(&rest);
                assert!(told.starts_with("HTTP/1.1 408 "), "{told}");
            }
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
    }
    let again = &mut idle[0];
    again
        .write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .expect("it is still there");
    let mut rest = String::new();
    again.read_to_string(&mut rest).expect("an answer");
    assert!(rest.contains("HTTP/1.1 200 OK"), "{rest}");
}
