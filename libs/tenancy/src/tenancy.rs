//! The way in: opening the databases, and opening transactions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::Duration;

use entity::sql;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection};

use crate::cells::Cells;
use crate::events::{Events, TENANTS};
use crate::migrate::window;
use crate::pool::{Addresses, quoted};
use crate::private_cluster::{self, PrivateCluster};
use crate::resolve::Resolver;
use crate::steps::Stream;
use crate::{
    Config, Database, Error, Mode, PlatformTx, PoolStatus, Result, State, Tenant, TenantTx,
    connection, error,
};

/// All tenants of an installation and their databases.
#[derive(Clone)]
pub struct Tenancy(Arc<Inner>);

struct Inner {
    // fields are dropped in this order: connections before the server they lead to
    cells: Cells,
    config: Config,
    /// What each transaction is told, if connections were not.
    limits: String,
    mode: Mode,
    events: Arc<Events>,
    resolver: Resolver,
    is_initialised: AtomicBool,
    /// The newest version of tenants' tables that is known to be served.
    newest_served: AtomicI32,
    cluster: Option<Arc<PrivateCluster>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Write,
    Read,
}

impl Tenancy {
    /// Opens the databases. A private one is created and started if need be, and is ready
    /// afterwards; for others no connection is tried before one is needed.
    pub async fn open(config: Config) -> Result<Self> {
        entity::sql::set_prepared(config.prepared);
        let mode = config.mode()?;
        let events = Arc::new(Events::new());
        let (addresses, cluster) = match &config.database {
            Database::Private => {
                let settings = config.clone();
                let starting =
                    tokio::task::spawn_blocking(move || PrivateCluster::start(&settings));
                let cluster = starting
                    .await
                    .map_err(|error| Error::Cluster(format!("starting failed: {error}")))??;
                let options = connection::private(cluster.socket(), &config);
                prepare_private(&options).await?;
                let addresses = Addresses {
                    direct: options.clone(),
                    pooled: options,
                };
                (addresses, Some(Arc::new(cluster)))
            }
            database => {
                let direct = config.direct.as_ref();
                let addresses = connection::external("DATABASE_URL", database, direct, &config)?;
                (addresses, None)
            }
        };
        let weak = cluster.as_ref().map(Arc::downgrade);
        let cells = Cells::new(&config, addresses, events.clone(), weak)?;
        Ok(Self(Arc::new(Inner {
            cells,
            limits: connection::limits(&config),
            config,
            mode,
            events,
            resolver: Resolver::new(),
            is_initialised: AtomicBool::new(false),
            newest_served: AtomicI32::new(Stream::Tenant.newest()),
            cluster,
        })))
    }

    /// Closes all connections; stops the private database if nobody else uses it.
    pub async fn close(self) {
        self.0.cells.close().await;
        if let Some(cluster) = self.0.cluster.clone() {
            match tokio::task::spawn_blocking(move || cluster.leave()).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "the private database was not stopped"),
                Err(error) => tracing::error!(%error, "the private database was not stopped"),
            }
        }
    }

    /// Closes every connection to the databases and opens none until [`Tenancy::resume_all`], so
    /// that somebody can replace them; whoever asks meanwhile is told that they are not available.
    pub async fn pause_all(&self) {
        self.0.cells.pause().await;
    }

    /// Opens connections again; nothing that was remembered before is believed.
    pub fn resume_all(&self) {
        self.0.is_initialised.store(false, Ordering::Release);
        self.0.cells.resume();
    }

    /// Whether all connections are closed for now.
    pub fn is_paused(&self) -> bool {
        self.0.cells.is_paused()
    }

    /// Opens new connections with other credentials; host, port and name must be the same.
    pub fn use_credentials(&self, database: &Database) -> Result<()> {
        self.0.cells.readdress_main(database)
    }

    /// Whether there is more than one tenant.
    pub fn mode(&self) -> &Mode {
        &self.0.mode
    }

    /// What it was opened with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Opens a transaction that may write to the tenant's tables.
    pub async fn begin(&self, tenant: &Arc<Tenant>) -> Result<TenantTx> {
        let tenant = self.served(tenant).await?;
        if tenant.state != State::Active {
            return Err(Error::State {
                tenant: tenant.schema.clone(),
                state: tenant.state,
            });
        }
        self.open_tenant(tenant, Access::Write).await
    }

    /// Opens a transaction that can only read the tenant's tables; suspended tenants can be read.
    pub async fn begin_read(&self, tenant: &Arc<Tenant>) -> Result<TenantTx> {
        let tenant = self.served(tenant).await?;
        if !matches!(tenant.state, State::Active | State::Suspended) {
            return Err(Error::State {
                tenant: tenant.schema.clone(),
                state: tenant.state,
            });
        }
        self.open_tenant(tenant, Access::Read).await
    }

    /// Opens a writing transaction whatever state the tenant is in, for operators' commands.
    pub async fn begin_maintenance(&self, tenant: &Arc<Tenant>) -> Result<TenantTx> {
        let tenant = self.current(tenant).await?;
        self.open_tenant(tenant, Access::Write).await
    }

    /// Opens a transaction on the tables that exist once.
    pub async fn begin_platform(&self) -> Result<PlatformTx> {
        if self.is_paused() {
            return Err(Error::Unavailable);
        }
        let message = format!("BEGIN; SET LOCAL search_path TO ''{}", self.0.limits);
        let checkout = self.0.cells.main().begin(None, message).await?;
        Ok(PlatformTx::new(checkout, self.0.events.clone()))
    }

    /// Calls `f` with the key whenever somebody, here or in another program, invalidates one in
    /// `cache`; with `*` when everything must be forgotten, because events may have been missed.
    pub fn on_invalidate(&self, cache: &'static str, f: impl Fn(&str) + Send + Sync + 'static) {
        self.0.events.on(cache, Box::new(f));
    }

    /// True once the tables of the platform and the public tenant exist. Refuses tables from which a
    /// newer release has taken what this one needs.
    pub async fn is_initialised(&self) -> Result<bool> {
        if self.0.is_initialised.load(Ordering::Acquire) {
            return Ok(true);
        }
        let mut tx = self.begin_platform().await?;
        let public = "SELECT EXISTS (SELECT FROM platform.tenant WHERE schema_name = 'public' \
                      AND state <> 'provisioning')";
        let found = match sql::query_scalar(public)
            .persistent(false)
            .fetch_one(tx.conn())
            .await
        {
            Ok(found) => found,
            Err(error) if error::is_missing(&error) => false,
            Err(error) => return Err(error.into()),
        };
        if found {
            window::refuse_contracted(tx.conn()).await?;
            self.0.is_initialised.store(true, Ordering::Release);
        }
        Ok(found)
    }

    /// True while nobody has begun to make the tables: accounts cannot be read.
    pub async fn is_empty(&self) -> Result<bool> {
        if self.0.is_initialised.load(Ordering::Acquire) {
            return Ok(false);
        }
        let mut tx = self.begin_platform().await?;
        let found = sql::query_scalar("SELECT to_regclass('platform.account') IS NULL")
            .persistent(false)
            .fetch_one(tx.conn())
            .await?;
        Ok(found)
    }

    /// Succeeds if the platform's database answers.
    pub async fn ping(&self) -> Result<()> {
        self.begin_platform().await?.rollback().await
    }

    /// Why the platform's database lets nobody in, in its own words; `None` if it does.
    pub async fn complaint(&self) -> Option<String> {
        if self.is_paused() {
            return None;
        }
        let refused = self.0.cells.main().try_direct().await.err();
        refused.map(|error| error.to_string())
    }

    /// How full the pools are, by cell.
    pub fn pools(&self) -> Vec<(String, PoolStatus)> {
        let pools = self.0.cells.open_pools();
        pools
            .map(|(name, pool)| (name.to_owned(), pool.status()))
            .collect()
    }

    pub(crate) fn cells(&self) -> &Cells {
        &self.0.cells
    }

    pub(crate) fn events(&self) -> &Arc<Events> {
        &self.0.events
    }

    pub(crate) fn resolver(&self) -> &Resolver {
        &self.0.resolver
    }

    async fn served(&self, tenant: &Arc<Tenant>) -> Result<Arc<Tenant>> {
        let tenant = self.current(tenant).await?;
        if tenant.is_outdated() || !self.knows(tenant.schema_version).await? {
            return Err(Error::Outdated(tenant.schema.clone()));
        }
        Ok(tenant)
    }

    /// Whether tables of tenants at this version can be served: a newer release may have brought
    /// them there, and says so before it does.
    pub(crate) async fn knows(&self, version: i32) -> Result<bool> {
        if version <= self.0.newest_served.load(Ordering::Acquire) {
            return Ok(true);
        }
        let mut tx = self.begin_platform().await?;
        let newest = window::newest_served(tx.conn()).await?;
        tx.commit().await?;
        self.0.newest_served.store(newest, Ordering::Release);
        Ok(version <= newest)
    }

    /// One message: begin, go into the schema, and find out whether it is there. The lock
    /// conflicts with nothing but the removal of the schema.
    async fn open_tenant(&self, tenant: Arc<Tenant>, access: Access) -> Result<TenantTx> {
        if self.is_paused() {
            return Err(Error::Unavailable);
        }
        let begin = if access == Access::Read {
            "BEGIN READ ONLY"
        } else {
            // what is written is found by keys, and planning each time for the lists of ids that it
            // is given would cost more than the plan can win
            "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan"
        };
        let message = format!(
            "{begin}; SET LOCAL search_path TO {}{}; LOCK TABLE schema_state IN ACCESS SHARE MODE",
            quoted(&tenant.schema),
            self.0.limits,
        );
        let pool = self.0.cells.get(&tenant.cell)?;
        match pool.begin(Some(&tenant.schema), message).await {
            Ok(checkout) => Ok(TenantTx::new(tenant, checkout, self.0.events.clone())),
            Err(Error::Database(error)) if error::is_missing(&error) => {
                self.0.events.forget_tenants();
                Err(Error::UnknownTenant(tenant.schema.clone()))
            }
            Err(error) => Err(error),
        }
    }
}

impl PlatformTx {
    /// After the commit nobody believes what he knew about tenants.
    pub(crate) fn forget_tenants(&mut self) {
        self.invalidate(TENANTS, "*");
    }

    /// After the commit nobody believes anything that he knew.
    pub(crate) fn forget_everything(&mut self) {
        self.invalidate("*", "*");
    }
}

/// Waits until a private server answers, and makes its database the first time.
async fn prepare_private(options: &PgConnectOptions) -> Result<()> {
    let mut last = None;
    for _ in 0..200 {
        match PgConnection::connect_with(options).await {
            Ok(connection) => {
                let _ = connection.close().await;
                return Ok(());
            }
            Err(error) if error::code(&error) == "3D000" => {
                let options = options.clone().database("postgres");
                let mut connection = PgConnection::connect_with(&options).await?;
                let sql = crate::pool::trusted(format!(
                    "CREATE DATABASE {}",
                    quoted(private_cluster::DATABASE)
                ));
                match sqlx::raw_sql(sql).execute(&mut connection).await {
                    Ok(_) => {}
                    // another program was faster
                    Err(error) if matches!(error::code(&error).as_str(), "42P04" | "23505") => {}
                    Err(error) => return Err(error.into()),
                }
                let _ = connection.close().await;
            }
            Err(error) if crate::is_unavailable(&error) => {
                last = Some(error);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let last = last.map(|error| error.to_string()).unwrap_or_default();
    Err(Error::Cluster(format!(
        "the private database does not answer: {last}"
    )))
}
