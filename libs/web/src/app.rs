//! What all requests share.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Domain;
use futures_util::future::BoxFuture;
use identity::Providers;
use tokio::sync::{Semaphore, watch};
use views::Views;
use views::page::SystemPage;

use crate::csrf::Signer;
use crate::debug::Debugging;
use crate::layers::{HeaderSettings, Headers};
use crate::metrics::Metrics;
use crate::rates::{Addresses, RateSettings, Rates};
use crate::setup_token::SetupToken;

/// What an operator can set about HTTP.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Largest accepted body in bytes.
    pub body_limit: usize,
    /// Time for a request, without the time its body takes to arrive.
    pub request_time: Duration,
    /// Longest pause while a body arrives.
    pub body_time: Duration,
    /// Requests worked on at the same time.
    pub max_in_flight: usize,
    /// Parent domain of the tenants; its hosts share sessions.
    pub tenants_domain: Option<String>,
    /// How often a client may ask.
    pub rates: RateSettings,
    /// What every answer says to browsers.
    pub headers: HeaderSettings,
    /// Who may set up an empty database in the browser.
    pub setup: WebSetup,
    /// Whom people tell about weaknesses, as addresses with their scheme.
    pub contacts: Vec<String>,
    /// Folder with files that an operator wants below `/.well-known/`.
    pub well_known: Option<PathBuf>,
    /// Whom error pages tell what happened inside; nobody without it.
    pub debugging: Option<Debugging>,
    /// Providers elsewhere that let people in.
    pub providers: Providers,
}

/// Who may set up an empty database in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebSetup {
    /// Whoever comes first.
    Open,
    /// Whoever knows the token in the log.
    Token,
    /// Nobody; there are commands.
    Off,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            body_limit: 7_864_320,
            request_time: Duration::from_secs(30),
            body_time: Duration::from_secs(30),
            max_in_flight: 512,
            tenants_domain: None,
            rates: RateSettings::default(),
            headers: HeaderSettings::default(),
            setup: WebSetup::Open,
            contacts: vec![],
            well_known: None,
            debugging: None,
            providers: Providers::default(),
        }
    }
}

/// Looks at the state of the installation. The program does, because it knows its settings.
pub type Inspection =
    Arc<dyn Fn(Domain) -> BoxFuture<'static, domain::Result<SystemPage>> + Send + Sync>;

/// What all requests share; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    domain: OnceLock<Domain>,
    draining: AtomicBool,
    maintenance: RwLock<Option<DateTime<Utc>>>,
    inspection: OnceLock<Inspection>,
    settings: Settings,
    views: Views,
    metrics: Metrics,
    csrf: RwLock<Arc<Signer>>,
    setup: SetupToken,
    authority: watch::Receiver<Option<Vec<u8>>>,
    permits: Semaphore,
    rates: Arc<Rates>,
    headers: Headers,
}

impl App {
    /// Puts together what exists before there is a database. `authority` is the certificate that
    /// clients may trust, `key` the installation's secret.
    pub fn new(
        settings: Settings,
        views: Views,
        metrics: Metrics,
        key: &[u8],
        authority: watch::Receiver<Option<Vec<u8>>>,
    ) -> Self {
        metrics.limit(settings.max_in_flight);
        Self(Arc::new(Shared {
            domain: OnceLock::new(),
            draining: AtomicBool::new(false),
            maintenance: RwLock::default(),
            inspection: OnceLock::new(),
            permits: Semaphore::new(settings.max_in_flight),
            headers: Headers::new(&settings.headers),
            rates: Arc::new(Rates::new(&settings.rates, metrics.clone())),
            settings,
            views,
            metrics,
            csrf: RwLock::new(Arc::new(Signer::new(key))),
            setup: SetupToken::new(key),
            authority,
        }))
    }

    /// Gives it the product, once the database answers.
    pub fn connect(&self, domain: Domain) {
        // a second one would be the same
        let _ = self.0.domain.set(domain);
    }

    /// The product; absent while the database was never reached.
    pub fn domain(&self) -> Option<&Domain> {
        self.0.domain.get()
    }

    /// What the page about the state of the installation shows; without it there is no such page.
    pub fn inspect_with(&self, inspection: Inspection) {
        // a second one would look at the same
        let _ = self.0.inspection.set(inspection);
    }

    /// Looks at the state of the installation.
    pub(crate) fn inspection(&self) -> Option<&Inspection> {
        self.0.inspection.get()
    }

    /// Who is refused and who is exempt from limits, from now on.
    pub fn set_addresses(&self, addresses: Addresses) {
        self.0.rates.set_addresses(addresses);
    }

    /// From now on the program is about to stop, and no new work should come.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// Whether the program is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Relaxed)
    }

    /// Signs with this key from now on; says whether it is another one. Forms that are open must
    /// then be loaded again.
    pub fn sign_with(&self, key: &[u8]) -> bool {
        let signer = self.0.csrf.write();
        let mut signer = signer.unwrap_or_else(PoisonError::into_inner);
        let is_new = !signer.is_for(key);
        if is_new {
            *signer = Arc::new(Signer::new(key));
        }
        is_new
    }

    /// Serves no tenant until this time, or serves them all again.
    pub fn maintain(&self, until: Option<DateTime<Utc>>) {
        let maintenance = self.0.maintenance.write();
        *maintenance.unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Until when no tenant is served.
    pub(crate) fn maintenance(&self) -> Option<DateTime<Utc>> {
        let maintenance = self.0.maintenance.read();
        *maintenance.unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    pub(crate) fn views(&self) -> &Views {
        &self.0.views
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn csrf(&self) -> Arc<Signer> {
        let signer = self.0.csrf.read();
        Arc::clone(&signer.unwrap_or_else(PoisonError::into_inner))
    }

    /// What the first set-up in the browser asks for.
    pub(crate) fn setup(&self) -> &SetupToken {
        &self.0.setup
    }

    /// Whether the set-up page asks for the token.
    pub fn asks_for_token(&self) -> bool {
        self.0.settings.setup == WebSetup::Token
    }

    /// The token of the set-up page.
    pub fn setup_token(&self) -> &str {
        self.0.setup.text()
    }

    /// Writes the token of the set-up page into the log, once.
    pub fn tell_setup_token(&self) {
        self.0.setup.tell();
    }

    /// The certificate that clients may trust, as it is now.
    pub(crate) fn authority(&self) -> Option<Vec<u8>> {
        self.0.authority.borrow().clone()
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.0.headers
    }

    pub(crate) fn rates(&self) -> &Arc<Rates> {
        &self.0.rates
    }

    pub(crate) fn permits(&self) -> &Semaphore {
        &self.0.permits
    }
}
