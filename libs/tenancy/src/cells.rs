//! Tenant → cell → pool. A small installation has one cell, `main`, which is also the database
//! of the platform.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

use futures_util::future::join_all;
use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use crate::events::{self, Events};
use crate::pool::{Addresses, Pool};
use crate::private_cluster::PrivateCluster;
use crate::{Config, Database, Error, Result, connection};

/// The cell that is also the platform's database.
pub(crate) const MAIN: &str = "main";

pub(crate) struct Cells {
    config: Config,
    by_name: HashMap<String, Cell>,
    events: Arc<Events>,
    cluster: Option<Weak<PrivateCluster>>,
    listeners: Mutex<Vec<JoinHandle<()>>>,
    paused: AtomicBool,
}

struct Cell {
    addresses: RwLock<Addresses>,
    pool: OnceLock<Pool>,
}

impl Cell {
    fn new(addresses: Addresses) -> Self {
        Self {
            addresses: RwLock::new(addresses),
            pool: OnceLock::new(),
        }
    }

    fn addresses(&self) -> Addresses {
        let known = self.addresses.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Cells {
    pub(crate) fn new(
        config: &Config,
        main: Addresses,
        events: Arc<Events>,
        cluster: Option<Weak<PrivateCluster>>,
    ) -> Result<Self> {
        let mut by_name = HashMap::new();
        by_name.insert(MAIN.to_owned(), Cell::new(main));
        for cell in &config.cells {
            let setting = format!("cell {}", cell.name);
            let direct = cell.direct.as_ref();
            let addresses = connection::external(&setting, &cell.database, direct, config)?;
            let cell_is_new = by_name
                .insert(cell.name.clone(), Cell::new(addresses))
                .is_none();
            if !cell_is_new {
                return Err(Error::Config(format!("{setting}: the name is used twice")));
            }
        }
        Ok(Self {
            config: config.clone(),
            by_name,
            events,
            cluster,
            listeners: Mutex::default(),
            paused: AtomicBool::new(false),
        })
    }

    pub(crate) fn main(&self) -> &Pool {
        self.get(MAIN).expect("the main cell always exists")
    }

    /// The pool of a cell; the first use opens it and listens to its events.
    pub(crate) fn get(&self, name: &str) -> Result<&Pool> {
        let cell = self.by_name.get(name).ok_or_else(|| {
            Error::Config(format!(
                "cell {name} has tenants, but its address is not configured"
            ))
        })?;
        Ok(cell.pool.get_or_init(|| {
            self.listen(name, cell);
            let metrics = self.config.metrics.of_cell(name);
            Pool::new(cell.addresses(), &self.config, metrics)
        }))
    }

    fn listen(&self, name: &str, cell: &Cell) {
        let cluster = self.cluster.clone().filter(|_| name == MAIN);
        let events = Arc::downgrade(&self.events);
        let listener = events::listen(cell.addresses().direct, events, cluster);
        self.listeners().push(listener);
    }

    /// Opens new connections to the main cell as this database says, which must be the same one
    /// under other credentials. Those that are open end when their time is over.
    pub(crate) fn readdress_main(&self, database: &Database) -> Result<()> {
        let direct = self.config.direct.as_ref();
        let addresses = connection::external("db.url", database, direct, &self.config)?;
        let cell = &self.by_name[MAIN];
        let known = cell.addresses();
        if !is_same_place(&known.pooled, &addresses.pooled) {
            return Err(Error::Config(
                "another database is only used after a restart".to_owned(),
            ));
        }
        let mut known = cell
            .addresses
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *known = addresses.clone();
        drop(known);
        if let Some(pool) = cell.pool.get() {
            pool.readdress(addresses);
        }
        if !self.is_paused() {
            for listener in std::mem::take(&mut *self.listeners()) {
                listener.abort();
            }
            for (name, cell) in self
                .by_name
                .iter()
                .filter(|(_, cell)| cell.pool.get().is_some())
            {
                self.listen(name, cell);
            }
        }
        Ok(())
    }

    /// Whether no connections are opened for now.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Acquire)
    }

    /// Closes every connection, and opens none until [`Cells::resume`].
    pub(crate) async fn pause(&self) {
        self.paused.store(true, Ordering::Release);
        self.stop_listening().await;
        join_all(self.open_pools().map(|(_, pool)| pool.pause())).await;
    }

    /// Opens connections again; whatever was remembered is looked up anew.
    pub(crate) fn resume(&self) {
        for (name, cell) in &self.by_name {
            if let Some(pool) = cell.pool.get() {
                pool.resume();
                self.listen(name, cell);
            }
        }
        self.events.deliver_everything();
        self.paused.store(false, Ordering::Release);
    }

    /// Names of all cells, the main one first.
    pub(crate) fn names(&self) -> Vec<&str> {
        let others = self.config.cells.iter().map(|cell| cell.name.as_str());
        std::iter::once(MAIN).chain(others).collect()
    }

    /// The pools that are open, with their names.
    pub(crate) fn open_pools(&self) -> impl Iterator<Item = (&str, &Pool)> {
        self.by_name
            .iter()
            .filter_map(|(name, cell)| Some((name.as_str(), cell.pool.get()?)))
    }

    pub(crate) async fn close(&self) {
        self.stop_listening().await;
        for (_, pool) in self.open_pools() {
            pool.close().await;
        }
    }

    async fn stop_listening(&self) {
        let listeners = std::mem::take(&mut *self.listeners());
        for listener in listeners {
            listener.abort();
            let _ = listener.await;
        }
    }

    fn listeners(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_same_place(one: &PgConnectOptions, other: &PgConnectOptions) -> bool {
    let place = |options: &PgConnectOptions| {
        let socket = options.get_socket().map(ToOwned::to_owned);
        let database = options.get_database().map(str::to_owned);
        (
            options.get_host().to_owned(),
            socket,
            options.get_port(),
            database,
        )
    };
    place(one) == place(other)
}

impl Drop for Cells {
    fn drop(&mut self) {
        for listener in &*self.listeners() {
            listener.abort();
        }
    }
}
