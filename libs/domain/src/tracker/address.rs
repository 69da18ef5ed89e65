//! Where trackers may lie: their addresses are typed by people of a tenant, and must not become a way
//! into the network of the server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use entity::{Map, Value};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use crate::{Domain, FieldErrors, Result};

/// The fields that hold addresses.
const FIELDS: [&str; 2] = ["base_url", "api_url"];
/// Time for finding out which addresses a name has.
const PATIENCE: Duration = Duration::from_secs(2);

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> IpNet {
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(first: u16, second: u16, length: u8) -> IpNet {
    let address = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
    IpNet::V6(Ipv6Net::new_assert(address, length))
}

/// Where no tracker of anybody lies: no host at all, the machine that asks, and services that tell a
/// machine its own secrets.
const NEVER: [IpNet; 7] = [
    v4(0, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    v6(0xfe80, 0, 10),
    v6(0xff00, 0, 8),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::UNSPECIFIED, 128)),
];

/// Networks behind the server rather than in front of it.
const INTERNAL: [IpNet; 9] = [
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v6(0xfc00, 0, 7),
    IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
];

/// Refuses addresses of a tracker that lead where trackers may not lie: a link-local or impossible
/// address always, one in the own network unless the operator allows that. A name is looked up, and
/// all its addresses count.
pub async fn check_addresses(domain: &Domain, values: &Map) -> Result<()> {
    let settings = domain.settings();
    let is_single = !domain.is_multi_tenant();
    let allows_internal = settings.internal_trackers.unwrap_or(is_single);
    let mut errors = FieldErrors::default();
    for field in FIELDS {
        let Some(Value::Text(given)) = values.get(field) else {
            continue;
        };
        // what is no address leads nowhere
        let Some(url) = read(given.trim()) else {
            continue;
        };
        let addresses = addresses(&url).await;
        if addresses
            .iter()
            .any(|address| is_refused(*address, allows_internal))
        {
            let host = url.host_str().unwrap_or_default();
            errors.add(
                field,
                format!("{host} lies in the network of the server, where no tracker may be."),
            );
        }
    }
    errors.into_result()
}

/// The address as a program would follow it, which forgives a missing scheme and strange spellings of
/// numbers.
fn read(given: &str) -> Option<Url> {
    let url = Url::parse(given).ok().filter(Url::has_host);
    url.or_else(|| Url::parse(&format!("https://{given}")).ok())
}

/// The addresses of the host; none when its name is not known.
async fn addresses(url: &Url) -> Vec<IpAddr> {
    match url.host() {
        Some(Host::Ipv4(address)) => vec![address.into()],
        Some(Host::Ipv6(address)) => vec![address.into()],
        Some(Host::Domain(name)) => {
            let port = url.port_or_known_default().unwrap_or(443);
            let looked_up = tokio::net::lookup_host((name, port));
            match tokio::time::timeout(PATIENCE, looked_up).await {
                Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
                _ => Vec::new(),
            }
        }
        None => Vec::new(),
    }
}

fn is_refused(address: IpAddr, allows_internal: bool) -> bool {
    let address = inner(address);
    let lies_in = |networks: &[IpNet]| networks.iter().any(|network| network.contains(&address));
    lies_in(&NEVER) || (!allows_internal && lies_in(&INTERNAL))
}

/// The address that one of IPv6 stands for when it carries one of IPv4: mapped, translated (NAT64) or
/// tunnelled (6to4).
fn inner(address: IpAddr) -> IpAddr {
    let IpAddr::V6(outer) = address else {
        return address;
    };
    let words = outer.segments();
    let carried = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match words {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            carried(high, low)
        }
        [0x2002, high, low, ..] => carried(high, low),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str, allows_internal: bool) -> bool {
        is_refused(address.parse().expect("an address"), allows_internal)
    }

    #[test]
    fn gap_009_internal_addresses_are_recognised_in_every_spelling() {
        for always in [
            "0.0.0.0",
            "169.254.169.254",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "fe80::1",
            "ff02::1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(refused(always, true), "{always}");
            assert!(refused(always, false), "{always}");
        }
        for internal in [
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
        ] {
            assert!(!refused(internal, true), "{internal}");
            assert!(refused(internal, false), "{internal}");
        }
        for public in [
            "93.184.215.14",
            "172.32.0.1",
            "100.128.0.1",
            "192.169.0.1",
            "2606:2800:21f::1",
            "2002:5db8:d70e::1",
        ] {
            assert!(!refused(public, false), "{public}");
        }
    }
}
