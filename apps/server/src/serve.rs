//! The server: puts everything together, serves until it is told to stop, and takes it apart.

mod reload;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use domain::{Domain, FirstSuperuser, accounts, installation};
use http::header;
use jobs::Mailer;
use tenancy::{Database, MigrateOptions, Tenancy};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tracing::{error, info, warn};
use web::App;

use crate::acme;
use crate::commands::{failure, status};
use crate::config::legacy::Found;
use crate::config::{Config, Loader, catalogue};
use crate::control::{Control, Obeying};
use crate::keepsakes::Keeper;
use crate::listener::{Listener, Proxies, bind};
use crate::metrics::{Calls, Made, Metrics};
use crate::output::Failure;
use crate::redirect::{self, Ports};
use crate::seal::Seal;
use crate::tasks;
use crate::telemetry;
use crate::tls::{Certificates, Names};
use reload::Reload;

/// Time for running requests and jobs after a signal to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How often a database that does not answer is tried at the start.
const RETRY: Duration = Duration::from_secs(1);

/// `kiwi serve`
pub(crate) async fn serve(loader: Loader, config: Config, no_worker: bool) -> Result<(), Failure> {
    refuse_legacy(&loader)?;
    let calls = Calls::new();
    let telemetry =
        telemetry::start_server(&config, Some(calls.clone())).map_err(Failure::failed)?;
    remarks(&loader, &config);
    let done = Box::pin(run(loader, config, no_worker, &calls, &telemetry)).await;
    if let Err(failure) = &done {
        error!(event = "server_failed", error = %failure, "the server could not go on");
    }
    telemetry.finish().await;
    done
}

async fn run(
    loader: Loader,
    config: Config,
    no_worker: bool,
    calls: &Calls,
    telemetry: &telemetry::Telemetry,
) -> Result<(), Failure> {
    let shared = Arc::new(config);
    let config = &*shared;
    let key = config.secret_key().map_err(Failure::failed)?;
    let sockets = Sockets::bind(config).await?;
    let certificates = Certificates::open(&config.data_dir, Names::of(config))?;
    let mailers = watch::Sender::new(mailer(config)?);
    let mailer = mailers.subscribe();
    let Made {
        metrics,
        web: web_metrics,
        jobs: job_metrics,
        backups: backup_metrics,
        tenancy: tenancy_metrics,
    } = Metrics::make(calls, telemetry.lost_lines(), config.debugging.is_some());
    metrics.watch(&certificates);
    let views = views::Views::new().map_err(|error| Failure::Failed(error.into()))?;
    let app = App::new(
        settings(config)?,
        views,
        web_metrics,
        &key,
        certificates.authority(),
    );
    app.set_addresses(config.addresses.read().map_err(Failure::failed)?);

    let stop = watch::Sender::new(false);
    let bound = sockets.addresses()?;
    let mut listeners = sockets.listen(config, &app, &certificates, metrics, &stop)?;
    let hangups = Hangups::default();
    tokio::spawn(Arc::clone(&certificates).watch(Arc::clone(&hangups.certificates)));
    let filters = watch::Sender::new(config.log_filter.clone());
    let obeying = Obeying {
        control: Control::of(config),
        app: app.clone(),
        filter: telemetry.filter(),
        usual: filters.subscribe(),
    };
    let reload = Reload {
        loader,
        values: config.values.clone(),
        filters,
        mailer: mailers,
        app: app.clone(),
        addresses: config.addresses.clone(),
    };
    tokio::spawn(reload.follow(Arc::clone(&hangups.configuration)));
    tokio::spawn(signals(stop.clone(), hangups));

    tokio::spawn(obeying.follow());
    if config.debugging.is_some() {
        tokio::spawn(remind_of_debug());
    }

    let rules = domain::Settings {
        first_superuser: config.first_superuser(&key),
        ..config.domain()
    };
    let opened = open(config, rules, tenancy_metrics, &stop).await;
    let outcome = match opened {
        Ok(Some((tenancy, domain))) => {
            app.connect(domain.clone());
            if config.acme_plan.is_some() {
                let certificates = Arc::clone(&certificates);
                tokio::spawn(acme::follow(Seal::of(config), domain.clone(), certificates));
            }
            app.inspect_with(status::inspection(Arc::clone(&shared)));
            let mut keeper = Keeper::new(config, domain.clone(), app.clone(), certificates);
            let is_settled = keeper.settle_first().await;
            tokio::spawn(keeper.follow(is_settled));
            let worker = (!no_worker).then(|| {
                let domain = domain.clone();
                let worker = tasks::worker(config, domain, mailer, job_metrics, backup_metrics);
                tokio::spawn(worker.run(stop.subscribe()))
            });
            info!(
                event = "server_ready",
                http = %bound.http,
                https = %bound.https,
                internal = %bound.internal,
                version = env!("CARGO_PKG_VERSION"),
                "accepting connections"
            );
            // last, where it is found
            tokio::select! {
                () = tell_setup_token(&app, &domain) => wait(&stop).await,
                () = wait(&stop) => {}
            }
            app.drain();
            info!(event = "server_stopping", "no new connections are accepted");
            while listeners.join_next().await.is_some() {}
            if let Some(worker) = worker {
                let _ = tokio::time::timeout(GRACE, worker).await;
            }
            drop(app);
            tenancy.close().await;
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    stop.send_replace(true);
    listeners.shutdown().await;
    info!(event = "server_stopped", "stopped");
    outcome
}

/// `kiwi worker`
pub(crate) async fn work(loader: Loader, config: Config) -> Result<(), Failure> {
    refuse_legacy(&loader)?;
    let telemetry = telemetry::start_server(&config, None).map_err(Failure::failed)?;
    remarks(&loader, &config);
    let done = run_worker(loader, &config, &telemetry).await;
    if let Err(failure) = &done {
        error!(event = "worker_failed", error = %failure, "the worker could not go on");
    }
    telemetry.finish().await;
    done
}

async fn run_worker(
    loader: Loader,
    config: &Config,
    telemetry: &telemetry::Telemetry,
) -> Result<(), Failure> {
    let mailers = watch::Sender::new(mailer(config)?);
    let mailer = mailers.subscribe();
    let made = Metrics::make(&Calls::new(), telemetry.lost_lines(), false);
    let views = views::Views::new().map_err(|error| Failure::Failed(error.into()))?;
    // nothing that needs a key or a certificate is served
    let authority = watch::Sender::new(None);
    let app = App::new(
        settings(config)?,
        views,
        made.web,
        &[],
        authority.subscribe(),
    );
    let stop = watch::Sender::new(false);
    let mut listeners = JoinSet::new();
    // beside a server on one machine the usual address is taken, so it has to be asked for
    let internal = if config.is_given(&catalogue::INTERNAL) {
        let socket = bind(&catalogue::INTERNAL, config.internal)
            .await
            .map_err(Failure::failed)?;
        let address = socket
            .local_addr()
            .map_err(|error| Failure::Failed(error.into()))?;
        let listener = Listener {
            socket,
            tls: None,
            router: internal(&app, made.metrics),
            proxies: Proxies::default(),
            drop_paths: [].into(),
            limits: config.limits,
        };
        listeners.spawn(listener.run(stop.subscribe(), GRACE));
        Some(address)
    } else {
        None
    };
    let hangups = Hangups::default();
    let filters = watch::Sender::new(config.log_filter.clone());
    let obeying = Obeying {
        control: Control::of(config),
        app: app.clone(),
        filter: telemetry.filter(),
        usual: filters.subscribe(),
    };
    tokio::spawn(obeying.follow());
    let reload = Reload {
        loader,
        values: config.values.clone(),
        filters,
        mailer: mailers,
        app: app.clone(),
        addresses: config.addresses.clone(),
    };
    tokio::spawn(reload.follow(Arc::clone(&hangups.configuration)));
    tokio::spawn(signals(stop.clone(), hangups));
    let outcome = match open(config, config.domain(), made.tenancy, &stop).await {
        Ok(Some((tenancy, domain))) => {
            app.connect(domain.clone());
            info!(
                event = "worker_ready",
                internal = internal.map(tracing::field::display),
                "waiting for jobs"
            );
            let worker = tasks::worker(config, domain, mailer, made.jobs, made.backups);
            worker.run(stop.subscribe()).await;
            drop(app);
            tenancy.close().await;
            Ok(())
        }
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    stop.send_replace(true);
    listeners.shutdown().await;
    outcome
}

/// What the operator's listener answers.
fn internal(app: &App, metrics: Arc<Metrics>) -> Router {
    web::health_only(app).merge(
        Router::new()
            .route("/metrics", get(show))
            .with_state((metrics, app.clone())),
    )
}

/// What sends the mail; nothing while mail has to wait, which is told.
fn mailer(config: &Config) -> Result<Option<Mailer>, Failure> {
    match config.mailer()? {
        Ok(mailer) => Ok(Some(mailer)),
        Err(why) => {
            warn!(event = "mail_waits", "{why}");
            Ok(None)
        }
    }
}

/// Settings in Python that somebody relies on, perhaps, are no reason to start without them.
fn refuse_legacy(loader: &Loader) -> Result<(), Failure> {
    match loader.legacy() {
        Found::Refused(why) => Err(Failure::Usage(why)),
        Found::Ignored(_) | Found::Nothing => Ok(()),
    }
}

fn remarks(loader: &Loader, config: &Config) {
    if let Found::Ignored(remark) = loader.legacy() {
        warn!(event = "configuration", "{remark}");
    }
    for remark in &config.remarks {
        warn!(event = "configuration", "{remark}");
    }
    if !config.enforce_https {
        warn!(
            event = "insecure_http_enabled",
            "plain HTTP is served: without TLS everything, passwords too, can be read on the way"
        );
    }
}

/// Says again and again what nobody should forget.
async fn remind_of_debug() {
    let mut hours = tokio::time::interval(Duration::from_hours(1));
    loop {
        hours.tick().await;
        warn!(
            event = "debug_enabled",
            "debug is on: pages of errors tell what happens inside; unset DEBUG when you are done"
        );
    }
}

fn settings(config: &Config) -> Result<web::Settings, Failure> {
    Ok(web::Settings {
        body_limit: config.limits.body,
        request_time: config.limits.request_time,
        body_time: config.limits.body_time,
        max_in_flight: config.max_in_flight,
        tenants_domain: config.tenants_domain.clone(),
        rates: config.rates.clone(),
        headers: config.headers.clone(),
        setup: config.setup,
        contacts: config.contacts.clone(),
        well_known: Some(config.data_dir.join("static/.well-known")),
        debugging: config.debugging.clone(),
        providers: config.identity().map_err(Failure::failed)?,
    })
}

/// Opens the database and migrates it where that is wanted; `None` when told to stop meanwhile.
async fn open(
    config: &Config,
    rules: domain::Settings,
    metrics: tenancy::Metrics,
    stop: &watch::Sender<bool>,
) -> Result<Option<(Tenancy, Domain)>, Failure> {
    let is_private = matches!(config.database, Database::Private);
    let settings = tenancy::Config {
        metrics,
        ..config.tenancy()
    };
    let tenancy = Tenancy::open(settings).await.map_err(failure)?;
    let domain = Domain::new(tenancy.clone(), rules);
    if !is_private && !config.auto_migrate {
        // a database that does not answer may do so later
        if let Err(error @ tenancy::Error::Refused(_)) = tenancy.is_initialised().await {
            drop(domain);
            tenancy.close().await;
            return Err(failure(error));
        }
        return Ok(Some((tenancy, domain)));
    }
    let mut has_told = false;
    loop {
        match migrate(&domain, is_private && !config.auto_migrate).await {
            Ok(()) => return Ok(Some((tenancy, domain))),
            Err(domain::Error::Unavailable) => {}
            Err(error) => {
                drop(domain);
                tenancy.close().await;
                return Err(crate::commands::fault(error));
            }
        }
        if !has_told {
            warn!(event = "database_unavailable", "waiting for the database");
            has_told = true;
        }
        if tokio::time::timeout(RETRY, wait(stop)).await.is_ok() {
            tenancy.close().await;
            return Ok(None);
        }
    }
}

/// Migrates at the start; with `only_new` just a database without tables.
async fn migrate(domain: &Domain, only_new: bool) -> domain::Result<()> {
    let tenancy = domain.tenancy();
    if only_new && tenancy.is_initialised().await? {
        return Ok(());
    }
    let report = installation::migrate(domain, &MigrateOptions::default()).await?;
    for failed in &report.failures {
        error!(
            event = "migration_failed",
            tenant = failed.tenant,
            step = failed.step,
            error = failed.error
        );
    }
    if !report.is_empty() {
        let seconds = report.took.as_secs_f64();
        info!(
            event = "database_migrated",
            seconds, "the database was migrated"
        );
    }
    Ok(())
}

/// Tells the token of the first set-up while it is of use. It becomes worthless with the first
/// superuser.
async fn tell_setup_token(app: &App, domain: &Domain) {
    let is_empty = loop {
        match domain.tenancy().is_empty().await {
            Ok(is_empty) => break is_empty,
            Err(_) => tokio::time::sleep(RETRY).await,
        }
    };
    if is_empty && app.asks_for_token() {
        app.tell_setup_token();
        return;
    }
    let settings = domain.settings();
    let FirstSuperuser::Token(token) = &settings.first_superuser else {
        return;
    };
    // a database without tables has no accounts either
    let is_needed = is_empty || matches!(accounts::needs_setup_token(domain).await, Ok(true));
    if is_needed && settings.registration {
        warn!(
            event = "setup_token",
            token, "there is no superuser yet: who registers with this token becomes the first"
        );
    }
}

async fn wait(stop: &watch::Sender<bool>) {
    // the sender is at hand, so the channel is open
    let _ = stop.subscribe().wait_for(|stop| *stop).await;
}

/// Who is told that SIGHUP came.
#[derive(Default)]
struct Hangups {
    certificates: Arc<Notify>,
    configuration: Arc<Notify>,
}

/// Turns signals into a stop, or into another look at certificates and configuration.
async fn signals(stop: watch::Sender<bool>, hangups: Hangups) {
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    ) else {
        error!(event = "signals_unavailable", "signals cannot be received");
        return;
    };
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hangup.recv() => {
                hangups.certificates.notify_one();
                hangups.configuration.notify_one();
            }
        }
    }
    stop.send_replace(true);
}

/// The three listening sockets.
struct Sockets {
    http: TcpListener,
    https: TcpListener,
    internal: TcpListener,
}

/// The addresses they have.
struct Bound {
    http: SocketAddr,
    https: SocketAddr,
    internal: SocketAddr,
}

impl Sockets {
    async fn bind(config: &Config) -> Result<Self, Failure> {
        Ok(Self {
            http: bind(&catalogue::HTTP, config.http)
                .await
                .map_err(Failure::failed)?,
            https: bind(&catalogue::HTTPS, config.https)
                .await
                .map_err(Failure::failed)?,
            internal: bind(&catalogue::INTERNAL, config.internal)
                .await
                .map_err(Failure::failed)?,
        })
    }

    fn addresses(&self) -> Result<Bound, Failure> {
        let address = |socket: &TcpListener| {
            socket
                .local_addr()
                .map_err(|error| Failure::Failed(error.into()))
        };
        Ok(Bound {
            http: address(&self.http)?,
            https: address(&self.https)?,
            internal: address(&self.internal)?,
        })
    }

    /// Begins to serve on all of them.
    fn listen(
        self,
        config: &Config,
        app: &App,
        certificates: &Arc<Certificates>,
        metrics: Arc<Metrics>,
        stop: &watch::Sender<bool>,
    ) -> Result<JoinSet<()>, Failure> {
        let bound = self.addresses()?;
        let application = web::application(app);
        let plain = if config.enforce_https {
            let ports = Ports {
                http: bound.http.port(),
                https: bound.https.port(),
                public: config.public_port,
            };
            redirect::router(web::health_only(app), application.clone(), ports)
        } else {
            application.clone()
        };
        let plain = if config.acme_plan.is_some() {
            acme::answering(app, plain)
        } else {
            plain
        };
        let internal = internal(app, metrics);
        let tls = TlsAcceptor::from(certificates.server_config()?);
        let proxies = Proxies::new(config.trusted_proxies.clone());
        let drop_paths: Arc<[String]> = config.drop_paths.clone().into();
        let mut listeners = JoinSet::new();
        for (socket, tls, router) in [
            (self.http, None, plain),
            (self.https, Some(tls), application),
            (self.internal, None, internal),
        ] {
            let listener = Listener {
                socket,
                tls,
                router,
                proxies: proxies.clone(),
                drop_paths: drop_paths.clone(),
                limits: config.limits,
            };
            listeners.spawn(listener.run(stop.subscribe(), GRACE));
        }
        Ok(listeners)
    }
}

async fn show(State((metrics, app)): State<(Arc<Metrics>, App)>) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], metrics.text(app.domain()))
}
