//! The settings of ACME, put together; what cannot work is refused.

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::catalogue::acme as setting;
use super::layers::Values;
use super::{tenants_domain, text};

/// How certificates are fetched.
#[derive(Debug, Clone)]
pub(crate) struct AcmePlan {
    /// Address of the authority's directory.
    pub(crate) directory: String,
    /// Address that the authority writes to.
    pub(crate) email: Option<String>,
    /// Key that binds to an account with the authority.
    pub(crate) binding: Option<Binding>,
    /// Certificate that the directory is trusted by.
    pub(crate) ca_file: Option<PathBuf>,
    /// How names are shown to be ours.
    pub(crate) challenge: Challenge,
    /// Names that get a certificate each.
    pub(crate) names: Vec<String>,
    /// Parent domain of the tenants.
    pub(crate) tenants_domain: Option<String>,
}

/// A key from the authority's own account pages.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) id: String,
    pub(crate) key: Vec<u8>,
}

/// Without the key.
impl std::fmt::Debug for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Binding")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// How a name is shown to be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// By an answer to plain HTTP.
    Http,
    /// By a handshake.
    TlsAlpn,
    /// By a record that this program makes; without one a person makes it.
    Dns(Option<PathBuf>),
}

/// Reads the plan; none while it is switched off.
pub(super) fn read(values: &Values) -> Result<Option<AcmePlan>, String> {
    if !values.switch(&setting::ENABLED) {
        return Ok(None);
    }
    let plan = plan(values)?;
    if plan.challenge == Challenge::Dns(None) {
        return Err(format!(
            "{}: a program is needed, because {} is dns-01; without one use `kiwi lets-encrypt`",
            setting::DNS_COMMAND.key,
            setting::CHALLENGE.key
        ));
    }
    Ok(Some(plan))
}

/// Reads the plan, also while it is switched off.
pub(super) fn plan(values: &Values) -> Result<AcmePlan, String> {
    if !values.switch(&setting::AGREE_TOS) {
        return Err(format!(
            "{}: read the terms of service of the authority and set this to true",
            setting::AGREE_TOS.key
        ));
    }
    let directory = text(values, &setting::DIRECTORY)?;
    if !directory.starts_with("https://") {
        return Err(format!(
            "{}: expected an address that begins with https://, got `{directory}`",
            setting::DIRECTORY.key
        ));
    }
    let challenge = match text(values, &setting::CHALLENGE)?.as_str() {
        "tls-alpn-01" => Challenge::TlsAlpn,
        "dns-01" => Challenge::Dns(values.text(&setting::DNS_COMMAND).map(PathBuf::from)),
        _ => Challenge::Http,
    };
    let names = values.list(&setting::NAMES);
    let names = names.iter().map(|name| host_name(name, &challenge));
    Ok(AcmePlan {
        directory,
        email: values.text(&setting::EMAIL),
        binding: binding(values)?,
        ca_file: values.text(&setting::CA_FILE).map(PathBuf::from),
        names: names.collect::<Result<_, _>>()?,
        challenge,
        tenants_domain: tenants_domain(values)?,
    })
}

/// A name that a certificate can be for, in lower case.
pub(crate) fn host_name(name: &str, challenge: &Challenge) -> Result<String, String> {
    let host = name.trim().trim_end_matches('.').to_ascii_lowercase();
    let (is_wildcard, rest) = match host.strip_prefix("*.") {
        Some(rest) => (true, rest),
        None => (false, host.as_str()),
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_number = rest
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    if rest.len() > 253 || !rest.contains('.') || is_number || !rest.split('.').all(is_label) {
        return Err(format!(
            "{}: expected a host name such as tests.example.org, got `{name}`",
            setting::NAMES.key
        ));
    }
    if is_wildcard && !matches!(challenge, Challenge::Dns(_)) {
        return Err(format!(
            "{}: `{name}` needs {} = dns-01",
            setting::NAMES.key,
            setting::CHALLENGE.key
        ));
    }
    Ok(host)
}

fn binding(values: &Values) -> Result<Option<Binding>, String> {
    let (id, key) = (&setting::EAB_ID, &setting::EAB_KEY);
    match (values.text(id), values.text(key)) {
        (None, None) => Ok(None),
        (Some(id), Some(text)) => {
            let decoded = BASE64_URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('='));
            let decoded = decoded.map_err(|_| format!("{}: expected base64url", key.key))?;
            Ok(Some(Binding { id, key: decoded }))
        }
        (Some(_), None) => Err(format!("{}: needed because {} is set", key.key, id.key)),
        (None, Some(_)) => Err(format!("{}: needed because {} is set", id.key, key.key)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Challenge, host_name};

    #[test]
    fn certificates_are_for_host_names() {
        let by_http = |name| host_name(name, &Challenge::Http);
        assert_eq!(
            by_http(" Tests.Example.org. "),
            Ok("tests.example.org".to_owned())
        );
        for name in [
            "",
            "localhost",
            "10.0.0.7",
            "[::1]",
            "a b.org",
            "-a.org",
            "a..org",
            "https://a.org",
        ] {
            assert!(by_http(name).is_err(), "{name}");
        }
        let why = by_http("*.example.org").expect_err("is refused");
        assert!(why.contains("tls.acme.challenge = dns-01"), "{why}");
        let by_dns = host_name("*.example.org", &Challenge::Dns(None));
        assert_eq!(by_dns, Ok("*.example.org".to_owned()));
    }
}
