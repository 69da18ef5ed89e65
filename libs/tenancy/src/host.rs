//! From the text of a `Host` header to the form in which domains are stored.

/// The stored form of a `Host` header: without port, trailing dot and one leading `www.`, in
/// lower case and with A-labels. `None` if it is not the name of a host.
///
/// Addresses are names too, so that an unknown one is simply unknown.
pub fn normalise(host: &str) -> Option<String> {
    let name = without_port(host)?;
    if let Some(address) = name.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        return address
            .parse::<std::net::Ipv6Addr>()
            .ok()
            .map(|address| format!("[{address}]"));
    }
    let name = normalise_domain(name)?;
    match name.strip_prefix("www.") {
        Some(rest) => Some(rest.to_owned()),
        None => Some(name),
    }
}

/// The stored form of a domain: lower case, A-labels, no trailing dot. `None` if it is not a
/// host name by RFC 1123.
pub(crate) fn normalise_domain(domain: &str) -> Option<String> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let usual = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.') || !c.is_ascii();
    if domain.is_empty() || !domain.chars().all(usual) {
        return None;
    }
    let domain = if domain.is_ascii() {
        domain.to_ascii_lowercase()
    } else {
        match url::Host::parse(domain).ok()? {
            url::Host::Domain(domain) => domain,
            url::Host::Ipv4(_) | url::Host::Ipv6(_) => return None,
        }
    };
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (domain.len() <= 253 && domain.split('.').all(is_label)).then_some(domain)
}

/// Cuts a numeric port; `None` if what follows the colon is none.
fn without_port(host: &str) -> Option<&str> {
    let colon = if host.starts_with('[') {
        let end = host.find(']')? + 1;
        match &host[end..] {
            "" => return Some(host),
            rest if rest.starts_with(':') => end,
            _ => return None,
        }
    } else {
        match host.find(':') {
            None => return Some(host),
            Some(colon) => colon,
        }
    };
    let (name, port) = (&host[..colon], &host[colon + 1..]);
    (port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_folded() {
        let cases = [
            ("acme.example.org", Some("acme.example.org")),
            ("acme.example.org:8443", Some("acme.example.org")),
            ("acme.example.org:", Some("acme.example.org")),
            ("ACME.Example.Org", Some("acme.example.org")),
            ("acme.example.org.", Some("acme.example.org")),
            ("www.acme.example.org", Some("acme.example.org")),
            ("WWW.acme.example.org", Some("acme.example.org")),
            ("www.www.acme.example.org", Some("www.acme.example.org")),
            ("b\u{fc}cher.example", Some("xn--bcher-kva.example")),
            ("localhost", Some("localhost")),
            ("127.0.0.1:80", Some("127.0.0.1")),
            ("[::1]", Some("[::1]")),
            ("[::1]:8443", Some("[::1]")),
            ("[::1", None),
            ("[::1]x", None),
            ("_.example.org", None),
            ("a b", None),
            ("a%41.example", None),
            ("host:abc", None),
            ("host:999999", None),
            ("-a.example", None),
            ("a..example", None),
            ("..", None),
            (".", None),
            (":80", None),
            ("", None),
        ];
        for (host, expected) in cases {
            assert_eq!(normalise(host).as_deref(), expected, "{host:?}");
        }
        assert_eq!(normalise(&"a".repeat(64)), None);
        assert_eq!(normalise(&format!("{}example", "a.".repeat(130))), None);
    }
}
