//! Who changed something tells everybody who may have remembered it: one channel of the
//! database, on every cell, that all programs listen to.

use std::borrow::Cow;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::task::JoinHandle;

use crate::private_cluster::PrivateCluster;
use crate::{Error, Result};

/// Name of the channel.
pub(crate) const CHANNEL: &str = "kiwi";
/// Name of this crate's own cache.
pub(crate) const TENANTS: &str = "tenancy.tenants";
/// The key that means everything.
const EVERYTHING: &str = "*";
/// The server refuses longer messages.
const LONGEST_MESSAGE: usize = 7000;
/// A private database that is gone for this long is started again.
const PATIENCE: Duration = Duration::from_secs(15);

type Callback = Box<dyn Fn(&str) + Send + Sync>;

/// Something that must be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) cache: Cow<'static, str>,
    pub(crate) key: String,
}

/// The callbacks of this program.
pub(crate) struct Events {
    /// Tells our own messages from those of others.
    origin: String,
    /// Grows with every event about tenants.
    generation: AtomicU64,
    callbacks: RwLock<Vec<(&'static str, Callback)>>,
}

impl Events {
    pub(crate) fn new() -> Self {
        let random = RandomState::new().build_hasher().finish();
        Self {
            origin: format!("{:x}-{random:x}", std::process::id()),
            generation: AtomicU64::new(1),
            callbacks: RwLock::default(),
        }
    }

    /// What was read under another generation may be wrong.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    pub(crate) fn on(&self, cache: &'static str, callback: Callback) {
        self.callbacks
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push((cache, callback));
    }

    /// The text that travels.
    pub(crate) fn encode(&self, event: &Event) -> String {
        let key = if event.key.len() > LONGEST_MESSAGE {
            EVERYTHING
        } else {
            &event.key
        };
        format!("{}\n{}\n{key}", self.origin, event.cache)
    }

    /// Calls back for one event.
    pub(crate) fn deliver(&self, event: &Event) {
        if event.cache == EVERYTHING {
            return self.deliver_everything();
        }
        if event.cache == TENANTS {
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        let callbacks = self
            .callbacks
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for (_, callback) in callbacks.iter().filter(|(cache, _)| *cache == event.cache) {
            callback(&event.key);
        }
    }

    /// Makes this program look tenants up again.
    pub(crate) fn forget_tenants(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Calls back for everything: events may have been missed.
    pub(crate) fn deliver_everything(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
        let callbacks = self
            .callbacks
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for (_, callback) in callbacks.iter() {
            callback(EVERYTHING);
        }
    }

    fn receive(&self, message: &str) {
        let mut parts = message.splitn(3, '\n');
        let (Some(origin), Some(cache), Some(key)) = (parts.next(), parts.next(), parts.next())
        else {
            tracing::warn!(message, "event that nobody understands");
            return;
        };
        if origin != self.origin {
            self.deliver(&Event {
                cache: cache.to_owned().into(),
                key: key.to_owned(),
            });
        }
    }
}

/// Listens to one database for as long as somebody needs the events.
pub(crate) fn listen(
    options: PgConnectOptions,
    events: Weak<Events>,
    cluster: Option<Weak<PrivateCluster>>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut down_since: Option<Instant> = None;
        let mut pause = Duration::from_millis(200);
        loop {
            match follow(&options, &events, &mut down_since).await {
                Ok(()) => return,
                Err(error) => {
                    if down_since.is_none() {
                        tracing::warn!(%error, "events of the database are interrupted");
                        pause = Duration::from_millis(200);
                    }
                    let since = *down_since.get_or_insert_with(Instant::now);
                    if since.elapsed() > PATIENCE
                        && let Some(cluster) = cluster.as_ref().and_then(Weak::upgrade)
                    {
                        revive(cluster).await;
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(3));
        }
    })
}

/// Delivers events until the connection breaks, or until nobody is left to deliver to.
async fn follow(
    options: &PgConnectOptions,
    events: &Weak<Events>,
    down_since: &mut Option<Instant>,
) -> Result<()> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(3))
        .max_lifetime(None)
        .idle_timeout(None)
        .test_before_acquire(false)
        .connect_lazy_with(options.clone());
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    {
        let Some(events) = events.upgrade() else {
            return Ok(());
        };
        // what happened before we listened is unknown
        events.deliver_everything();
        if let Some(since) = down_since.take() {
            let gone_ms = since.elapsed().as_millis() as u64;
            tracing::info!(gone_ms, "events of the database are back");
        }
    }
    loop {
        let Some(notification) = listener.try_recv().await? else {
            return Err(Error::Unavailable);
        };
        let Some(events) = events.upgrade() else {
            return Ok(());
        };
        events.receive(notification.payload());
    }
}

async fn revive(cluster: Arc<PrivateCluster>) {
    let started = tokio::task::spawn_blocking(move || cluster.ensure_running()).await;
    match started {
        Ok(Ok(true)) => tracing::warn!("the private database had stopped and was started again"),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => tracing::error!(%error, "the private database cannot be started again"),
        Err(error) => tracing::error!(%error, "starting the private database failed"),
    }
}
