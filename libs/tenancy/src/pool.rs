//! Connections to one database, and the only place where a schema's name becomes SQL.
//!
//! Differs from a general pool in two ways that were worth it. A connection prefers the tenant
//! that it served last, because PostgreSQL plans every statement anew when the search path has
//! changed. And nothing is asked of a connection before or after its use, which saves a tenth of
//! the server's time in a small request: a finished commit says that it is well, and a connection
//! that died while it was idle is replaced when its first message fails.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgTransactionManager};
use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr as _};
use sqlx_core::transaction::TransactionManager as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::metrics::CellMetrics;
use crate::{Config, Error, Result, error, is_unavailable};

/// Longest wait for a rollback before the connection is given up.
const CLEANING: Duration = Duration::from_secs(5);
/// Longest wait for a connection outside the limit.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often connections are looked through for old ones.
const SWEEP: Duration = Duration::from_secs(30);

/// SQL that this crate has put together from its own constants, checked names and files.
pub(crate) fn trusted(sql: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(sql)
}

/// A schema's name as an identifier.
pub(crate) fn quoted(schema: &str) -> String {
    format!("\"{}\"", schema.replace('"', "\"\""))
}

/// How full a pool is, for metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// Most connections.
    pub limit: usize,
    /// Open connections.
    pub open: usize,
    /// Open connections that nobody uses.
    pub idle: usize,
}

#[derive(Clone)]
pub(crate) struct Pool(Arc<Inner>);

struct Inner {
    addresses: RwLock<Addresses>,
    limit: usize,
    acquire_timeout: Duration,
    idle_timeout: Duration,
    max_lifetime: Duration,
    permits: Arc<Semaphore>,
    /// The most recently used one is last.
    idle: Mutex<Vec<Idle>>,
    open: AtomicUsize,
    closed: AtomicBool,
    /// Nobody gets a connection for now.
    paused: AtomicBool,
    metrics: CellMetrics,
}

struct Idle {
    live: Live,
    since: Instant,
}

struct Live {
    connection: PgConnection,
    /// Schema of the last tenant.
    schema: String,
    expires: Instant,
    _count: Count,
}

/// Counts an open connection for as long as it lives.
struct Count(Weak<Inner>);

impl Drop for Count {
    fn drop(&mut self) {
        if let Some(inner) = self.0.upgrade() {
            inner.open.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// How a database is reached.
#[derive(Clone)]
pub(crate) struct Addresses {
    pub(crate) pooled: PgConnectOptions,
    /// Past a pooler.
    pub(crate) direct: PgConnectOptions,
}

impl Pool {
    pub(crate) fn new(addresses: Addresses, config: &Config, metrics: CellMetrics) -> Self {
        let limit = config.max_connections.max(2) as usize;
        let inner = Arc::new(Inner {
            addresses: RwLock::new(addresses),
            limit,
            acquire_timeout: config.acquire_timeout,
            idle_timeout: config.idle_timeout,
            max_lifetime: config.max_lifetime,
            permits: Arc::new(Semaphore::new(limit)),
            idle: Mutex::default(),
            open: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            paused: AtomicBool::new(false),
            metrics,
        });
        tokio::spawn(sweep(Arc::downgrade(&inner)));
        Self(inner)
    }

    /// New connections are opened like this from now on.
    pub(crate) fn readdress(&self, addresses: Addresses) {
        let known = self.0.addresses.write();
        *known.unwrap_or_else(PoisonError::into_inner) = addresses;
    }

    fn addresses(&self) -> Addresses {
        let known = self.0.addresses.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn status(&self) -> PoolStatus {
        PoolStatus {
            limit: self.0.limit,
            open: self.0.open.load(Ordering::Relaxed),
            idle: self.0.idle().len(),
        }
    }

    /// Opens a transaction with this message. `schema` is what the connection will have served;
    /// with `None` any connection will do, and it stays with its tenant.
    pub(crate) async fn begin(&self, schema: Option<&str>, message: String) -> Result<Checkout> {
        let message = trusted(message).into_sql_str();
        let asked = Instant::now();
        let permit = self.permit().await?;
        let idle = self.0.take(schema);
        let was_idle = idle.is_some();
        let live = match idle {
            Some(live) => live,
            None => self.connect().await?,
        };
        let begun = Instant::now();
        self.0.metrics.acquired(begun - asked);
        let mut checkout = Checkout {
            begun,
            live: Some(live),
            permit: Some(permit),
            pool: self.0.clone(),
        };
        if let Some(schema) = schema {
            checkout.set_schema(schema);
        }
        match PgTransactionManager::begin(checkout.connection(), Some(message.clone())).await {
            Ok(()) => return Ok(checkout),
            // a new connection that fails says something about the database
            Err(error) if was_idle && is_broken(&error) => {
                tracing::debug!(%error, "idle connection was gone, trying a new one");
            }
            Err(error) => {
                // the server may have begun before it failed
                checkout.clean().await;
                return Err(error.into());
            }
        }
        // the others have most likely died with it
        self.0.idle().clear();
        checkout.live = None;
        let mut live = self.connect().await?;
        schema.unwrap_or_default().clone_into(&mut live.schema);
        checkout.live = Some(live);
        match PgTransactionManager::begin(checkout.connection(), Some(message)).await {
            Ok(()) => Ok(checkout),
            Err(error) => {
                checkout.clean().await;
                Err(error.into())
            }
        }
    }

    /// A connection outside the limit, for what takes long.
    pub(crate) async fn direct(&self) -> Result<PgConnection> {
        Ok(self.try_direct().await?)
    }

    /// The same, with the error in the words of the database.
    pub(crate) async fn try_direct(&self) -> sqlx::Result<PgConnection> {
        let addresses = self.addresses();
        let connecting = PgConnection::connect_with(&addresses.direct);
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        connected.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into()))
    }

    /// Closes the idle connections and, as they come back, the others.
    pub(crate) async fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.empty().await;
    }

    /// Closes all connections as [`Pool::close`] does, and opens none until [`Pool::resume`].
    pub(crate) async fn pause(&self) {
        self.0.paused.store(true, Ordering::Release);
        self.empty().await;
    }

    /// Opens connections again.
    pub(crate) fn resume(&self) {
        self.0.paused.store(false, Ordering::Release);
    }

    async fn empty(&self) {
        let all = self
            .0
            .permits
            .clone()
            .acquire_many_owned(self.0.limit as u32);
        if tokio::time::timeout(CLEANING, all).await.is_err() {
            tracing::warn!("database connections that are still in use are closed later");
        }
        let idle = std::mem::take(&mut *self.0.idle());
        for Idle { live, .. } in idle {
            let _ = tokio::time::timeout(CLEANING, live.connection.close()).await;
        }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        if self.0.is_shut() {
            return Err(Error::Unavailable);
        }
        let permit = self.0.permits.clone().acquire_owned();
        match tokio::time::timeout(self.0.acquire_timeout, permit).await {
            Ok(Ok(permit)) if !self.0.is_shut() => Ok(permit),
            Ok(_) => Err(Error::Unavailable),
            Err(_) => {
                tracing::warn!(
                    limit = self.0.limit,
                    "no database connection became free in time"
                );
                self.0.metrics.busy();
                Err(Error::Unavailable)
            }
        }
    }

    async fn connect(&self) -> Result<Live> {
        let addresses = self.addresses();
        let connecting = PgConnection::connect_with(&addresses.pooled);
        let timeout = self.0.acquire_timeout.max(Duration::from_secs(2));
        let Ok(connection) = tokio::time::timeout(timeout, connecting).await else {
            tracing::warn!("opening a database connection took too long");
            self.0.metrics.unreachable();
            return Err(Error::Unavailable);
        };
        let connection = connection.map_err(|error| {
            self.0.metrics.unreachable();
            match error::code(&error).as_str() {
                // the database takes no connections for now, or is being replaced by a backup
                "55000" | "3D000" => {
                    tracing::warn!(error = %error, "database is not available");
                    Error::Unavailable
                }
                _ => error.into(),
            }
        })?;
        self.0.open.fetch_add(1, Ordering::Relaxed);
        Ok(Live {
            connection,
            schema: String::new(),
            expires: Instant::now() + jitter(self.0.max_lifetime),
            _count: Count(Arc::downgrade(&self.0)),
        })
    }
}

impl Inner {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that served this schema last, else the one that rested longest; without a
    /// schema the one that rested least.
    fn take(&self, schema: Option<&str>) -> Option<Live> {
        let now = Instant::now();
        let mut idle = self.idle();
        idle.retain(|idle| idle.live.expires > now);
        if idle.is_empty() {
            return None;
        }
        let position = match schema {
            Some(schema) => idle
                .iter()
                .rposition(|idle| idle.live.schema == schema)
                .unwrap_or(0),
            None => idle.len() - 1,
        };
        Some(idle.remove(position).live)
    }

    fn is_shut(&self) -> bool {
        self.closed.load(Ordering::Acquire) || self.paused.load(Ordering::Acquire)
    }

    fn give_back(&self, live: Live) {
        if self.is_shut() || live.expires <= Instant::now() {
            return;
        }
        self.idle().push(Idle {
            live,
            since: Instant::now(),
        });
    }
}

/// A connection with an open transaction.
pub(crate) struct Checkout {
    begun: Instant,
    live: Option<Live>,
    permit: Option<OwnedSemaphorePermit>,
    pool: Arc<Inner>,
}

impl Checkout {
    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self
            .live
            .as_mut()
            .expect("the connection is taken only at the end")
            .connection
    }

    fn set_schema(&mut self, schema: &str) {
        if let Some(live) = &mut self.live {
            schema.clone_into(&mut live.schema);
        }
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        PgTransactionManager::commit(self.connection()).await?;
        self.finish();
        Ok(())
    }

    pub(crate) async fn rollback(mut self) -> Result<()> {
        PgTransactionManager::rollback(self.connection()).await?;
        self.finish();
        Ok(())
    }

    fn finish(&mut self) {
        // a savepoint that was left open would be the next user's transaction
        if PgTransactionManager::get_transaction_depth(self.connection()) == 0
            && let Some(live) = self.live.take()
        {
            self.pool.give_back(live);
        }
    }

    async fn clean(&mut self) {
        if let Some(live) = self.live.take()
            && let Some(live) = clean(live).await
        {
            self.pool.give_back(live);
        }
    }
}

/// Whatever was going on is undone in the background; only then the place is free again.
impl Drop for Checkout {
    fn drop(&mut self) {
        self.pool.metrics.released(self.begun.elapsed());
        let Some(live) = self.live.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let (permit, pool) = (self.permit.take(), self.pool.clone());
        runtime.spawn(async move {
            if let Some(live) = clean(live).await {
                pool.give_back(live);
            }
            drop(permit);
        });
    }
}

/// Rolls back, in whatever state the connection was left; `None` if it is beyond that.
async fn clean(mut live: Live) -> Option<Live> {
    while PgTransactionManager::get_transaction_depth(&live.connection) > 1 {
        PgTransactionManager::start_rollback(&mut live.connection);
    }
    let rollback = async {
        if PgTransactionManager::get_transaction_depth(&live.connection) == 1 {
            PgTransactionManager::rollback(&mut live.connection).await
        } else {
            sqlx::raw_sql("ROLLBACK")
                .execute(&mut live.connection)
                .await
                .map(drop)
        }
    };
    match tokio::time::timeout(CLEANING, rollback).await {
        Ok(Ok(())) => Some(live),
        Ok(Err(error)) => {
            tracing::debug!(%error, "connection given up");
            None
        }
        Err(_) => {
            tracing::warn!("a rollback took too long, its connection is given up");
            None
        }
    }
}

/// True if another connection may do better.
fn is_broken(error: &sqlx::Error) -> bool {
    is_unavailable(error) || matches!(error, sqlx::Error::Protocol(_))
}

/// Between nine and eleven tenths, so that connections do not all end at once.
fn jitter(lifetime: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    lifetime.mul_f64(0.9 + 0.2 * (random % 1000) as f64 / 1000.0)
}

async fn sweep(pool: Weak<Inner>) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let Some(inner) = pool.upgrade() else { return };
        let now = Instant::now();
        let keep = |idle: &Idle| idle.live.expires > now && now - idle.since < inner.idle_timeout;
        let old: Vec<Idle> = {
            let mut idle = inner.idle();
            let (kept, old) = std::mem::take(&mut *idle).into_iter().partition(keep);
            *idle = kept;
            old
        };
        for Idle { live, .. } in old {
            let _ = tokio::time::timeout(CLEANING, live.connection.close()).await;
        }
    }
}
