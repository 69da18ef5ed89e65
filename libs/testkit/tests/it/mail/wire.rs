//! Mail servers with manners: TLS, log-in, silence.

use std::sync::Arc;
use std::time::Duration;

use jobs::{Backend, MailSettings, Security, Smtp};
use serde_json::json;
use testkit::{App, MAIL_ACCOUNT, Manners, PostOffice, worker};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::{call, small_world};
use domain::mail::{self, Filter};

/// A server's half of TLS for 127.0.0.1, and the file with its certificate.
fn identity(name: &str) -> (TlsAcceptor, std::path::PathBuf) {
    let key = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let file = std::env::temp_dir().join(format!("kiwi-mail-{name}-{}.pem", std::process::id()));
    std::fs::write(&file, key.cert.pem()).expect("a file");
    let chain = vec![key.cert.der().clone()];
    let secret = key.signing_key.serialize_der().try_into().expect("a key");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .expect("a configuration");
    (TlsAcceptor::from(Arc::new(config)), file)
}

fn settings(office: &PostOffice, change: impl FnOnce(&mut Smtp)) -> MailSettings {
    let mut server = office.server();
    change(&mut server);
    MailSettings {
        backend: Backend::Smtp(server),
        ..office.settings()
    }
}

/// Sends one mail with these settings; what arrived, or why nothing did.
async fn send(office: &PostOffice, settings: MailSettings) -> Result<usize, String> {
    let (app, mut root, case) = small_world().await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    worker(&app, settings).drain().await;
    let left = mail::list(app.domain(), &Filter::default(), 9)
        .await
        .expect("a list");
    match left.into_iter().next() {
        Some(entry) => Err(entry.last_error.unwrap_or_default()),
        None => Ok(office.take().len()),
    }
}

#[tokio::test]
async fn mail_goes_over_tls_in_both_ways_and_with_a_log_in() {
    for security in [Security::StartTls, Security::Tls] {
        let (acceptor, file) = identity(&format!("{security:?}"));
        let manners = Manners {
            tls: Some((security, acceptor)),
            log_in: true,
            silent: false,
        };
        let office = PostOffice::open_with(manners).await;
        let account = Some((MAIL_ACCOUNT.0.to_owned(), MAIL_ACCOUNT.1.to_owned()));
        let good = settings(&office, |server| {
            server.security = security;
            server.credentials = account.clone();
            server.ca_file = Some(file.clone());
        });
        assert_eq!(send(&office, good).await, Ok(1), "{security:?}");
        let untrusted = settings(&office, |server| {
            server.security = security;
            server.credentials = account;
        });
        assert!(send(&office, untrusted).await.is_err(), "{security:?}");
        assert!(office.take().is_empty());
        std::fs::remove_file(file).expect("removed");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_where_tls_is_wanted() {
    let office = PostOffice::open().await;
    let wanted = settings(&office, |server| server.security = Security::StartTls);
    assert!(send(&office, wanted).await.is_err());
    assert!(office.take().is_empty());
}

#[tokio::test]
async fn a_wrong_password_is_no_fault_of_the_mail() {
    let manners = Manners {
        log_in: true,
        ..Manners::default()
    };
    let office = PostOffice::open_with(manners).await;
    let (app, mut root, case) = small_world().await;
    call(&mut root, "TestCase.update", json!([case, {"notes": "1"}])).await;
    let wrong = settings(&office, |server| {
        server.credentials = Some((MAIL_ACCOUNT.0.to_owned(), "Wrong-secret-26".to_owned()));
    });
    worker(&app, wrong).drain().await;
    let left = mail::list(app.domain(), &Filter::default(), 9)
        .await
        .expect("a list");
    let [entry] = left.as_slice() else {
        panic!("one mail: {left:?}")
    };
    assert_eq!(entry.state, mail::State::Waiting);
    let error = entry.last_error.clone().unwrap_or_default();
    assert!(error.contains("535"), "{error}");
    assert!(!error.contains("Wrong-secret-26"), "{error}");
}

#[tokio::test]
async fn a_silent_server_is_left_after_a_while() {
    let manners = Manners {
        silent: true,
        ..Manners::default()
    };
    let office = PostOffice::open_with(manners).await;
    let short = settings(&office, |server| {
        server.timeout = Duration::from_millis(200);
    });
    let error = "the mail server took too long".to_owned();
    assert_eq!(send(&office, short).await, Err(error));
}

#[tokio::test]
async fn mail_of_a_developer_becomes_files() {
    let folder = std::env::temp_dir().join(format!("kiwi-mail-{}", std::process::id()));
    let office = PostOffice::open().await;
    let files = MailSettings {
        backend: Backend::Folder(folder.clone()),
        ..office.settings()
    };
    assert_eq!(send(&office, files).await, Ok(0));
    let names: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    let [path] = names.as_slice() else {
        panic!("one file: {names:?}")
    };
    let text = std::fs::read_to_string(path).expect("a mail");
    assert!(text.contains("To: tim@example.com\r\n"), "{text}");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn a_tenant_sends_no_more_than_its_share_in_a_minute() {
    let (app, mut root, case) = small_world().await;
    let office = PostOffice::open().await;
    for number in 0..5 {
        call(
            &mut root,
            "TestCase.update",
            json!([case, {"notes": number.to_string()}]),
        )
        .await;
    }
    let slow = MailSettings {
        tenant_rate: 2,
        ..office.settings()
    };
    worker(&app, slow).drain().await;
    assert_eq!(office.take().len(), 2);
    assert_eq!(waiting(&app).await, [0, 0, 0]);
}

/// How often each mail that waits was tried.
async fn waiting(app: &App) -> Vec<i32> {
    let left = mail::list(app.domain(), &Filter::default(), 9)
        .await
        .expect("a list");
    left.into_iter().map(|entry| entry.attempts).collect()
}
