//! How many mails a tenant may send, so that one cannot use up what the mail server allows.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_mins(1);

/// Counts the mails of each tenant in windows of a minute.
pub(crate) struct Pace {
    /// Mails of a tenant in a window; 0 is no limit.
    most: u32,
    windows: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Pace {
    pub(crate) fn new(most: u32) -> Self {
        Self {
            most,
            windows: Mutex::default(),
        }
    }

    /// Counts a mail of the tenant; how long it has to wait when there were too many.
    pub(crate) fn wait(&self, tenant: &str, now: Instant) -> Option<Duration> {
        if self.most == 0 {
            return None;
        }
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|_, (begun, _)| now.duration_since(*begun) < WINDOW);
        let (begun, count) = windows.entry(tenant.to_owned()).or_insert((now, 0));
        if *count < self.most {
            *count += 1;
            return None;
        }
        Some(WINDOW.saturating_sub(now.duration_since(*begun)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tenant_has_its_own_minute() {
        let pace = Pace::new(2);
        let now = Instant::now();
        let second = now + Duration::from_secs(1);
        assert_eq!(pace.wait("alpha", now), None);
        assert_eq!(pace.wait("alpha", second), None);
        assert_eq!(pace.wait("alpha", second), Some(Duration::from_secs(59)));
        assert_eq!(pace.wait("beta", second), None);
        assert_eq!(pace.wait("alpha", now + WINDOW), None);
    }

    #[test]
    fn no_limit_is_no_limit() {
        let pace = Pace::new(0);
        let now = Instant::now();
        assert!((0..1000).all(|_| pace.wait("alpha", now).is_none()));
    }
}
