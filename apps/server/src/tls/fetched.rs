//! Certificates that an authority issued, and those that only answer its question.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Error, Result, ensure};
use rcgen::{CertificateParams, CustomExtension, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::server::ClientHello;
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivateKeyDer;

use super::pair;

/// The protocol in which an authority asks (RFC 8737).
pub(crate) const QUESTION: &[u8] = b"acme-tls/1";

/// Bytes of SHA-256.
const DIGEST: usize = 32;

/// Pairs by host name; those below a domain begin with `*.`.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    pairs: BTreeMap<String, Arc<CertifiedKey>>,
    answers: BTreeMap<String, Arc<CertifiedKey>>,
}

impl Fetched {
    /// Adds a certificate of these names.
    pub(crate) fn add(&mut self, names: &[String], chain: &str, key: &str) -> Result<()> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let pair = Arc::new(pair::parse(chain, key, &provider)?);
        let shown = names.iter().map(|name| (name.clone(), Arc::clone(&pair)));
        self.pairs.extend(shown);
        Ok(())
    }

    /// Adds the answer to the question about a name: a certificate of our own with a digest in it.
    pub(crate) fn add_answer(&mut self, host: &str, digest: &[u8]) -> Result<()> {
        ensure!(digest.len() == DIGEST, "the digest has not 32 bytes");
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("key")?;
        let mut certificate = CertificateParams::new([host.to_owned()]).context("name")?;
        certificate.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let certificate = certificate.self_signed(&key).context("certificate")?;
        let der = PrivateKeyDer::try_from(key.serialize_der()).map_err(Error::msg)?;
        // not checked as other pairs are: clients must not understand this certificate
        let key = rustls::crypto::ring::sign::any_supported_type(&der)?;
        let pair = CertifiedKey::new(vec![certificate.der().clone()], key);
        self.answers.insert(host.to_owned(), Arc::new(pair));
        Ok(())
    }

    /// The pair for a host: its own, else the one of the domain above it.
    pub(super) fn find(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let host = host.to_ascii_lowercase();
        let found = self.pairs.get(&host).or_else(|| {
            let (_, domain) = host.split_once('.')?;
            self.pairs.get(&format!("*.{domain}"))
        });
        found.cloned()
    }

    /// The answer for an authority that asks about a host.
    pub(super) fn answer(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        self.answers.get(&host.to_ascii_lowercase()).cloned()
    }
}

/// Whether an authority asks, instead of a client that wants to talk.
pub(super) fn is_question(hello: &ClientHello<'_>) -> bool {
    let mut protocols = hello.alpn().into_iter().flatten().peekable();
    protocols.peek().is_some() && protocols.all(|protocol| protocol == QUESTION)
}
