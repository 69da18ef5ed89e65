//! Limits that operators set: how often an address may ask, and who is refused.

use reqwest::blocking::Client;

use crate::kiwi::{Kiwi, prepared, program, run};

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
    crate::kiwi::pause(std::time::Duration::from_millis(200));
    assert_eq!((from("1.1.1.1"), from("2.2.2.2")), (200, 403));

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
