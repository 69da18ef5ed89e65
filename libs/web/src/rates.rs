//! How often a client may ask: leaky buckets for each address and class of requests, in the memory
//! of this program.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::response::{IntoResponse, Response};
use domain::LogIns;
use governor::clock::{Clock as _, DefaultClock};
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use ipnet::IpNet;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::error::Error;
use crate::metrics::{self, Metrics};

/// Addresses that are remembered; those not seen for longest are forgotten.
const ADDRESSES: u64 = 200_000;
/// An address that was quiet for so long is forgotten, if its buckets are full again.
const QUIET: Duration = Duration::from_mins(10);
/// Log-ins by the API in a minute that no bucket counts: programs log in often.
const FREE_LOG_INS: NonZeroU32 = NonZeroU32::new(5).expect("it is not zero");
/// What a failed log-in by the API costs; one that succeeds costs one, or nothing.
const FAILURE_COSTS: usize = 5;
/// Pause between two lines of the log about one address and class.
const LOG_PAUSE: Duration = Duration::from_mins(1);

/// How many requests may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests …
    pub requests: NonZeroU32,
    /// … in this time.
    pub time: Duration,
    /// How many more may come at once.
    pub burst: u32,
}

impl Rate {
    /// Time between two requests, a nanosecond at least.
    fn period(self) -> Duration {
        (self.time / self.requests.get()).max(Duration::from_nanos(1))
    }

    /// Time after which nothing is remembered of a burst.
    fn refill(self) -> Duration {
        self.period().saturating_mul(self.burst.saturating_add(1))
    }

    fn quota(self) -> Quota {
        let cells = NonZeroU32::MIN.saturating_add(self.burst);
        Quota::with_period(self.period())
            .expect("a period is not zero")
            .allow_burst(cells)
    }
}

/// How often an address may ask, for each class; `None` is without a limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateSettings {
    /// Log-in, registration, passwords.
    pub accounts: Option<Rate>,
    /// Pages and calls of the API.
    pub pages: Option<Rate>,
    /// Files of the front end.
    pub files: Option<Rate>,
    /// Uploaded files.
    pub uploads: Option<Rate>,
    /// Answers that tell of errors.
    pub errors: Option<Rate>,
    /// Whether the errors of people who are logged in count too.
    pub errors_of_all: bool,
}

/// Addresses that are refused, and others that are exempt from both denial and rates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Refused.
    pub deny: Vec<IpNet>,
    /// Exempt.
    pub allow: Vec<IpNet>,
}

/// What the lists say about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Nothing is done for it.
    Denied,
    /// Nothing is counted.
    Exempt,
    /// The rates count.
    Counted,
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Log-in, registration, passwords.
    Accounts,
    /// Pages and calls of the API.
    Pages,
    /// Files of the front end.
    Static,
    /// Uploaded files.
    Uploads,
    /// Answers that tell of errors.
    Errors,
    /// Log-ins by the API that cost nothing.
    FreeLogIns,
}

/// Names of the classes in metrics and log, in their order, and of denial.
pub(crate) const LABELS: [&str; 6] = ["accounts", "pages", "static", "uploads", "errors", "denied"];
const CLASSES: usize = 6;

impl Class {
    /// The class of a route, or of a path without a route; what watches the server is free.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
        if matches!(path, "/favicon.ico" | "/robots.txt" | "/livez" | "/readyz") {
            None
        } else if begins(&["/accounts/", "/login/", "/complete/", "/disconnect/"]) {
            Some(Self::Accounts)
        } else if begins(&["/static/"]) {
            Some(Self::Static)
        } else if begins(&["/uploads/"]) {
            Some(Self::Uploads)
        } else {
            Some(Self::Pages)
        }
    }
}

/// Marks an answer that refuses a request because of its address.
#[derive(Clone, Copy)]
pub(crate) struct Refused;

/// A request that came too early.
#[derive(Debug)]
pub(crate) struct TooOften(Duration);

impl TooOften {
    /// Whole seconds to wait.
    fn seconds(&self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)
    }
}

impl IntoResponse for TooOften {
    fn into_response(self) -> Response {
        let mut response = Error::TooOften(self.seconds().max(1)).into_response();
        response.extensions_mut().insert(Refused);
        response
    }
}

/// What is remembered about an address.
#[derive(Debug, Default)]
struct Client {
    buckets: [InMemoryState; CLASSES],
    /// When errors are forgiven, in milliseconds since the beginning.
    errors_until: AtomicU64,
    /// When the log has told of it, in milliseconds since the beginning.
    told: [AtomicU64; CLASSES],
}

type Table = Cache<IpAddr, Arc<Client>>;

/// The buckets of one class.
struct Buckets {
    table: Table,
    class: Class,
}

impl StateStore for Buckets {
    type Key = IpAddr;

    fn measure_and_replace<T, F, E>(&self, key: &IpAddr, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let client = self.table.get_with(*key, Arc::default);
        client.buckets[self.class as usize].measure_and_replace(&NotKeyed::NonKey, f)
    }
}

type Limiter = RateLimiter<IpAddr, Buckets, DefaultClock>;

/// The state of all limits.
pub(crate) struct Rates {
    begin: Instant,
    table: Table,
    /// By class.
    limiters: [Option<Limiter>; CLASSES],
    errors_of_all: bool,
    addresses: RwLock<Addresses>,
    metrics: Metrics,
}

impl Rates {
    pub(crate) fn new(settings: &RateSettings, metrics: Metrics) -> Self {
        let rates = [
            settings.accounts,
            settings.pages,
            settings.files,
            settings.uploads,
            settings.errors,
        ];
        let slowest = rates.into_iter().flatten().map(Rate::refill).max();
        let table: Table = Cache::builder()
            .max_capacity(ADDRESSES)
            .eviction_policy(EvictionPolicy::lru())
            .time_to_idle(slowest.unwrap_or_default().max(QUIET))
            .build();
        let limiter = |class, rate: Option<Rate>| {
            let buckets = Buckets {
                table: table.clone(),
                class,
            };
            rate.map(|rate| Limiter::new(rate.quota(), buckets, DefaultClock::default()))
        };
        let free = settings.accounts.map(|_| Rate {
            requests: FREE_LOG_INS,
            time: Duration::from_mins(1),
            burst: FREE_LOG_INS.get() - 1,
        });
        Self {
            begin: Instant::now(),
            limiters: [
                limiter(Class::Accounts, settings.accounts),
                limiter(Class::Pages, settings.pages),
                limiter(Class::Static, settings.files),
                limiter(Class::Uploads, settings.uploads),
                limiter(Class::Errors, settings.errors),
                limiter(Class::FreeLogIns, free),
            ],
            errors_of_all: settings.errors_of_all,
            addresses: RwLock::default(),
            table,
            metrics,
        }
    }

    pub(crate) fn set_addresses(&self, addresses: Addresses) {
        *self
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner) = addresses;
    }

    /// What the lists say about an address; refusals are counted.
    pub(crate) fn entry(&self, address: IpAddr) -> Entry {
        let address = address.to_canonical();
        let lists = self
            .addresses
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let is_in = |list: &[IpNet]| list.iter().any(|net| net.contains(&address));
        if is_in(&lists.allow) {
            Entry::Exempt
        } else if is_in(&lists.deny) {
            self.count("denied");
            Entry::Denied
        } else {
            Entry::Counted
        }
    }

    /// Takes a request of this class, or refuses it.
    pub(crate) fn check(&self, address: IpAddr, class: Class) -> Result<(), TooOften> {
        let address = network_of(address);
        self.take(address, class)
            .map_err(|wait| self.refuse(address, class, wait))
    }

    /// Refuses an address that has caused too many errors just now.
    pub(crate) fn check_errors(&self, address: IpAddr) -> Result<(), TooOften> {
        if self.limiters[Class::Errors as usize].is_none() || self.entry(address) == Entry::Exempt {
            return Ok(());
        }
        let address = network_of(address);
        let until = self
            .table
            .get(&address)
            .map_or(0, |client| client.errors_until.load(Ordering::Relaxed));
        match until.saturating_sub(self.now()) {
            0 => Ok(()),
            left => Err(self.refuse(address, Class::Errors, Duration::from_millis(left))),
        }
    }

    /// Counts an answer that tells of an error; it goes out, but it may be the last for a while.
    pub(crate) fn count_error(&self, address: IpAddr, is_anonymous: bool) {
        if !is_anonymous && !self.errors_of_all {
            return;
        }
        let address = network_of(address);
        if let Err(wait) = self.take(address, Class::Errors) {
            let until = self.now() + wait.as_millis() as u64;
            let client = self.table.get_with(address, Arc::default);
            client.errors_until.fetch_max(until, Ordering::Relaxed);
        }
    }

    /// Counts the log-ins of an address by the API, if they are limited.
    pub(crate) fn log_ins(self: &Arc<Self>, address: IpAddr) -> Option<Arc<dyn LogIns>> {
        self.limiters[Class::Accounts as usize].as_ref()?;
        if self.entry(address) == Entry::Exempt {
            return None;
        }
        Some(Arc::new(LogInsOf {
            rates: Arc::clone(self),
            address: network_of(address),
            paid: AtomicUsize::new(0),
        }))
    }

    fn take(&self, address: IpAddr, class: Class) -> Result<(), Duration> {
        let Some(limiter) = &self.limiters[class as usize] else {
            return Ok(());
        };
        limiter
            .check_key(&address)
            .map_err(|early| early.wait_time_from(limiter.clock().now()))
    }

    fn refuse(&self, address: IpAddr, class: Class, wait: Duration) -> TooOften {
        let label = LABELS[class as usize];
        self.count(label);
        let now = self.now();
        let client = self.table.get_with(address, Arc::default);
        let told = &client.told[class as usize];
        let last = told.load(Ordering::Relaxed);
        let is_due = last == 0 || now.saturating_sub(last) >= LOG_PAUSE.as_millis() as u64;
        let tell = || {
            told.compare_exchange(last, now.max(1), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        };
        if is_due && tell() {
            tracing::warn!(
                event = "rate_limited",
                class = label,
                address = %address,
                "an address asks too often; more of it is not told for a minute"
            );
        }
        TooOften(wait)
    }

    fn count(&self, class: &'static str) {
        let labels = metrics::Refused { class };
        self.metrics.refused.get_or_create(&labels).inc();
    }

    /// Milliseconds since the beginning.
    fn now(&self) -> u64 {
        self.begin.elapsed().as_millis() as u64
    }
}

/// The log-ins of one address by the API.
struct LogInsOf {
    rates: Arc<Rates>,
    address: IpAddr,
    /// What the attempt has cost so far.
    paid: AtomicUsize,
}

impl LogIns for LogInsOf {
    fn begin(&self) -> Result<(), Duration> {
        if self.rates.take(self.address, Class::FreeLogIns).is_ok() {
            self.paid.store(0, Ordering::Relaxed);
            return Ok(());
        }
        self.paid.store(1, Ordering::Relaxed);
        self.rates.take(self.address, Class::Accounts)
    }

    fn refuse(&self, wait: Duration) -> domain::Error {
        let refused = self.rates.refuse(self.address, Class::Accounts, wait);
        domain::Error::Throttled(Duration::from_secs(refused.seconds()))
    }

    fn failed(&self) {
        for _ in self.paid.load(Ordering::Relaxed)..FAILURE_COSTS {
            // an empty bucket cannot become emptier
            let _ = self.rates.take(self.address, Class::Accounts);
        }
    }
}

/// Whom an address stands for: a client with IPv6 has a whole network.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    /// How many requests pass in ten seconds of somebody who asks all the time.
    fn in_ten_seconds(requests: u32, burst: u32) -> usize {
        let rate = Rate {
            requests: NonZeroU32::new(requests).expect("not zero"),
            time: Duration::from_secs(1),
            burst,
        };
        let clock = FakeRelativeClock::default();
        let limiter = RateLimiter::direct_with_clock(rate.quota(), clock.clone());
        let mut passed = 0;
        for _ in 0..10_000 {
            while limiter.check().is_ok() {
                passed += 1;
            }
            clock.advance(Duration::from_millis(1));
        }
        passed
    }

    #[test]
    fn opa_040_opa_042_a_burst_passes_and_then_the_rate() {
        // a burst, the one of the moment, and the rate
        for (requests, burst, passed) in [(300, 100, 3100), (55, 20, 570), (10, 2, 102)] {
            let found = in_ten_seconds(requests, burst);
            assert!(
                (passed..=passed + 1).contains(&found),
                "{requests}: {found}"
            );
        }
    }

    #[test]
    fn opa_042_icon_and_robots_are_of_no_class() {
        for path in ["/favicon.ico", "/robots.txt"] {
            assert_eq!(Class::of(path), None, "{path}");
        }
        for (path, class) in [
            ("/static/{*path}", Class::Static),
            ("/uploads/{*path}", Class::Uploads),
            ("/", Class::Pages),
        ] {
            assert_eq!(Class::of(path), Some(class), "{path}");
        }
    }
}
