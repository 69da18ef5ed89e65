//! Generates an authority and a certificate for an installation that has none.

use std::fmt;
use std::net::IpAddr;

use anyhow::{Context as _, Result};
use rand::TryRngCore as _;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::Names;

/// A pair of our own making and the authority that signed it, as PEM texts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Generated {
    pub(super) certificate: String,
    pub(super) key: String,
    pub(super) authority: String,
}

/// Never shows the key.
impl fmt::Debug for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generated").finish_non_exhaustive()
    }
}

impl Generated {
    /// Whether it was made after the other one; all servers agree about that.
    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        (self.made_at(), &self.certificate) > (other.made_at(), &other.certificate)
    }

    /// When it was made, in seconds since 1970.
    fn made_at(&self) -> Option<i64> {
        let leaf = CertificateDer::from_pem_slice(self.certificate.as_bytes()).ok()?;
        let (_, leaf) = x509_parser::parse_x509_certificate(&leaf).ok()?;
        Some(leaf.validity().not_before.timestamp())
    }
}

/// Generates an authority and one certificate; the authority's key is forgotten at once.
pub(super) fn generate(names: &Names) -> Result<Generated> {
    let host = host_name();
    let names_covered = covered(names, &host);
    let now = OffsetDateTime::now_utc();
    // an hour back, for clients whose clock is a little behind
    let from = now - Duration::hours(1);
    let until = from + Duration::days(names.days);

    let authority_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("authority key")?;
    let mut authority = CertificateParams::default();
    authority.not_before = from;
    authority.not_after = until;
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name = subject(&host, &format!("ca-{}", number()));
    authority.name_constraints = Some(NameConstraints {
        permitted_subtrees: names_covered
            .iter()
            .filter_map(|name| subtree(name))
            .collect(),
        excluded_subtrees: Vec::new(),
    });
    let signed_authority = authority.self_signed(&authority_key).context("authority")?;
    let issuer = Issuer::new(authority, authority_key);

    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).context("key")?;
    let mut leaf = CertificateParams::new(names_covered).context("names")?;
    leaf.not_before = from;
    leaf.not_after = until;
    leaf.is_ca = IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    leaf.distinguished_name = subject(&host, "Quality Engineering");
    let certificate = leaf.signed_by(&key, &issuer).context("certificate")?;
    Ok(Generated {
        certificate: certificate.pem(),
        key: key.serialize_pem(),
        authority: signed_authority.pem(),
    })
}

/// A number that tells authorities apart.
fn number() -> u32 {
    rand::rngs::OsRng.try_next_u32().unwrap_or_default() % 100_000
}

fn subject(host: &str, unit: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CountryName, "BG");
    name.push(DnType::LocalityName, "Sofia");
    name.push(DnType::OrganizationName, "Kiwi TCMS");
    name.push(DnType::OrganizationalUnitName, unit);
    name.push(DnType::CommonName, host);
    name
}

/// The names of the certificate, each once.
fn covered(names: &Names, host: &str) -> Vec<String> {
    let mut all = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    all.push(host.to_owned());
    if let Some(domain) = &names.tenants_domain {
        all.push(domain.clone());
        all.push(format!("*.{domain}"));
    }
    all.extend(names.others.iter().map(|name| name.to_ascii_lowercase()));
    let mut seen = std::collections::HashSet::new();
    all.retain(|name| is_name(name) && seen.insert(name.clone()));
    all
}

fn is_name(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok()
        || (!name.is_empty()
            && name
                .strip_prefix("*.")
                .unwrap_or(name)
                .split('.')
                .all(|label| {
                    !label.is_empty()
                        && label
                            .bytes()
                            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
                }))
}

fn subtree(name: &str) -> Option<GeneralSubtree> {
    if let Ok(address) = name.parse::<IpAddr>() {
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        return Some(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
            address, prefix,
        )));
    }
    // a constraint for a domain covers everything below it
    (!name.starts_with("*.")).then(|| GeneralSubtree::DnsName(name.to_owned()))
}

/// The host's name, which is the container's id in a container.
fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_ascii_lowercase())
        .ok()
        .filter(|name| is_name(name) && name.len() <= 64)
        .unwrap_or_else(|| "localhost".to_owned())
}
