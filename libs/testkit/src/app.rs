//! A server without a port.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use domain::seal::SecretKey;
use domain::{Domain, Request, session};
use prometheus_client::registry::Registry;
use tenancy::{Changes, Config, Tenancy, Tenant};
use tokio::sync::watch;
use views::Views;

use crate::cluster::Cluster;
use crate::template::{self, DOMAIN};
use crate::{Client, TestDatabase, Work};

/// What a server does before it knows who asks.
#[derive(Default)]
pub struct Edge {
    /// Limits of HTTP; the tenants' domain is that of the template.
    pub settings: web::Settings,
    /// Who is refused and who is exempt.
    pub addresses: web::Addresses,
}

/// The secret of all these installations.
const KEY: &str = "only for tests";

/// A server with a database of its own.
pub struct App {
    web: web::App,
    router: Router,
    domain: Domain,
    database: TestDatabase,
    multi: bool,
}

/// How a server starts.
struct Start {
    multi: bool,
    settings: domain::Settings,
    logged: bool,
    time: Option<Duration>,
    empty: bool,
    public_port: Option<u16>,
    edge: Edge,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            multi: true,
            settings: domain::Settings::default(),
            logged: false,
            time: None,
            empty: false,
            public_port: None,
            edge: Edge::default(),
        }
    }
}

impl App {
    /// A server with several tenants.
    pub async fn start() -> Self {
        Self::open(Start::default()).await
    }

    /// A server with several tenants that gives a statement of the database no more than this time.
    pub async fn start_hurried(time: Duration) -> Self {
        let time = Some(time);
        Self::open(Start {
            time,
            ..Start::default()
        })
        .await
    }

    /// A server with several tenants that clients reach at a port of their own.
    pub async fn start_at_port(port: u16) -> Self {
        let public_port = Some(port);
        Self::open(Start {
            public_port,
            ..Start::default()
        })
        .await
    }

    /// A server with several tenants whose statements can be counted.
    pub async fn start_logged() -> Self {
        Self::open(Start {
            logged: true,
            ..Start::default()
        })
        .await
    }

    /// A server for the public tenant alone, whatever the host is called.
    pub async fn start_single() -> Self {
        Self::start_single_with(domain::Settings::default()).await
    }

    /// A server for the public tenant alone, with other rules.
    pub async fn start_single_with(settings: domain::Settings) -> Self {
        Self::open(Start {
            multi: false,
            settings,
            ..Start::default()
        })
        .await
    }

    /// A server with several tenants and other rules.
    pub async fn start_with(settings: domain::Settings) -> Self {
        Self::open(Start {
            settings,
            ..Start::default()
        })
        .await
    }

    /// A server that lets people in by providers elsewhere, with rules that know them.
    pub async fn start_with_providers(
        multi: bool,
        settings: domain::Settings,
        providers: Vec<identity::Provider>,
    ) -> Self {
        let providers = identity::Providers::new(providers).expect("clients for providers");
        let settings_of_http = web::Settings {
            providers,
            ..web::Settings::default()
        };
        let edge = Edge {
            settings: settings_of_http,
            ..Edge::default()
        };
        Self::open(Start {
            multi,
            settings,
            edge,
            ..Start::default()
        })
        .await
    }

    /// A server with several tenants and other limits of HTTP.
    pub async fn start_at(edge: Edge) -> Self {
        Self::open(Start {
            edge,
            ..Start::default()
        })
        .await
    }

    /// A server for the public tenant alone, with other limits of HTTP.
    pub async fn start_single_at(edge: Edge) -> Self {
        Self::open(Start {
            multi: false,
            edge,
            ..Start::default()
        })
        .await
    }

    /// A server whose database has no tables.
    pub async fn start_empty(setup: web::WebSetup) -> Self {
        let settings = web::Settings {
            setup,
            ..web::Settings::default()
        };
        let edge = Edge {
            settings,
            ..Edge::default()
        };
        Self::open(Start {
            multi: false,
            empty: true,
            edge,
            ..Start::default()
        })
        .await
    }

    /// Boxed, because the futures of tests that hold it would become large.
    fn open(start: Start) -> Pin<Box<dyn Future<Output = Self> + Send>> {
        Box::pin(Self::assemble(start))
    }

    async fn assemble(start: Start) -> Self {
        let multi = start.multi;
        let database = if start.empty {
            TestDatabase::empty().await
        } else {
            let cluster = Cluster::join().await;
            let template = template::ensure(&cluster).await;
            TestDatabase::copy(cluster, &template).await
        };
        if start.logged {
            database.log_statements().await;
        }
        let config = Config {
            tenants_domain: multi.then(|| DOMAIN.to_owned()),
            public_port: start.public_port,
            max_connections: 5,
            statement_timeout: start.time.unwrap_or(database.statement_timeout),
            ..database.clone()
        };
        let tenancy = Tenancy::open(config).await.expect("the database opens");
        let rules = domain::Settings {
            secret_key: start
                .settings
                .secret_key
                .or_else(|| Some(SecretKey::new(KEY))),
            ..start.settings
        };
        let domain = Domain::new(tenancy, rules);
        let settings = web::Settings {
            tenants_domain: multi.then(|| DOMAIN.to_owned()),
            ..start.edge.settings
        };
        let views = Views::new().expect("the templates are sound");
        let metrics = web::Metrics::register(&mut Registry::default());
        let (_, authority) = watch::channel(None);
        let app = web::App::new(settings, views, metrics, KEY.as_bytes(), authority);
        app.connect(domain.clone());
        app.set_addresses(start.edge.addresses);
        let router = web::application(&app);
        Self {
            web: app,
            router,
            domain,
            database,
            multi,
        }
    }

    /// A visitor of a tenant, not logged in.
    pub fn client(&self, tenant: &str) -> Client {
        let host = if self.multi {
            format!("{tenant}.{DOMAIN}")
        } else {
            "localhost".to_owned()
        };
        Client::new(self.router.clone(), host)
    }

    /// A visitor of a host that need not belong to a tenant.
    pub fn visitor(&self, host: &str) -> Client {
        Client::new(self.router.clone(), host.to_owned())
    }

    /// What the page of the first set-up asks for.
    pub fn setup_token(&self) -> &str {
        self.web.setup_token()
    }

    /// What the page about the state of the installation shows.
    pub fn inspect_with(&self, inspection: web::Inspection) {
        self.web.inspect_with(inspection);
    }

    /// The database, for what is wrong with it.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The rules, for what has no door.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// A tenant by its short name.
    pub async fn tenant(&self, name: &str) -> Arc<Tenant> {
        let found = self
            .domain
            .tenancy()
            .by_name(name)
            .await
            .expect("the database answers");
        found.unwrap_or_else(|| panic!("there is no tenant {name}"))
    }

    /// Lets everybody read a tenant.
    pub async fn publish(&self, name: &str) {
        let changes = Changes {
            publicly_readable: Some(true),
            ..Changes::default()
        };
        let tenant = self.tenant(name).await;
        let outcome = self.domain.tenancy().change(&tenant, &changes).await;
        outcome.expect("the tenant is changed");
    }

    /// A request of somebody, for rules that have no door yet.
    pub async fn request(&self, tenant: &str, username: &str) -> Request {
        let client = self.client(tenant).log_in(username).await;
        let key = client.cookies["sessionid"].clone();
        let tenant = self.tenant(tenant).await;
        let caller = session::caller(&self.domain, &tenant, &key).await;
        let caller = caller.expect("the database answers");
        Request {
            session: Some(key),
            ..Request::inside(&self.domain, &tenant, caller, "test")
        }
    }

    /// Something to work on in a tenant, made by the superuser.
    pub async fn work(&self, tenant: &str) -> Work {
        Work::make(self.client(tenant).log_in(crate::ROOT).await).await
    }

    /// What is to be read in a captcha, for tests that are no programs.
    pub async fn captcha_answer(&self, key: &str) -> String {
        let mut tx = self.platform().await;
        let answer = sqlx::query_scalar("SELECT answer FROM platform.captcha WHERE id = $1")
            .bind(key)
            .fetch_one(tx.conn())
            .await;
        answer.expect("a captcha that waits for its answer")
    }

    /// Runs a statement on the tables that exist once, for what takes time or has no door.
    pub async fn on_platform(&self, sql: &'static str) -> u64 {
        let mut tx = self.platform().await;
        let done = sqlx::query(sql).execute(tx.conn()).await;
        let done = done.expect("a statement");
        tx.commit().await.expect("the end");
        done.rows_affected()
    }

    async fn platform(&self) -> tenancy::PlatformTx {
        let opened = self.domain.tenancy().begin_platform().await;
        opened.expect("a transaction")
    }

    /// Does everything that was put off until later.
    pub async fn work_off(&self) {
        let metrics = jobs::Metrics::register(&mut Registry::default());
        jobs::Worker::new(self.domain.clone(), watch::channel(None).1, metrics)
            .drain()
            .await;
    }

    /// Ids of the attachments of a tenant whose files are in the storage, lowest first.
    pub async fn files(&self, tenant: &str) -> Vec<i32> {
        let tenant = self.tenant(tenant).await;
        let store = &self.domain.settings().uploads.store;
        let files = store.list(tenant.id.0).await.expect("the storage answers");
        let mut ids: Vec<i32> = files.into_iter().map(|(id, _)| id).collect();
        ids.sort_unstable();
        ids
    }

    /// How many statements the database has had so far, since [`App::start_logged`].
    pub fn statements(&self) -> usize {
        self.database.statements()
    }

    /// Ends all connections of the database and takes no new ones, as when it is away.
    pub async fn cut_database(&self) {
        self.database.cut().await;
    }

    /// Lets the database answer again.
    pub async fn restore_database(&self) {
        self.database.restore().await;
    }
}
