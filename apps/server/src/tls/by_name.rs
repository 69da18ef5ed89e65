//! Pairs for single host names: `<name>.crt` and `<name>.key`, or `_wildcard.<domain>.crt` and
//! `.key` for everything directly below a domain, beside the pair that everybody else is shown.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use rustls::crypto::CryptoProvider;
use rustls::sign::CertifiedKey;
use tracing::warn;

use super::{AUTHORITY, CERTIFICATE, pair};

/// What the name of a file begins with whose pair is for everything below a domain.
const WILDCARD: &str = "_wildcard.";

/// Pairs by the host name that they are for; those below a domain begin with `*.`.
#[derive(Debug, Default)]
pub(super) struct ByName(BTreeMap<String, Arc<CertifiedKey>>);

impl ByName {
    /// Reads all pairs of a directory; one that cannot be used is reported and left out.
    pub(super) fn read(ssl: &Path, provider: &Arc<CryptoProvider>) -> Self {
        let mut pairs = BTreeMap::new();
        for file in certificates(ssl) {
            let Some(name) = name(&file) else { continue };
            match read(&file, provider) {
                Ok(pair) => {
                    pairs.insert(name, Arc::new(pair));
                }
                Err(why) => warn!(
                    event = "certificate_unusable",
                    host = name,
                    "{why:#}; clients of this host are shown the other certificate"
                ),
            }
        }
        Self(pairs)
    }

    /// The pair for a host: its own, else the one of the domain above it.
    pub(super) fn find(&self, host: &str) -> Option<Arc<CertifiedKey>> {
        let host = host.to_ascii_lowercase();
        let own = self.0.get(&host);
        let found = own.or_else(|| {
            let (_, domain) = host.split_once('.')?;
            self.0.get(&format!("*.{domain}"))
        });
        found.cloned()
    }
}

/// A file, and when it was changed.
pub(super) type Stamp = (PathBuf, Option<SystemTime>);

/// When the files of all pairs were changed, those of the common pair too.
pub(super) fn stamps(ssl: &Path) -> Vec<Stamp> {
    let changed = |file: &Path| fs::metadata(file).and_then(|file| file.modified()).ok();
    certificates(ssl)
        .into_iter()
        .chain([ssl.join(CERTIFICATE)])
        .flat_map(|certificate| {
            let key = certificate.with_extension("key");
            [certificate, key]
        })
        .map(|file| (file.clone(), changed(&file)))
        .collect()
}

/// The certificates of single names in a directory, sorted.
pub(super) fn certificates(ssl: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(ssl).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    found.retain(|path| {
        let name = path.file_name().unwrap_or_default();
        path.extension().is_some_and(|ending| ending == "crt")
            && name != CERTIFICATE
            && name != AUTHORITY
    });
    found.sort();
    found
}

/// The host name that a file is for.
fn name(certificate: &Path) -> Option<String> {
    let stem = certificate.file_stem()?.to_str()?.to_ascii_lowercase();
    Some(match stem.strip_prefix(WILDCARD) {
        Some(domain) => format!("*.{domain}"),
        None => stem,
    })
}

/// Reads the pair of one name.
pub(super) fn read(certificate: &Path, provider: &Arc<CryptoProvider>) -> Result<CertifiedKey> {
    let key = certificate.with_extension("key");
    pair::parse(&pair::read(certificate)?, &pair::read(&key)?, provider)
        .with_context(|| format!("{} and {}", certificate.display(), key.display()))
}
