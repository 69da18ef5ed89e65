//! What a certificate says about itself.

use anyhow::{Context as _, Result};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// What a certificate says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Facts {
    /// Who it is for.
    pub(crate) subject: String,
    /// Who signed it.
    pub(crate) issuer: String,
    /// Host names and addresses that it covers.
    pub(crate) names: Vec<String>,
    /// First moment.
    pub(crate) not_before: String,
    /// Last moment.
    pub(crate) not_after: String,
    /// Whole days until then; negative when it has ended.
    pub(crate) days_left: i64,
    /// Days from the first moment to the last.
    #[serde(skip)]
    pub(crate) life: i64,
    /// SHA-256 of the certificate.
    pub(crate) fingerprint: String,
    /// Whether this program has made it.
    pub(crate) is_generated: bool,
}

impl Facts {
    /// Reads them from a certificate in DER.
    pub(super) fn read(der: &[u8], is_generated: bool) -> Result<Self> {
        let (_, certificate) = X509Certificate::from_der(der).context("the certificate")?;
        let validity = certificate.validity();
        let moment = |seconds: i64| {
            OffsetDateTime::from_unix_timestamp(seconds)
                .ok()
                .and_then(|time| time.format(&Rfc3339).ok())
                .unwrap_or_default()
        };
        let (from, until) = (
            validity.not_before.timestamp(),
            validity.not_after.timestamp(),
        );
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        let names = alternatives
            .map(|names| names.value.general_names.iter().filter_map(name).collect())
            .unwrap_or_default();
        let digest: Vec<String> = Sha256::digest(der)
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        Ok(Self {
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            names,
            not_before: moment(from),
            not_after: moment(until),
            days_left: (until - OffsetDateTime::now_utc().unix_timestamp()).div_euclid(DAY),
            life: (until - from).div_euclid(DAY),
            fingerprint: digest.join(":"),
            is_generated,
        })
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => match **bytes {
            [a, b, c, d] => Some(std::net::Ipv4Addr::new(a, b, c, d).to_string()),
            ref bytes => {
                let octets: [u8; 16] = (*bytes).try_into().ok()?;
                Some(std::net::Ipv6Addr::from(octets).to_string())
            }
        },
        _ => None,
    }
}
