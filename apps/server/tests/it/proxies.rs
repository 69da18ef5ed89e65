//! Behind a reverse proxy, and watched by a container engine.

use serde_json::{Value, json};

use crate::kiwi::{DOMAIN, Kiwi, PASSWORD, prepared, program, run};

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

#[test]
fn opa_030_the_dashboard_warns_of_plain_http_unless_a_trusted_proxy_speaks_https() {
    let folder = prepared();
    let warns = |server: &Kiwi, address: &str, scheme: &str| {
        let client = server.client();
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "Auth.login",
            "params": ["root", PASSWORD]});
        let with = |request: reqwest::blocking::RequestBuilder| match scheme {
            "" => request,
            scheme => request.header("x-forwarded-proto", scheme),
        };
        let answer = with(client.post(format!("{address}json-rpc/")).json(&call)).send();
        let answer: Value = answer.expect("an answer").json().expect("JSON");
        let session = answer["result"].as_str().expect("a session");
        let page = with(client.get(address)).header("cookie", format!("sessionid={session}"));
        let page = page.send().expect("an answer");
        assert_eq!(page.status(), 200);
        let page = page.text().expect("a text");
        assert!(page.contains("id=\"page-dashboard\""), "{page}");
        page.contains("You are not using a secure connection.")
    };

    let server = Kiwi::start(folder.path(), &[("KIWI_DONT_ENFORCE_HTTPS", "true")]);
    assert!(!warns(&server, &server.https("localhost", "/"), ""));
    assert!(warns(&server, &server.http("/"), ""));
    assert!(warns(&server, &server.http("/"), "https"), "of anybody");
    server.stop();
    let trust = [("KIWI_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Kiwi::start(folder.path(), &trust);
    assert!(!warns(&server, &server.http("/"), "https"));
    server.stop();
}

#[test]
fn opa_054_redirects_and_links_name_the_port_that_clients_see() {
    let folder = prepared();
    let environment = [
        ("KIWI_TENANTS_DOMAIN", DOMAIN),
        ("KIWI_PUBLIC_PORT", "8444"),
    ];
    let server = Kiwi::start(folder.path(), &environment);
    let client = server.client();
    for host in ["localhost", "alpha.kiwi.test"] {
        let request = client.get(server.http("/plan/1/?x=y"));
        let request = request.header("host", format!("{host}:8081"));
        let answer = request.send().expect("an answer");
        assert_eq!(answer.status(), 301);
        let place = format!("https://{host}:8444/plan/1/?x=y");
        assert_eq!(answer.headers()["location"], place.as_str());
    }

    server
        .kiwi(&["tenant", "create", "gamma", "--owner=root"])
        .expect(0);
    let waiting = server.kiwi(&["mail", "list", "--tenant=gamma", "--json"]);
    let id = waiting.expect(0).json()[0]["id"].to_string();
    let shown = server.kiwi(&["mail", "show", &id]).expect(0).out();
    assert!(shown.contains("https://gamma.kiwi.test:8444/"), "{shown}");
    // the record itself is as it was written, and a port in it counts more
    let name = server.kiwi(&["set_domain", "--tenant=gamma"]).expect(0);
    assert_eq!(name.out(), "gamma.kiwi.test\n");
    let link = || {
        let recovery = [
            "createsuperuser",
            "--noinput",
            "--username=root",
            "--recovery",
            "--json",
        ];
        let told = server.kiwi(&recovery).expect(0).json();
        told["url"].as_str().expect("an address").to_owned()
    };
    assert!(
        link().starts_with("https://kiwi.test:8444/accounts/"),
        "{}",
        link()
    );
    server.kiwi(&["set_domain", "kiwi.test:9443"]).expect(0);
    assert!(
        link().starts_with("https://kiwi.test:9443/accounts/"),
        "{}",
        link()
    );
}
