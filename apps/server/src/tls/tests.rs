use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::by_name::ByName;
use super::{Certificates, MARK, Names, choose, look, make, pair, self_signed};

fn directory(name: &str) -> PathBuf {
    let prefix = format!("kiwi-tls-{name}-");
    let made = tempfile::Builder::new().prefix(&prefix).tempdir();
    made.expect("works").keep()
}

fn names(domain: Option<&str>) -> Names {
    Names {
        tenants_domain: domain.map(str::to_owned),
        others: Vec::new(),
        days: 3650,
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

#[test]
fn a_pair_is_generated_once_and_renewed_for_a_new_name() {
    let dir = directory("once");
    let open = |domain| Certificates::open(&dir, names(domain)).expect("works");
    open(None);
    let first = fs::read_to_string(dir.join("ssl/localhost.crt")).expect("works");
    assert!(first.starts_with(MARK));
    let authority = fs::read(dir.join("static/ca.crt")).expect("works");
    assert_eq!(
        open(None).authority().borrow().as_deref(),
        Some(authority.as_slice())
    );
    assert_eq!(
        fs::read_to_string(dir.join("ssl/localhost.crt")).expect("works"),
        first
    );
    open(Some("kiwi.localhost"));
    assert_ne!(
        fs::read_to_string(dir.join("ssl/localhost.crt")).expect("works"),
        first
    );
}

#[test]
fn a_generated_pair_covers_tenants() {
    let made = self_signed::generate(&names(Some("kiwi.localhost"))).expect("works");
    let pair = pair::parse(&made.certificate, &made.key, &provider()).expect("works");
    let good =
        |domain| pair::is_good_for(&pair, &made.authority, &names(Some(domain)), &provider());
    assert!(good("kiwi.localhost"));
    assert!(!good("other.example"));
}

#[test]
fn a_pair_with_a_short_life_is_not_renewed_at_once() {
    let days = |days: u64| Duration::from_hours(days * 24);
    assert_eq!(pair::margin(days(3650)), days(30));
    assert_eq!(pair::margin(days(10)), days(5));
    let short = self_signed::generate(&Names {
        days: 1,
        ..names(None)
    })
    .expect("works");
    let pair = pair::parse(&short.certificate, &short.key, &provider()).expect("works");
    assert!(pair::is_good_for(
        &pair,
        &short.authority,
        &names(None),
        &provider()
    ));
}

#[test]
fn opa_077_an_unusable_pair_is_named_and_left_alone() {
    let dir = directory("broken");
    let ssl = dir.join("ssl");
    let authority = dir.join("static/ca.crt");
    let why = |expected: &str| {
        let error = choose(&ssl, &authority, &names(None), &provider())
            .map(|_| ())
            .expect_err("is refused");
        let text = format!("{error:#}");
        assert!(text.contains(expected), "{text}");
    };
    let one = self_signed::generate(&names(None)).expect("works");
    let other = self_signed::generate(&names(None)).expect("works");
    fs::create_dir_all(&ssl).expect("works");
    fs::write(ssl.join("localhost.crt"), &one.certificate).expect("works");
    why("localhost.key");
    fs::write(ssl.join("localhost.key"), &other.key).expect("works");
    why("the key does not belong to the certificate");
    fs::write(ssl.join("localhost.key"), "nonsense").expect("works");
    why("the key file holds no PKCS#8, PKCS#1 or SEC1 key");
    fs::write(
        ssl.join("localhost.key"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
    )
    .expect("works");
    why("the key is encrypted");
    fs::write(ssl.join("localhost.key"), &one.key).expect("works");
    fs::write(ssl.join("localhost.crt"), "").expect("works");
    why("the certificate file holds no certificate");
    assert!(Certificates::open(&dir, names(None)).is_ok());
    assert_eq!(
        fs::read_to_string(ssl.join("localhost.crt")).expect("works"),
        ""
    );
}

#[test]
fn an_own_pair_is_used_with_its_own_authority() {
    let dir = directory("own");
    let made = self_signed::generate(&names(None)).expect("works");
    fs::create_dir_all(dir.join("ssl")).expect("works");
    fs::write(dir.join("ssl/localhost.crt"), &made.certificate).expect("works");
    fs::write(dir.join("ssl/localhost.key"), &made.key).expect("works");
    let authority = || {
        Certificates::open(&dir, names(None))
            .expect("works")
            .authority()
            .borrow()
            .clone()
    };
    assert_eq!(authority(), None);
    fs::write(dir.join("ssl/ca.crt"), &made.authority).expect("works");
    assert_eq!(authority().as_deref(), Some(made.authority.as_bytes()));
}

#[test]
fn seed_041_042_044_the_generated_certificate_says_what_it_should() {
    let dir = directory("facts");
    assert_eq!(look(&dir).expect("readable"), None);
    let facts = make(&dir, &names(Some("kiwi.localhost"))).expect("made");
    let time = |text: &str| {
        let format = &time::format_description::well_known::Rfc3339;
        time::OffsetDateTime::parse(text, format).expect("a time")
    };
    let life = time(&facts.not_after) - time(&facts.not_before);
    assert_eq!(life.whole_days(), 3650);
    for part in [
        "C=BG",
        "L=Sofia",
        "O=Kiwi TCMS",
        "OU=Quality Engineering",
        "CN=",
    ] {
        assert!(facts.subject.contains(part), "{part}: {}", facts.subject);
    }
    assert!(facts.issuer.contains("OU=ca-"), "{}", facts.issuer);
    for name in [
        "localhost",
        "127.0.0.1",
        "::1",
        "kiwi.localhost",
        "*.kiwi.localhost",
    ] {
        assert!(
            facts.names.iter().any(|found| found == name),
            "{name}: {:?}",
            facts.names
        );
    }
    assert!(facts.is_generated);
}

#[test]
fn a_pair_of_the_operator_is_not_overwritten() {
    let dir = directory("kept");
    let made = self_signed::generate(&names(None)).expect("works");
    fs::create_dir_all(dir.join("ssl")).expect("works");
    fs::write(dir.join("ssl/localhost.crt"), &made.certificate).expect("works");
    fs::write(dir.join("ssl/localhost.key"), &made.key).expect("works");
    let why = make(&dir, &names(None))
        .expect_err("is refused")
        .to_string();
    assert!(why.contains("was not made by this program"), "{why}");
    let kept = fs::read_to_string(dir.join("ssl/localhost.crt")).expect("works");
    assert_eq!(kept, made.certificate);
}

#[test]
fn ops_058_hosts_may_have_pairs_of_their_own() {
    let dir = directory("names");
    let put = |name: &str| {
        let made = self_signed::generate(&names(None)).expect("works");
        fs::write(dir.join(format!("{name}.crt")), &made.certificate).expect("works");
        fs::write(dir.join(format!("{name}.key")), &made.key).expect("works");
        pair::parse(&made.certificate, &made.key, &provider())
            .expect("works")
            .cert
    };
    let own = put("tests.acme.example");
    let below = put("_wildcard.kiwi.example");
    put("localhost");
    fs::write(dir.join("broken.example.crt"), "nonsense").expect("works");
    let pairs = ByName::read(&dir, &provider());
    let shown = |host: &str| pairs.find(host).map(|pair| pair.cert.clone());
    assert_eq!(shown("tests.acme.example"), Some(own.clone()));
    assert_eq!(shown("TESTS.acme.example"), Some(own));
    assert_eq!(shown("team.kiwi.example"), Some(below));
    for host in [
        "kiwi.example",
        "a.b.kiwi.example",
        "acme.example",
        "localhost",
        "broken.example",
    ] {
        assert_eq!(shown(host), None, "{host}");
    }
}

#[test]
fn sec_045_a_key_is_written_to_a_private_file_of_a_random_name() {
    let dir = directory("private");
    let key = dir.join("own.example.key");
    // what somebody else may have put in the way of a name that could be guessed
    for name in ["own.example.new", "own.example.tmp", "own.example.key.new"] {
        fs::write(dir.join(name), "theirs").expect("works");
    }
    fs::write(&key, "old").expect("works");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("works");
    pair::write(&key, "secret", 0o600).expect("works");
    assert_eq!(fs::read_to_string(&key).expect("works"), "secret");
    let mode = fs::metadata(&key).expect("works").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut left: Vec<_> = fs::read_dir(&dir)
        .expect("works")
        .map(|entry| entry.expect("works").file_name())
        .collect();
    left.sort();
    let expected = [
        "own.example.key",
        "own.example.key.new",
        "own.example.new",
        "own.example.tmp",
    ];
    assert_eq!(left, expected);
    for name in &expected[1..] {
        assert_eq!(fs::read(dir.join(name)).expect("works"), b"theirs");
    }
}
