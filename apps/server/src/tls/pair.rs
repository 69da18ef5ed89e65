//! A certificate and its key: reading, checking and writing the files.

use std::fs::{self, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier as _;
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};

use super::Names;

/// Time before its end when a generated certificate is renewed, unless its life is short.
const RENEW_BEFORE: Duration = Duration::from_hours(30 * 24);

/// Reads a PEM file; the error names it.
pub(super) fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// Turns PEM texts into a pair that belongs together.
pub(super) fn parse(
    certificate: &str,
    key: &str,
    provider: &Arc<CryptoProvider>,
) -> Result<CertifiedKey> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(certificate.as_bytes())
            .collect::<Result<_, _>>()
            .context("the certificate is not valid PEM")?;
    if chain.is_empty() {
        bail!("the certificate file holds no certificate");
    }
    if key.contains("ENCRYPTED PRIVATE KEY") || key.contains("Proc-Type: 4,ENCRYPTED") {
        bail!("the key is encrypted; store it without a password");
    }
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .context("the key file holds no PKCS#8, PKCS#1 or SEC1 key")?;
    match CertifiedKey::from_der(chain, key, provider) {
        Ok(pair) => Ok(pair),
        Err(rustls::Error::InconsistentKeys(_)) => {
            bail!("the key does not belong to the certificate")
        }
        Err(error) => Err(error).context("the pair cannot be used"),
    }
}

/// Writes a file as a whole; readers see the old or the new content.
pub(super) fn write(file: &Path, content: &str, mode: u32) -> Result<()> {
    let explain = || format!("cannot write {}", file.display());
    let parent = file.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    fs::create_dir_all(parent).with_context(explain)?;
    let mut fresh = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(parent)
        .with_context(explain)?;
    fresh.write_all(content.as_bytes()).with_context(explain)?;
    fresh.persist(file).map(drop).with_context(explain)
}

/// Whether a generated pair still covers every name it should, for long enough.
pub(super) fn is_good_for(
    pair: &CertifiedKey,
    authority: &str,
    names: &Names,
    provider: &Arc<CryptoProvider>,
) -> bool {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()).flatten() {
        if roots.add(certificate).is_err() {
            return false;
        }
    }
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    let (Ok(verifier), [leaf, rest @ ..]) = (verifier.build(), pair.cert.as_slice()) else {
        return false;
    };
    let Some(life) = life(leaf) else {
        return false;
    };
    let now = Duration::from_secs(UnixTime::now().as_secs());
    let until = UnixTime::since_unix_epoch(now + margin(life));
    let mut wanted = vec!["localhost".to_owned()];
    wanted.extend(names.others.iter().cloned());
    if let Some(domain) = &names.tenants_domain {
        wanted.push(domain.clone());
        wanted.push(format!("any.{domain}"));
    }
    wanted.into_iter().all(|name| {
        ServerName::try_from(name).is_ok_and(|name| {
            verifier
                .verify_server_cert(leaf, rest, &name, &[], until)
                .is_ok()
        })
    })
}

/// How long before its end a pair of this life is renewed: one that was just made is always kept.
pub(super) fn margin(life: Duration) -> Duration {
    RENEW_BEFORE.min(life / 2)
}

fn life(leaf: &CertificateDer<'_>) -> Option<Duration> {
    let (_, leaf) = x509_parser::parse_x509_certificate(leaf).ok()?;
    let validity = leaf.validity();
    let seconds = validity.not_after.timestamp() - validity.not_before.timestamp();
    u64::try_from(seconds).ok().map(Duration::from_secs)
}
