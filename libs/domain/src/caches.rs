//! What is remembered between requests about sessions, accounts and rights.
//!
//! Every program on the database forgets an entry as soon as somebody changes what it was made
//! from; the lives given here only limit the damage of a message that was lost.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::Id;
use moka::sync::Cache;
use sha2::{Digest as _, Sha256};
use tenancy::{Tenancy, TenantId};

use crate::User;
use crate::accounts::AccountRights;

/// Name of the messages about one session; the key is its digest.
pub(crate) const SESSION: &str = "domain.session";
/// Name of the messages about an account; the key is its id.
pub(crate) const ACCOUNT: &str = "domain.account";
/// Name of the messages about rights in a tenant; the key is the id of the tenant, followed by
/// `:` and the id of an account if only that one has changed.
pub(crate) const RIGHTS: &str = "domain.rights";

/// The key of messages about all entries.
pub(crate) const EVERYTHING: &str = "*";

const LIFE: Duration = Duration::from_mins(1);
const LIFE_UNKNOWN: Duration = Duration::from_secs(5);

/// What is remembered about a session.
#[derive(Debug, Clone)]
pub(crate) struct SessionEntry {
    /// Who logged in.
    pub(crate) account_id: Id,
    /// Of the password at that time.
    pub(crate) fingerprint: String,
    /// When it ends.
    pub(crate) expires_at: DateTime<Utc>,
}

/// Rights in one tenant, and the state of account and tenant that they were put together from.
#[derive(Debug, Clone)]
pub(crate) struct UserEntry {
    pub(crate) rights: Arc<AccountRights>,
    pub(crate) publicly_readable: bool,
    pub(crate) user: Arc<User>,
}

/// Everything that this crate remembers.
#[derive(Clone)]
pub(crate) struct Caches {
    pub(crate) sessions: Remembered<String, Arc<SessionEntry>>,
    /// Digests of keys that are not sessions.
    pub(crate) unknown_sessions: Remembered<String, ()>,
    pub(crate) accounts: Remembered<Id, Arc<AccountRights>>,
    pub(crate) users: Remembered<(TenantId, Id), UserEntry>,
    /// Most accounts have one of few sets of permissions.
    permission_sets: Cache<[u8; 32], Arc<HashSet<String>>>,
}

impl Caches {
    /// Empty caches that hear about every change.
    pub(crate) fn new(tenancy: &Tenancy) -> Self {
        let caches = Self {
            sessions: Remembered::new(50_000, LIFE),
            unknown_sessions: Remembered::new(10_000, LIFE_UNKNOWN),
            accounts: Remembered::new(20_000, LIFE),
            users: Remembered::new(20_000, LIFE),
            permission_sets: Cache::new(1_000),
        };
        let (sessions, unknown) = (caches.sessions.clone(), caches.unknown_sessions.clone());
        tenancy.on_invalidate(SESSION, move |key| match key {
            EVERYTHING => {
                sessions.forget_all();
                unknown.forget_all();
            }
            digest => {
                sessions.forget(&digest.to_owned());
                unknown.forget(&digest.to_owned());
            }
        });
        let accounts = caches.accounts.clone();
        tenancy.on_invalidate(ACCOUNT, move |key| match key.parse() {
            Ok(id) => accounts.forget(&id),
            Err(_) => accounts.forget_all(),
        });
        let users = caches.users.clone();
        tenancy.on_invalidate(RIGHTS, move |key| {
            let parsed = key.split_once(':').and_then(|(tenant, account)| {
                Some((TenantId(tenant.parse().ok()?), account.parse().ok()?))
            });
            match parsed {
                Some(key) => users.forget(&key),
                // the rights of a whole tenant change rarely
                None => users.forget_all(),
            }
        });
        caches
    }

    /// The shared copy of a set of permissions.
    pub(crate) fn permission_set(&self, mut names: Vec<String>) -> Arc<HashSet<String>> {
        names.sort_unstable();
        names.dedup();
        let mut digest = Sha256::new();
        for name in &names {
            digest.update(name.as_bytes());
            digest.update([0]);
        }
        self.permission_sets.get_with(digest.finalize().into(), || {
            Arc::new(names.into_iter().collect())
        })
    }
}

/// The key of a message about one account's rights in one tenant.
pub(crate) fn rights_key(tenant: TenantId, account: Id) -> String {
    format!("{tenant}:{account}")
}

/// A cache that never keeps what was read before it was told to forget.
#[derive(Clone)]
pub(crate) struct Remembered<K, V> {
    cache: Cache<K, V>,
    /// Grows whenever something is forgotten.
    generation: Arc<AtomicU64>,
}

/// Proof that a value is read after everything that was forgotten so far.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(u64);

impl<K, V> Remembered<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    fn new(capacity: u64, life: Duration) -> Self {
        let cache = Cache::builder()
            .max_capacity(capacity)
            .time_to_live(life)
            .build();
        Self {
            cache,
            generation: Arc::default(),
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.cache.get(key)
    }

    /// To be taken before reading what [`Remembered::put`] is going to be given.
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket(self.generation.load(Ordering::SeqCst))
    }

    /// Remembers a value, unless something was forgotten since the ticket was taken.
    pub(crate) fn put(&self, key: &K, value: V, ticket: Ticket)
    where
        K: Clone,
    {
        let is_current = || self.ticket().0 == ticket.0;
        if is_current() {
            self.cache.insert(key.clone(), value);
            if !is_current() {
                self.cache.invalidate(key);
            }
        }
    }

    pub(crate) fn forget(&self, key: &K) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.cache.invalidate(key);
    }

    pub(crate) fn forget_all(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.cache.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_forgetting_is_not_kept() {
        let cache: Remembered<i32, &str> = Remembered::new(10, LIFE);
        let early = cache.ticket();
        cache.forget(&1);
        cache.put(&1, "old", early);
        assert_eq!(cache.get(&1), None);
        cache.put(&1, "new", cache.ticket());
        assert_eq!(cache.get(&1), Some("new"));
        cache.forget_all();
        assert_eq!(cache.get(&1), None);
    }
}
