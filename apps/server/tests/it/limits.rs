//! Limits that operators set: how often an address may ask, and who is refused.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::Version;
use reqwest::blocking::{Client, RequestBuilder};

use serde_json::json;

use crate::kiwi::{DOMAIN, Kiwi, PASSWORD, found, prepared, program, run, until};

/// Statuses of the same request, one after the other.
fn statuses(client: &Client, url: &str, headers: &[(&str, &str)], times: usize) -> Vec<u16> {
    let ask = || {
        let mut request = client.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().expect("an answer").status().as_u16()
    };
    (0..times).map(|_| ask()).collect()
}

/// The value of a metric.
fn metric(server: &Kiwi, name: &str) -> f64 {
    let answer = server.client().get(server.internal("/metrics")).send();
    let text = answer.expect("an answer").text().expect("text");
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let line = line.unwrap_or_else(|| panic!("{name} is not in {text}"));
    line.trim().parse().expect("a number")
}

#[test]
fn ops_084_ops_087_clients_behind_a_trusted_proxy_have_rates_of_their_own() {
    let folder = prepared();
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_TRUSTED_PROXIES", "127.0.0.1"),
        ("KIWI_RATELIMIT_ACCOUNTS", "1/min"),
        ("KIWI_RATELIMIT_ACCOUNTS_BURST", "2"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let client = server.client();
    let login = server.http("/accounts/login/");
    let from = |address| statuses(&client, &login, &[("x-forwarded-for", address)], 5);
    assert_eq!(from("203.0.113.7"), [200, 200, 200, 429, 429]);
    assert_eq!(from("203.0.113.8, 198.51.100.1"), [200, 200, 200, 429, 429]);
    // what the client claims to the proxy changes nothing
    assert_eq!(from("203.0.113.9, 198.51.100.1"), [429; 5]);
    // other pages have no limit with one tenant
    let pages = statuses(&client, &server.http("/"), &[], 50);
    assert_eq!(pages, [302; 50]);
    assert!((metric(&server, "kiwi_http_refused_total{class=\"accounts\"}") - 9.0).abs() < 0.1);

    let line = server.wait_for("rate_limited");
    assert_eq!(line["class"], "accounts", "{line}");
    assert_eq!(line["client"], "203.0.113.7", "{line}");
    let line = server.wait_for("rate_limited");
    assert_eq!(line["client"], "198.51.100.1", "once for each address");
}

/// Requests of each kind, from one address: what lies behind them, and whether somebody is logged in.
fn kinds(server: &Kiwi, host: &str) -> (Client, [(&'static str, String); 5]) {
    let client = server.client();
    let rpc = |method: &str, params: serde_json::Value| {
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = client.post(server.https(host, "/json-rpc/")).json(&call);
        let text = answer.send().expect("an answer").text().expect("a text");
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["result"].clone()
    };
    assert!(rpc("Auth.login", json!(["root", PASSWORD])).is_string());
    let file = rpc("User.add_attachment", json!(["a.txt", "eA=="]));
    let upload = file["url"].as_str().expect("an address");
    let kinds = [
        ("static", "/static/ca.crt"),
        ("upload", upload),
        ("icon", "/favicon.ico"),
        ("robots", "/robots.txt"),
        ("dashboard", "/"),
    ];
    let kinds = kinds.map(|(kind, path)| (kind, server.https(host, path)));
    (client, kinds)
}

#[test]
fn opa_041_with_one_tenant_only_the_pages_of_accounts_have_a_rate() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let (client, kinds) = kinds(&server, "localhost");
    for (kind, url) in kinds {
        // more at once than any class of an installation with several tenants allows
        let found = statuses(&client, &url, &[], 250);
        assert!(!found.contains(&429), "{kind}");
        let expected = if kind == "icon" { 404 } else { 200 };
        assert!(
            found
                .iter()
                .all(|status| *status == 200 || *status == expected),
            "{kind}"
        );
    }
    let accounts = statuses(
        &client,
        &server.https("localhost", "/accounts/login/"),
        &[],
        21,
    );
    assert_eq!(accounts, [200; 21]);
}

#[test]
fn opa_042_with_several_tenants_each_kind_has_a_rate_of_its_own() {
    let folder = prepared();
    let environment = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI_RATELIMIT_STATIC", "1/min"),
        ("NGX_STATIC_BURST", "6"),
        ("KIWI_RATELIMIT_UPLOADS", "1/min"),
        ("NGX_UPLOADS_BURST", "3"),
        ("KIWI_RATELIMIT_PAGES", "1/min"),
        ("NGX_AUTHENTICATED_BURST", "9"),
        ("NGX_ERRORS_RATE", "off"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let (client, kinds) = kinds(&server, DOMAIN);
    for (kind, url) in kinds {
        let found = statuses(&client, &url, &[], 30);
        let passed = found.iter().position(|status| *status == 429);
        let expected = match kind {
            "static" => Some(7),
            "upload" => Some(4),
            // two calls of the API came before
            "dashboard" => Some(8),
            _ => None,
        };
        assert_eq!(passed, expected, "{kind}: {found:?}");
    }
}

#[test]
fn opa_053_untrusted_headers_do_not_help_against_rates() {
    let folder = prepared();
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_RATELIMIT_ACCOUNTS", "1/min"),
        ("KIWI_RATELIMIT_ACCOUNTS_BURST", "0"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let client = server.client();
    let login = server.http("/accounts/login/");
    let ask = |headers: &[(&str, &str)]| statuses(&client, &login, headers, 1)[0];
    assert_eq!(ask(&[]), 200);
    for header in ["x-forwarded-for", "x-real-ip"] {
        assert_eq!(ask(&[(header, "203.0.113.7")]), 429, "{header}");
    }
    assert_eq!(ask(&[("forwarded", "for=203.0.113.7")]), 429);
}

#[test]
fn opa_044_the_file_of_refused_addresses_is_read_again() {
    let folder = prepared();
    let file = folder.write("deny.conf", "deny 1.1.1.1;\n");
    let file = file.to_str().expect("a path");
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_TRUSTED_PROXIES", "127.0.0.1"),
        ("NGX_DENY_INCLUDE", file),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let client = server.client();
    let url = server.http("/accounts/login/");
    let from = |address| statuses(&client, &url, &[("x-forwarded-for", address)], 1)[0];
    assert_eq!((from("1.1.1.1"), from("2.2.2.2")), (403, 200));

    folder.write("deny.conf", "deny 2.2.2.0/24;\n");
    server.signal("HUP");
    server.wait_for("configuration_reloaded");
    until("the new list counts", || {
        (from("1.1.1.1"), from("2.2.2.2")) == (200, 403)
    });

    // a mistake changes nothing in a running server, and stops a start
    folder.write("deny.conf", "deny 3.3.3.3;\nreturn 444;\n");
    server.signal("HUP");
    let line = server.wait_for("configuration_refused").to_string();
    assert!(line.contains("deny.conf, line 2: expected `deny"), "{line}");
    assert_eq!((from("3.3.3.3"), from("2.2.2.2")), (200, 403));
    server.kiwi(&["check"]).expect(1);
    server.stop();
    let mut command = program(folder.path());
    command.env("NGX_DENY_INCLUDE", file);
    let ports = [
        "serve",
        "--http=127.0.0.1:0",
        "--https=127.0.0.1:0",
        "--internal=127.0.0.1:0",
    ];
    let said = run(command, &ports).expect(1);
    let told = format!("{}{}", said.out(), said.err());
    assert!(told.contains("line 2: expected `deny"), "{told}");
}

/// What is exactly as large as it may be, and what is one larger.
#[test]
fn opa_045_each_limit_of_size_is_exact() {
    let folder = prepared();
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_RATELIMIT_ACCOUNTS", "off"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let client = server.client();
    for (root, version) in [
        (server.http(""), Version::HTTP_11),
        (server.https("localhost", ""), Version::HTTP_2),
    ] {
        let status = |request: RequestBuilder| {
            let answer = request.send().expect("an answer");
            assert_eq!(answer.version(), version);
            answer.status().as_u16()
        };
        let login = format!("{root}/accounts/login/");

        let path = |length: usize| {
            let begin = "/accounts/login/?x=";
            format!("{root}{begin}{}", "y".repeat(length - begin.len()))
        };
        assert_eq!(status(client.get(path(10_240))), 200);
        assert_eq!(status(client.get(path(10_241))), 414);

        let parameters = |count: usize| format!("{login}?{}", vec!["a"; count].join("&"));
        assert_eq!(status(client.get(parameters(1024))), 200);
        assert_eq!(status(client.get(parameters(1025))), 400);

        // names and values of all fields count, with four bytes for each
        let header = |length: usize| client.get(&login).header("x-large", "z".repeat(length));
        assert_eq!(status(header(20_000)), 200);
        assert_eq!(status(header(20_480)), 431);

        let form = |fields: usize| {
            let body = vec!["a=b"; fields].join("&");
            let request = client.post(&login).body(body);
            request.header("content-type", "application/x-www-form-urlencoded")
        };
        // without a token it is refused for that only when its size is right
        assert_eq!(status(form(1024)), 403);
        assert_eq!(status(form(1025)), 400);

        let body = |length: usize| {
            let request = client.post(&login).body(" ".repeat(length));
            request.header("content-type", "application/x-www-form-urlencoded")
        };
        assert_eq!(status(body(7_864_320)), 403);
        assert_eq!(status(body(7_864_321)), 413);
    }
}

#[test]
fn opa_045_an_address_may_open_so_many_connections() {
    let folder = prepared();
    let limited = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_LIMITS_CONNECTIONS_PER_IP", "3"),
    ];
    let server = Kiwi::start(folder.path(), &limited);
    let port = server.port("http");
    // true if it is answered, false if it is closed at once
    let ask = || {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
        let limit = Some(Duration::from_secs(10));
        stream.set_read_timeout(limit).expect("a limit");
        let _ = stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
        let mut head = [0; 12];
        let is_answered = stream.read_exact(&mut head).is_ok() && &head == b"HTTP/1.1 200";
        (stream, is_answered)
    };
    let mut open: Vec<_> = (0..3).map(|_| ask()).collect();
    assert!(open.iter().all(|(_, is_answered)| *is_answered));
    assert!(!ask().1 && !ask().1);
    server.wait_for("connections_limited");
    open.pop();
    let third = found("there is room again", || {
        Some(ask()).filter(|(_, is_answered)| *is_answered)
    });
    open.push(third);
    server.stop();

    let trusted = [
        limited[0],
        limited[1],
        ("KIWI_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let server = Kiwi::start(folder.path(), &trusted);
    let port = server.port("http");
    let open: Vec<_> = (0..10)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
            let head = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
            stream.write_all(head).expect("it is taken");
            let mut begin = [0; 12];
            stream.read_exact(&mut begin).expect("an answer");
            (stream, begin)
        })
        .collect();
    assert!(open.iter().all(|(_, begin)| begin == b"HTTP/1.1 200"));
}

#[test]
fn opa_037_opa_038_paths_of_others_are_not_answered() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_TENANTS_DOMAIN", DOMAIN)]);
    let client = server.client();
    let host = format!("alpha.{DOMAIN}");
    for path in ["/servlet/FileReceiveServlet", "/%73ervlet/~baseapp/x"] {
        for url in [server.https(&host, path), server.http(path)] {
            let error = client.get(&url).send().expect_err("no answer");
            assert!(!error.is_timeout() && !error.is_connect(), "{error:?}");
        }
    }
    let mut stream = TcpStream::connect(("127.0.0.1", server.port("http"))).expect("a connection");
    stream
        .write_all(b"GET /servlet/x HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("it is taken");
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer);
    assert_eq!(answer, b"", "an empty reply");
    let answer = client
        .get(server.https(&host, "/admin/login/?next=/x"))
        .send();
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), 301);
    assert_eq!(answer.headers()["location"], "/accounts/login/?next=/x");
}

#[test]
fn opa_032_ops_073_headers_that_operators_change() {
    let folder = prepared();
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("NGX_CSP_SCRIPT_SRC", "cdn.example.bg"),
        ("KIWI_SECURITY_HSTS_MAX_AGE", "15768000"),
        ("KIWI_SECURITY_HSTS_INCLUDE_SUBDOMAINS", "true"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let client = server.client();
    let all = |url: String, name: &str| {
        let answer = client.get(url).send().expect("an answer");
        let values = answer.headers().get_all(name).iter();
        values
            .map(|value| value.to_str().expect("ASCII").to_owned())
            .collect::<Vec<_>>()
    };
    let csp = all(server.http("/accounts/login/"), "content-security-policy");
    assert_eq!(csp.len(), 1);
    assert!(
        csp[0].contains("; script-src 'self' cdn.example.bg; "),
        "{csp:?}"
    );
    let name = "strict-transport-security";
    let secure = |path| all(server.https("localhost", path), name);
    let expected = ["max-age=15768000; includeSubDomains"];
    for path in ["/accounts/login/", "/livez", "/static/ca.crt", "/nothing"] {
        assert_eq!(secure(path), expected, "{path}");
    }
    assert!(all(server.http("/accounts/login/"), name).is_empty());
    server.stop();

    // nothing of it by itself, and an empty variable adds nothing
    let plain = [("NGX_CSP_SCRIPT_SRC", "")];
    let server = Kiwi::start(folder.path(), &plain);
    let client = server.client();
    let answer = client
        .get(server.https("localhost", "/accounts/login/"))
        .send();
    let answer = answer.expect("an answer");
    assert!(!answer.headers().contains_key(name));
    let csp = answer.headers()["content-security-policy"].to_str();
    assert!(csp.is_ok_and(|csp| csp.contains("; script-src 'self'; ")));
    server.stop();

    let mut command = program(folder.path());
    command.env("NGX_CSP_SCRIPT_SRC", "a.example; object-src *");
    let said = run(command, &["show-config"]).expect(1);
    assert!(
        said.err()
            .contains("security.csp_script_src: expected sources"),
        "{}",
        said.err()
    );
}

#[test]
fn ent_003_connections_of_scanners_are_closed_without_an_answer() {
    let folder = prepared();
    let environment = [
        ("KIWI_DONT_ENFORCE_HTTPS", "true"),
        ("KIWI_DROP_PATHS", "/servlet/,/wp-"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let answer = |path: &str| {
        let mut stream =
            TcpStream::connect(("127.0.0.1", server.port("http"))).expect("a connection");
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .expect("a limit");
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("is sent");
        let mut answer = Vec::new();
        // a connection may end with a reset
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    for path in ["/servlet/struts", "/wp-login.php", "/wp-?a=1"] {
        assert_eq!(answer(path), "", "{path}");
    }
    for (path, status) in [("/accounts/login/", "200"), ("/servlets", "404")] {
        let answer = answer(path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
    }
}
