//! Behind a reverse proxy, and watched by a container engine.

use crate::kiwi::{Kiwi, prepared, program, run};

#[test]
fn opa_052_a_trusted_proxy_tells_scheme_and_client() {
    let folder = prepared();
    let asked = |server: &Kiwi, scheme: &str| {
        let client = server.client();
        let request = client.get(server.http("/accounts/login/"));
        let request = request.header("x-forwarded-proto", "http");
        let request = request.header("x-forwarded-proto", scheme);
        let request = request.header("x-forwarded-for", "6.6.6.6, 203.0.113.7");
        request.send().expect("an answer")
    };

    let server = Kiwi::start(
        folder.path(),
        &[("KIWI_TRUSTED_PROXIES", "127.0.0.0/8,::1")],
    );
    assert_eq!(asked(&server, "http").status(), 301);
    let answer = asked(&server, "https");
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().expect("ASCII");
    assert!(cookie.contains("; Secure"), "{cookie}");
    let line = server.wait_for("request");
    assert_eq!(line["client"], "203.0.113.7", "{line}");
    server.stop();

    let server = Kiwi::start(folder.path(), &[("KIWI_TRUSTED_PROXIES", "10.0.0.0/8")]);
    assert_eq!(asked(&server, "https").status(), 301);
    let remark = server.wait_for("proxy_headers_ignored");
    assert!(
        remark.to_string().contains("KIWI_TRUSTED_PROXIES"),
        "{remark}"
    );
    server.stop();

    let mut command = program(folder.path());
    command.env("KIWI_TRUSTED_PROXIES", "10.0.0.0/8,proxy.example");
    let said = run(command, &["serve"]).expect(1);
    assert!(
        said.err()
            .contains("http.trusted_proxies: expected an address or a network"),
        "{}",
        said.err()
    );
}

#[test]
fn healthcheck_asks_the_server_on_its_own_listener() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let internal = server.ready["internal"].as_str().expect("an address");
    let check = |arguments: &[&str]| {
        let mut command = program(folder.path());
        command.env("KIWI_INTERNAL", internal);
        run(command, &[&["healthcheck"], arguments].concat())
    };
    assert_eq!(check(&[]).expect(0).out(), "ok\n");
    assert_eq!(check(&["--json"]).expect(0).json()["status"], 200);
    check(&["--live", "--timeout", "2"]).expect(0);
    let elsewhere = check(&["--internal", "127.0.0.1:1"]).expect(1);
    assert!(
        elsewhere
            .err()
            .starts_with("Error: http://127.0.0.1:1/readyz: cannot connect"),
        "{}",
        elsewhere.err()
    );
    server.stop();
}
