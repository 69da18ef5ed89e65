//! Plain HTTP, HTTPS and the certificate.

use std::process::Command;

use crate::kiwi::{Kiwi, prepared, program, run};

#[test]
fn sec_052_plain_http_leads_to_https() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let client = server.client();
    let answer = client
        .post(server.http("/json-rpc/?x=y"))
        .body("{}")
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 301);
    let location = answer.headers()["location"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    assert_eq!(
        location,
        format!("https://127.0.0.1:{}/json-rpc/?x=y", server.port("https"))
    );
    assert!(!answer.headers().contains_key("set-cookie"));
    assert!(
        answer
            .text()
            .expect("text")
            .contains("301 Moved Permanently")
    );
    for path in ["/livez", "/readyz"] {
        assert_eq!(
            client
                .get(server.http(path))
                .send()
                .expect("an answer")
                .status(),
            200
        );
    }
    let host = "kiwi.example";
    let answer = client
        .get(server.http("/"))
        .header("host", host)
        .send()
        .expect("an answer");
    assert_eq!(answer.headers()["location"], "https://kiwi.example/");
}

#[test]
fn plain_http_is_served_when_that_is_wanted() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[("KIWI_DONT_ENFORCE_HTTPS", "yes")]);
    let answer = server
        .client()
        .get(server.http("/accounts/login/"))
        .send()
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    assert!(
        cookie.starts_with("csrftoken=") && !cookie.contains("Secure"),
        "{cookie}"
    );
    let answer = server
        .client()
        .get(server.https("localhost", "/accounts/login/"))
        .send();
    let answer = answer.expect("an answer");
    assert!(
        answer.headers()["set-cookie"]
            .to_str()
            .expect("ASCII")
            .contains("; Secure")
    );
}

#[test]
fn opa_036_the_authority_is_served_and_signed_the_certificate() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let answer = server
        .client()
        .get(server.https("127.0.0.1", "/static/ca.crt"))
        .send();
    let answer = answer.expect("the address is a name of the certificate");
    assert_eq!(
        answer.headers()["content-type"],
        "application/x-x509-ca-cert"
    );
    let sent = answer.bytes().expect("a file");
    assert_eq!(
        sent,
        std::fs::read(folder.path().join("static/ca.crt")).expect("a file")
    );
    let verified = Command::new("openssl")
        .args(["verify", "-CAfile"])
        .arg(folder.path().join("static/ca.crt"))
        .arg(folder.path().join("ssl/localhost.crt"))
        .output();
    // on machines that have the tool
    if let Ok(verified) = verified {
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stderr)
        );
    }
}

#[test]
fn http2_and_http1_are_spoken() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let version = |client: reqwest::blocking::Client| {
        client
            .get(server.https("localhost", "/livez"))
            .send()
            .expect("an answer")
            .version()
    };
    assert_eq!(version(server.client()), reqwest::Version::HTTP_2);
    let metrics = server
        .client()
        .get(server.internal("/metrics"))
        .send()
        .expect("an answer");
    let text = metrics.text().expect("text");
    assert!(
        text.contains("kiwi_http_requests_total{route=\"/livez\",method=\"GET\",status=\"2xx\"} 1"),
        "{text}"
    );
    assert!(text.contains("kiwi_build_info{") && text.contains("process_resident_memory_bytes "));
    assert!(text.ends_with("# EOF\n"));
}

/// The fingerprint of the certificate that is shown to clients of a host.
fn shown(server: &Kiwi, host: &str) -> String {
    let address = format!("127.0.0.1:{}", server.port("https"));
    let connected = Command::new("openssl")
        .args(["s_client", "-connect", &address, "-servername", host])
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl");
    let mut digest = Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("openssl");
    let mut input = digest.stdin.take().expect("its input");
    std::io::Write::write_all(&mut input, &connected.stdout).expect("it reads");
    drop(input);
    let said = digest.wait_with_output().expect("its end").stdout;
    let said = String::from_utf8(said).expect("text");
    said.trim()
        .rsplit('=')
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn seed_045_047_certificates_are_replaced_without_a_restart() {
    let folder = prepared();
    let server = Kiwi::start(folder.path(), &[]);
    let told = |arguments: &[&str]| server.kiwi(arguments).expect(0).json();
    let first = told(&["certificate", "show", "--json"])[0].clone();
    assert_eq!(first["is_generated"], true);
    let fingerprint =
        |facts: &serde_json::Value| facts["fingerprint"].as_str().expect("text").to_owned();
    assert_eq!(shown(&server, "localhost"), fingerprint(&first));

    let name = [
        "certificate",
        "self-signed",
        "--name=tests.example.org",
        "--json",
    ];
    let second = told(&name);
    assert!(
        second["names"]
            .as_array()
            .expect("a list")
            .contains(&"tests.example.org".into())
    );
    server.signal("HUP");
    server.wait_for("certificate_loaded");
    assert_eq!(shown(&server, "localhost"), fingerprint(&second));

    // an own pair for one host; everybody else is shown the other one
    let other = crate::kiwi::Folder::new();
    run(program(other.path()), &["certificate", "self-signed"]).expect(0);
    for ending in ["crt", "key"] {
        let pair = other.path().join(format!("ssl/localhost.{ending}"));
        std::fs::copy(
            pair,
            folder.path().join(format!("ssl/own.example.{ending}")),
        )
        .expect("a file");
    }
    server.signal("HUP");
    server.wait_for("certificate_loaded");
    let all = told(&["certificate", "show", "--json"]);
    assert_eq!(shown(&server, "own.example"), fingerprint(&all[1]));
    assert_eq!(shown(&server, "localhost"), fingerprint(&second));

    server.kiwi(&["certificate", "check"]).expect(0);
    server
        .kiwi(&["certificate", "check", "--days=3650"])
        .expect(1);
    folder.write("ssl/localhost.key", "nonsense");
    let said = server.kiwi(&["certificate", "check"]).expect(1);
    assert!(said.err().contains("localhost.key"), "{}", said.err());
}

#[test]
fn opa_077_a_certificate_that_has_ended_is_told_and_shown_until_it_is_replaced() {
    let folder = prepared();
    let ended = |year| {
        let names = vec!["localhost".to_owned()];
        let mut params = rcgen::CertificateParams::new(names).expect("names");
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        folder.write("ssl/localhost.crt", &certificate.pem());
        folder.write("ssl/localhost.key", &key.serialize_pem());
    };
    ended(2021);
    let server = Kiwi::start(folder.path(), &[]);
    let health = server.client().get(server.http("/readyz")).send();
    assert_eq!(health.expect("an answer").status(), 200);
    let facts = server
        .kiwi(&["certificate", "show", "--json"])
        .expect(0)
        .json()[0]
        .clone();
    assert_eq!(facts["not_after"], "2021-01-01T00:00:00Z");
    assert_eq!(facts["fingerprint"], shown(&server, "localhost"));
    server.kiwi(&["certificate", "check"]).expect(1);

    // it is told when the files are read, and no more once they are good
    server.signal("HUP");
    let line = server.wait_for("certificate_ended").to_string();
    assert!(line.contains("localhost.crt ended at 2021-01-01"), "{line}");
    server.wait_for("certificate_loaded");
    ended(2090);
    server.signal("HUP");
    server.wait_for("certificate_loaded");
    server.kiwi(&["certificate", "check"]).expect(0);
    let facts = server
        .kiwi(&["certificate", "show", "--json"])
        .expect(0)
        .json()[0]
        .clone();
    assert_eq!(facts["fingerprint"], shown(&server, "localhost"));
}
