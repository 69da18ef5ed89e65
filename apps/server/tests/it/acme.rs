//! Certificates of an authority: a real one for tests (`pebble`) asks a real server.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::kiwi::{DOMAIN, Folder, Kiwi, prepared, until};

/// Something that ends with the test.
struct Running(Child);

impl Running {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let started = Command::new(program)
            .args(arguments)
            .env("PEBBLE_VA_NOSLEEP", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(started.unwrap_or_else(|error| panic!("{program}: {error}")))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An authority that takes every name for a name of this machine.
struct Authority {
    folder: Folder,
    address: String,
    management: String,
    names: String,
    names_management: String,
    running: Vec<Running>,
}

impl Authority {
    fn new() -> Self {
        let folder = Folder::new();
        let key = rcgen::KeyPair::generate().expect("a key");
        let params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("a name");
        let certificate = params.self_signed(&key).expect("a certificate");
        folder.write("authority.crt", &certificate.pem());
        folder.write("authority.key", &key.serialize_pem());
        Self {
            folder,
            address: free(),
            management: free(),
            names: free(),
            names_management: free(),
            running: vec![],
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// What a server must be told.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let port = self.address.rsplit(':').next().expect("a port");
        vec![
            ("KIWI_TENANTS_DOMAIN", DOMAIN.to_owned()),
            ("KIWI_ACME", "true".to_owned()),
            ("KIWI_ACME_AGREE_TOS", "true".to_owned()),
            ("KIWI_ACME_EMAIL", "admin@example.org".to_owned()),
            (
                "KIWI_ACME_DIRECTORY",
                format!("https://localhost:{port}/dir"),
            ),
            ("KIWI_ACME_CA_FILE", self.path("authority.crt")),
        ]
    }

    /// Starts to ask on these ports.
    fn ask(&mut self, http: u16, https: u16) {
        let configuration = json!({"pebble": {
            "listenAddress": self.address,
            "managementListenAddress": self.management,
            "certificate": self.path("authority.crt"),
            "privateKey": self.path("authority.key"),
            "httpPort": http,
            "tlsPort": https,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
        }});
        let file = self.folder.write("pebble.json", &configuration.to_string());
        let names = [
            "-dns01",
            &self.names,
            "-management",
            &self.names_management,
            "-defaultIPv4",
            "127.0.0.1",
            "-defaultIPv6",
            "",
            "-http01",
            "",
            "-https01",
            "",
            "-tlsalpn01",
            "",
        ];
        self.running
            .push(Running::start("pebble-challtestsrv", &names));
        let file = file.display().to_string();
        let arguments = ["-config", &file, "-dnsserver", &self.names];
        self.running.push(Running::start("pebble", &arguments));
        for address in [&self.address, &self.management, &self.names_management] {
            let address: SocketAddr = address.parse().expect("an address");
            until("the authority answers", || {
                std::net::TcpStream::connect(address).is_ok()
            });
        }
    }

    /// Who signs its certificates.
    fn root(&self) -> reqwest::Certificate {
        // tests run in threads of one process, and the first one installs it
        let _ = rustls::crypto::ring::default_provider().install_default();
        let pem = fs::read(self.path("authority.crt")).expect("a file");
        let own = reqwest::Certificate::from_pem(&pem).expect("a certificate");
        let client = reqwest::blocking::Client::builder()
            .tls_certs_only([own])
            .build()
            .expect("a client");
        let port = self.management.rsplit(':').next().expect("a port");
        let root = client
            .get(format!("https://localhost:{port}/roots/0"))
            .send();
        let root = root.expect("an answer").bytes().expect("a file");
        reqwest::Certificate::from_pem(&root).expect("a certificate")
    }

    /// Waits until a browser that trusts this authority only can open the log-in page of a host.
    fn certifies(&self, server: &Kiwi, host: &str) {
        let address = SocketAddr::from(([127, 0, 0, 1], server.port("https")));
        let client = reqwest::blocking::Client::builder()
            .tls_certs_only([self.root()])
            .resolve(host, address)
            .build()
            .expect("a client");
        until(host, || {
            let page = client.get(server.https(host, "/accounts/login/")).send();
            page.is_ok_and(|page| page.status() == 200)
        });
    }
}

/// An address that nobody listens at.
fn free() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("its address").to_string()
}

fn start(folder: &Folder, environment: &[(&'static str, String)]) -> Kiwi {
    let environment: Vec<_> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    Kiwi::start(folder.path(), &environment)
}

#[test]
fn seed_056_opa_078_every_tenant_gets_a_certificate_by_http() {
    let folder = prepared();
    let mut authority = Authority::new();
    let environment = authority.environment();
    let server = start(&folder, &environment);
    authority.ask(server.port("http"), server.port("https"));
    let hosts = [
        format!("alpha.{DOMAIN}"),
        format!("beta.{DOMAIN}"),
        DOMAIN.to_owned(),
    ];
    let ran = server.kiwi(&["schedule", "run", "certificates"]).expect(0);
    assert!(
        ran.out().contains("3 of 3 certificates fetched"),
        "{}",
        ran.out()
    );
    for host in &hosts {
        authority.certifies(&server, host);
    }
    let local = server
        .client()
        .get(server.https("localhost", "/livez"))
        .send();
    assert_eq!(
        local.expect("the own certificate").status(),
        200,
        "other names keep theirs"
    );

    let listed = server
        .kiwi(&["lets-encrypt", "--list", "--json"])
        .expect(0)
        .json();
    let listed: Vec<_> = listed.as_array().expect("a list").iter().collect();
    let names: Vec<_> = listed.iter().map(|line| &line["names"][0]).collect();
    assert_eq!(names, hosts.iter().collect::<Vec<_>>());
    assert!(
        listed
            .iter()
            .all(|line| line["days_left"].as_i64() > Some(30))
    );
    let again = server.kiwi(&["schedule", "run", "certificates"]).expect(0);
    assert!(
        again.out().contains("0 of 3 certificates fetched"),
        "{}",
        again.out()
    );

    let plain = server
        .client()
        .get(server.http("/.well-known/acme-challenge/none"));
    assert_eq!(
        plain.send().expect("an answer").status(),
        404,
        "no redirect"
    );
    server.stop();
    let server = start(&folder, &environment);
    authority.certifies(&server, &hosts[0]);
}

#[test]
fn opa_078_a_certificate_is_fetched_by_a_handshake() {
    let folder = prepared();
    let mut authority = Authority::new();
    let mut environment = authority.environment();
    environment.push(("KIWI_ACME_CHALLENGE", "tls-alpn-01".to_owned()));
    environment.push((
        "SECRET_KEY",
        "a key from outside, of forty characters.".to_owned(),
    ));
    let server = start(&folder, &environment);
    authority.ask(server.port("http"), server.port("https"));
    let host = format!("beta.{DOMAIN}");
    let fetched = server
        .kiwi(&["lets-encrypt", &host, "--json"])
        .expect(0)
        .json();
    assert_eq!(fetched["names"], json!([host]));
    authority.certifies(&server, &host);
}

#[test]
fn opa_078_a_record_of_names_allows_everything_below_a_domain() {
    let folder = prepared();
    let mut authority = Authority::new();
    let management = authority.names_management.replace(':', "/");
    let script = authority.folder.write(
        "record",
        &format!(
            "#!/bin/bash\n\
             body=\"{{\\\"host\\\":\\\"$2.\\\",\\\"value\\\":\\\"$3\\\"}}\"\n\
             what=set-txt; [ \"$1\" = remove ] && what=clear-txt\n\
             exec 3<>/dev/tcp/{management}\n\
             printf 'POST /%s HTTP/1.0\\r\\nContent-Length: %d\\r\\n\\r\\n%s' $what ${{#body}} \"$body\" >&3\n\
             grep -q ' 200 ' <&3\n"
        ),
    );
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("the mode");
    let mut environment = authority.environment();
    environment.push(("KIWI_ACME_CHALLENGE", "dns-01".to_owned()));
    environment.push(("KIWI_ACME_DNS_COMMAND", script.display().to_string()));
    let server = start(&folder, &environment);
    authority.ask(1, 1);
    let fetched = server.kiwi(&["lets-encrypt"]).expect(0);
    assert!(
        fetched
            .out()
            .starts_with("kiwi.test, *.kiwi.test: until 20"),
        "{}",
        fetched.out()
    );
    authority.certifies(&server, DOMAIN);
    authority.certifies(&server, &format!("alpha.{DOMAIN}"));
}

#[test]
fn opa_078_what_the_authority_refuses_is_told_and_tried_later() {
    let folder = prepared();
    let mut authority = Authority::new();
    let environment = authority.environment();
    let server = start(&folder, &environment);
    let away = server.kiwi(&["schedule", "run", "certificates"]).expect(1);
    assert!(away.err().contains("localhost"), "{}", away.err());
    // nothing of ours listens there
    authority.ask(1, 1);
    for _ in 0..2 {
        let refused = server.kiwi(&["schedule", "run", "certificates"]).expect(1);
        assert!(
            refused.err().contains(&format!("alpha.{DOMAIN}: ")),
            "{}",
            refused.err()
        );
    }
    let listed = server
        .kiwi(&["lets-encrypt", "--list", "--json"])
        .expect(0)
        .json();
    let errors = listed.as_array().expect("a list").iter();
    assert_eq!(
        errors.filter(|line| line["error"].is_string()).count(),
        3,
        "{listed}"
    );
    let page = server
        .client()
        .get(server.https("localhost", "/livez"))
        .send();
    assert_eq!(page.expect("the own certificate").status(), 200);
    let refused = server.kiwi(&["lets-encrypt", "*.example.org"]).expect(2);
    assert!(refused.err().contains("dns-01"), "{}", refused.err());
    server.kiwi(&["lets-encrypt"]).expect(2);
}
