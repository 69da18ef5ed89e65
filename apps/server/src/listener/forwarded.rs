//! What reverse proxies tell about a request; it is believed from trusted ones only.

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use http::HeaderMap;
use ipnet::IpNet;
use tracing::warn;
use web::Connection;

/// Untrusted proxies that are told of, each once.
const TOLD: usize = 100;

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies {
    trusted: Arc<[IpNet]>,
    told: Arc<Mutex<HashSet<IpAddr>>>,
}

impl Proxies {
    /// Trusts addresses and networks.
    pub(crate) fn new(trusted: Vec<IpNet>) -> Self {
        Self {
            trusted: trusted.into(),
            told: Arc::default(),
        }
    }

    /// The connection as the client made it, as far as trusted proxies tell.
    pub(super) fn seen(&self, connection: Connection, headers: &HeaderMap) -> Connection {
        let peer = connection.peer.ip().to_canonical();
        let Some(told) = Told::read(headers) else {
            return connection;
        };
        if !self.trusts(peer) {
            self.remark(peer);
            return connection;
        }
        let client = self.client(&told.addresses).map(|ip| (ip, 0).into());
        Connection {
            peer: client.unwrap_or(connection.peer),
            secure: connection.secure || told.is_https,
        }
    }

    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|net| net.contains(&address))
    }

    /// The last address that is not that of a trusted proxy: what stands before it may be forged.
    fn client(&self, addresses: &[Option<IpAddr>]) -> Option<IpAddr> {
        let mut nearest = None;
        for address in addresses.iter().rev() {
            nearest = Some((*address)?);
            if nearest.is_some_and(|address| !self.trusts(address)) {
                break;
            }
        }
        nearest
    }

    /// Tells the operator of a proxy that seems to be forgotten.
    fn remark(&self, peer: IpAddr) {
        let is_near = match peer {
            IpAddr::V4(ip) => ip.is_private() || ip.is_loopback(),
            IpAddr::V6(ip) => ip.is_unique_local() || ip.is_loopback(),
        };
        let Ok(mut told) = self.told.lock() else {
            return;
        };
        if is_near && told.len() < TOLD && told.insert(peer) {
            warn!(
                event = "proxy_headers_ignored",
                "proxy headers ignored from {peer}; set KIWI_TRUSTED_PROXIES if it is your proxy"
            );
        }
    }
}

/// What the headers of a request say.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// The way from the client; `None` where an address is hidden or unreadable.
    addresses: Vec<Option<IpAddr>>,
    is_https: bool,
}

impl Told {
    /// Reads `Forwarded`, else the `X-` headers; `None` when there are none.
    fn read(headers: &HeaderMap) -> Option<Self> {
        if headers.contains_key("forwarded") {
            let hops: Vec<&str> = items(headers, "forwarded").collect();
            let addresses = hops.iter().filter_map(|hop| parameter(hop, "for"));
            let is_https = hops
                .last()
                .and_then(|hop| parameter(hop, "proto"))
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
            return Some(Self {
                addresses: addresses.map(address).collect(),
                is_https,
            });
        }
        let mut addresses: Vec<_> = items(headers, "x-forwarded-for").map(address).collect();
        if addresses.is_empty() {
            addresses = items(headers, "x-real-ip").map(address).collect();
        }
        let scheme = items(headers, "x-forwarded-proto").last();
        if addresses.is_empty() && scheme.is_none() {
            return None;
        }
        Some(Self {
            addresses,
            is_https: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https")),
        })
    }
}

/// The items of a list that may be spread over several headers.
fn items<'a>(headers: &'a HeaderMap, name: &'static str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).iter();
    values
        .flat_map(|value| value.to_str().unwrap_or("unreadable").split(','))
        .map(str::trim)
        .filter(|item| !item.is_empty())
}

fn parameter<'a>(hop: &'a str, name: &str) -> Option<&'a str> {
    hop.split(';').find_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        let is_it = found.trim().eq_ignore_ascii_case(name);
        is_it.then(|| value.trim().trim_matches('"'))
    })
}

/// An address with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let address = bare.parse().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    /// Client and scheme of a request that comes from `peer` over plain HTTP.
    fn seen(peer: &str, headers: &[(&'static str, &'static str)]) -> (String, bool) {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|net| net.parse().expect("a network"));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        let connection = Connection {
            peer: SocketAddr::new(peer.parse().expect("an address"), 4711),
            secure: false,
        };
        let seen = Proxies::new(trusted.to_vec()).seen(connection, &map);
        (seen.peer.ip().to_string(), seen.secure)
    }

    #[test]
    fn trusted_proxies_name_the_client_and_the_scheme() {
        for (headers, client, secure) in [
            (vec![], "10.0.0.1", false),
            (
                vec![
                    ("x-forwarded-for", "203.0.113.7"),
                    ("x-forwarded-proto", "https"),
                ],
                "203.0.113.7",
                true,
            ),
            (vec![("x-real-ip", "2001:db8::1")], "2001:db8::1", false),
            // what the client wrote itself stands further left
            (
                vec![("x-forwarded-for", "6.6.6.6, 203.0.113.7, 10.9.9.9")],
                "203.0.113.7",
                false,
            ),
            (
                vec![
                    ("x-forwarded-for", "6.6.6.6"),
                    ("x-forwarded-for", "203.0.113.7"),
                ],
                "203.0.113.7",
                false,
            ),
            (vec![("x-forwarded-for", "10.1.1.1")], "10.1.1.1", false),
            (
                vec![("x-forwarded-for", "6.6.6.6, unknown, 10.1.1.1")],
                "10.0.0.1",
                false,
            ),
            // one header that is set, and one that is added
            (
                vec![
                    ("x-forwarded-proto", "http"),
                    ("x-forwarded-proto", "https"),
                ],
                "10.0.0.1",
                true,
            ),
            (
                vec![("x-forwarded-proto", "https, http")],
                "10.0.0.1",
                false,
            ),
            (
                vec![
                    (
                        "forwarded",
                        "for=\"[2001:db8::17]:4711\";proto=https;by=10.0.0.1",
                    ),
                    ("x-forwarded-for", "6.6.6.6"),
                ],
                "2001:db8::17",
                true,
            ),
            (
                vec![("forwarded", "for=6.6.6.6, for=203.0.113.7:80;Proto=HTTPS")],
                "203.0.113.7",
                true,
            ),
            (vec![("forwarded", "for=_hidden")], "10.0.0.1", false),
        ] {
            let expected = (client.to_owned(), secure);
            assert_eq!(seen("10.0.0.1", &headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn others_are_not_believed() {
        for peer in ["203.0.113.1", "192.168.0.1", "::1"] {
            let forged = [
                ("x-forwarded-for", "6.6.6.6"),
                ("x-real-ip", "6.6.6.6"),
                ("x-forwarded-proto", "https"),
                ("forwarded", "for=6.6.6.6;proto=https"),
            ];
            assert_eq!(seen(peer, &forged), (peer.to_owned(), false));
        }
    }
}
