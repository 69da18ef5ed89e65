//! A server without a port.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use domain::Domain;
use prometheus_client::registry::Registry;
use tenancy::{Changes, Config, Tenancy, Tenant};
use tokio::sync::watch;
use views::Views;

use crate::cluster::Cluster;
use crate::template::{self, DOMAIN};
use crate::{Client, Work};

/// How many databases this program has made.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A server with a database of its own, which is removed when the value is dropped.
pub struct App {
    router: Router,
    domain: Domain,
    database: String,
    cluster: Arc<Cluster>,
    multi: bool,
}

impl App {
    /// A server with several tenants.
    pub async fn start() -> Self {
        Self::open(true, domain::Settings::default()).await
    }

    /// A server for the public tenant alone, whatever the host is called.
    pub async fn start_single() -> Self {
        Self::open(false, domain::Settings::default()).await
    }

    /// A server with several tenants and other rules.
    pub async fn start_with(settings: domain::Settings) -> Self {
        Self::open(true, settings).await
    }

    async fn open(multi: bool, settings: domain::Settings) -> Self {
        let cluster = Cluster::join().await;
        let template = template::ensure(&cluster).await;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let database = format!("test_{}_{number}", std::process::id());
        let mut conn = cluster.connect("postgres").await;
        template::create(&mut conn, &database, &template).await;

        let mut config = Config::new(cluster.folder());
        config.database = cluster.database(&database);
        config.tenants_domain = multi.then(|| DOMAIN.to_owned());
        config.max_connections = 5;
        let tenancy = Tenancy::open(config).await.expect("the database opens");
        let domain = Domain::new(tenancy, settings);
        let settings = web::Settings {
            tenants_domain: multi.then(|| DOMAIN.to_owned()),
            ..web::Settings::default()
        };
        let views = Views::new().expect("the templates are sound");
        let metrics = web::Metrics::register(&mut Registry::default());
        let (_, authority) = watch::channel(None);
        let app = web::App::new(settings, views, metrics, b"only for tests", authority);
        app.connect(domain.clone());
        let router = web::application(&app);
        Self {
            router,
            domain,
            database,
            cluster,
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

    /// Something to work on in a tenant, made by the superuser.
    pub async fn work(&self, tenant: &str) -> Work {
        Work::make(self.client(tenant).log_in(crate::ROOT).await).await
    }

    /// Ends all connections of the database and takes no new ones, as when it is away.
    pub async fn cut_database(&self) {
        let mut conn = self.cluster.connect("postgres").await;
        self.allow_connections(&mut conn, false).await;
        sqlx::query(
            "SELECT pg_terminate_backend(pid)
             FROM pg_stat_activity
             WHERE datname = $1",
        )
        .bind(&self.database)
        .execute(&mut conn)
        .await
        .expect("connections end");
    }

    /// Lets the database answer again.
    pub async fn restore_database(&self) {
        let mut conn = self.cluster.connect("postgres").await;
        self.allow_connections(&mut conn, true).await;
    }

    async fn allow_connections(&self, conn: &mut sqlx::PgConnection, allowed: bool) {
        let sql = format!(
            "ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}",
            self.database
        );
        crate::cluster::execute(conn, sql)
            .await
            .expect("the database is altered");
    }
}

/// Removes the database. A test that is killed leaves it to the next run.
impl Drop for App {
    fn drop(&mut self) {
        let (database, cluster) = (self.database.clone(), Arc::clone(&self.cluster));
        // the test's runtime is busy being dropped, so this needs one of its own
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let mut conn = cluster.connect("postgres").await;
                let sql = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
                let _ = crate::cluster::execute(&mut conn, sql).await;
            });
        });
        let _ = removal.join();
    }
}
