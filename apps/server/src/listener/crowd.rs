//! How many connections an address may have at the same time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::warn;
use web::network_of;

/// Counts connections by the network of their client.
#[derive(Debug, Clone)]
pub(super) struct Crowd {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// The place of one connection; free again when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    crowd: Crowd,
    network: IpAddr,
}

impl Crowd {
    /// Lets so many connections of an address in; any number if it is 0.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// Lets a connection in, unless its address has too many already.
    pub(super) fn enter(&self, address: IpAddr) -> Option<Seat> {
        let network = network_of(address);
        let mut open = self.open();
        let count = open.entry(network).or_default();
        if self.most > 0 && *count >= self.most {
            // told when the limit is met, not for each connection beyond it
            return None;
        }
        *count += 1;
        if *count == self.most {
            warn!(
                event = "connections_limited",
                address = %network,
                most = self.most,
                "an address has as many connections as it may have; more are closed"
            );
        }
        Some(Seat {
            crowd: self.clone(),
            network,
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.crowd.open();
        if let Some(count) = open.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Crowd;

    #[test]
    fn opa_045_an_address_has_a_number_of_connections() {
        let crowd = Crowd::new(2);
        let enter = |address: &str| crowd.enter(address.parse().expect("an address"));
        let first = enter("192.0.2.1").expect("the first");
        let second = enter("::ffff:192.0.2.1").expect("the second");
        assert!(enter("192.0.2.1").is_none());
        assert!(enter("192.0.2.2").is_some(), "others are let in");
        drop(first);
        let third = enter("192.0.2.1").expect("there is room again");
        assert!(enter("192.0.2.1").is_none());
        let near = enter("2001:db8:1:2::1").expect("the first");
        let far = enter("2001:db8:1:2:3::1").expect("the second");
        assert!(enter("2001:db8:1:2:4::1").is_none(), "a network is one");
        drop((second, third, near, far));
        assert!(crowd.open().is_empty(), "nothing is remembered");
        let any = Crowd::new(0);
        let all: Vec<_> = (0..1000)
            .map(|_| any.enter("192.0.2.1".parse().expect("an address")))
            .collect();
        assert!(all.iter().all(Option::is_some));
    }
}
