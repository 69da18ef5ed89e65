//! Plain HTTP, HTTPS and the certificate.

use std::process::Command;

use crate::kiwi::{Kiwi, prepared};

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
fn the_authority_is_served_and_signed_the_certificate() {
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
