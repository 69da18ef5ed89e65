//! Host or name → tenant, remembered for a while.
//!
//! Every entry carries the generation of the event channel under which it was read. An event
//! about tenants starts a new generation, and entries of an older one are read again: nothing
//! that was read before a change is believed after it, however late it was stored.

use std::sync::Arc;
use std::time::{Duration, Instant};

use entity::sql;
use moka::Expiry;
use moka::future::Cache;

use crate::metrics::Lookup;
use crate::tenant::{PUBLIC, select_tenant};
use crate::{Error, Mode, Result, State, Tenancy, Tenant, TenantId, error, host};

const MOST_ENTRIES: u64 = 100_000;
const POSITIVE: Duration = Duration::from_mins(1);
/// Tries before a tenant that keeps changing is read past the cache.
const ATTEMPTS: usize = 3;
const NEGATIVE: Duration = Duration::from_secs(10);

/// What a tenant is looked up by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Host(String),
    Schema(String),
    Id(i32),
}

#[derive(Clone)]
struct Entry {
    generation: u64,
    tenant: Option<Arc<Tenant>>,
}

struct Lifetimes;

impl Expiry<Key, Entry> for Lifetimes {
    fn expire_after_create(&self, _: &Key, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(if entry.tenant.is_some() {
            POSITIVE
        } else {
            NEGATIVE
        })
    }
}

pub(crate) struct Resolver {
    entries: Cache<Key, Entry>,
}

impl Resolver {
    pub(crate) fn new() -> Self {
        Self {
            entries: Cache::builder()
                .max_capacity(MOST_ENTRIES)
                .expire_after(Lifetimes)
                .build(),
        }
    }
}

impl Tenancy {
    /// The tenant of a `Host` header, in whatever state it is; `None` for hosts of nobody and for
    /// deleted tenants.
    pub async fn by_host(&self, host: &str) -> Result<Option<Arc<Tenant>>> {
        match self.mode() {
            Mode::Single => self.by_name(PUBLIC).await,
            Mode::Multi { .. } => match host::normalise(host) {
                Some(host) => self.resolve(Key::Host(host)).await,
                None => Ok(None),
            },
        }
    }

    /// The tenant with this schema name, compared without case.
    pub async fn by_name(&self, schema: &str) -> Result<Option<Arc<Tenant>>> {
        self.resolve(Key::Schema(schema.to_lowercase())).await
    }

    /// The tenant with this id.
    pub async fn by_id(&self, id: TenantId) -> Result<Option<Arc<Tenant>>> {
        self.resolve(Key::Id(id.0)).await
    }

    /// The tenant as it is now; an error if it is not what it was when it was looked up.
    pub(crate) async fn current(&self, tenant: &Arc<Tenant>) -> Result<Arc<Tenant>> {
        if tenant.generation == self.events().generation() {
            return Ok(tenant.clone());
        }
        match self.by_id(tenant.id).await? {
            None => Err(Error::UnknownTenant(tenant.schema.clone())),
            Some(now) if now.epoch != tenant.epoch => Err(Error::Moved(tenant.schema.clone())),
            Some(now) => Ok(now),
        }
    }

    async fn resolve(&self, key: Key) -> Result<Option<Arc<Tenant>>> {
        let (tenant, is_hit) = self.find(key).await?;
        self.config().metrics.looked_up(match (&tenant, is_hit) {
            (None, _) => Lookup::Unknown,
            (Some(_), true) => Lookup::Hit,
            (Some(_), false) => Lookup::Miss,
        });
        Ok(tenant)
    }

    /// The tenant, and whether it was remembered.
    async fn find(&self, key: Key) -> Result<(Option<Arc<Tenant>>, bool)> {
        for _ in 0..ATTEMPTS {
            let generation = self.events().generation();
            if let Some(entry) = self.resolver().entries.get(&key).await {
                if entry.generation >= generation {
                    return Ok((entry.tenant, true));
                }
                self.resolver().entries.invalidate(&key).await;
            }
            // one query for all who ask at the same time
            let loading = self.load(key.clone());
            let entry = self
                .resolver()
                .entries
                .try_get_with(key.clone(), loading)
                .await;
            let entry = entry.map_err(|error| shared(&error))?;
            // it may have begun before we asked
            if entry.generation >= generation {
                return Ok((entry.tenant, false));
            }
        }
        Ok((self.load(key).await?.tenant, false))
    }

    async fn load(&self, key: Key) -> Result<Entry> {
        // before the query: what changes after it belongs to the next generation
        let generation = self.events().generation();
        let query = match &key {
            Key::Host(host) => sql::query(select_tenant!(
                "JOIN platform.tenant_domain h ON h.tenant_id = t.id WHERE h.domain = $1"
            ))
            .bind(host),
            Key::Schema(schema) => sql::query(select_tenant!(
                "WHERE lower(t.schema_name) = $1 AND t.state <> 'deleted'"
            ))
            .bind(schema),
            Key::Id(id) => sql::query(select_tenant!("WHERE t.id = $1")).bind(id),
        };
        let mut tx = self.begin_platform().await?;
        let row = match query.fetch_optional(tx.conn()).await {
            Ok(row) => row,
            Err(error) if error::is_missing(&error) => return Err(Error::NotInitialised),
            Err(error) => return Err(error.into()),
        };
        tx.commit().await?;
        let tenant = match row {
            None => None,
            Some(row) => {
                let default = |schema: &str| self.mode().default_domain(schema);
                let mut tenant = Tenant::from_row(&row, generation, default)?;
                if !self.knows(tenant.schema_version).await? {
                    Arc::make_mut(&mut tenant).is_too_new = true;
                }
                let gone = matches!(tenant.state, State::Deleting | State::Deleted);
                (!gone).then_some(tenant)
            }
        };
        Ok(Entry { generation, tenant })
    }
}

/// The error of a look-up that others waited for too.
fn shared(error: &Error) -> Error {
    match error {
        Error::Unavailable => Error::Unavailable,
        Error::NotInitialised => Error::NotInitialised,
        Error::Config(text) => Error::Config(text.clone()),
        other => {
            tracing::error!(error = %other, "tenant look-up failed");
            Error::Unavailable
        }
    }
}
