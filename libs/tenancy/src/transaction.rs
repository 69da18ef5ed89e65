//! The two kinds of transactions. They cannot be made from anything else than a [`crate::Tenancy`].

use std::sync::Arc;

use entity::sql;
use sqlx::PgConnection;

use crate::events::{Event, Events};
use crate::pool::Checkout;
use crate::{Result, Tenant};

/// An open transaction that sees the tables of one tenant and nothing else.
///
/// Dropping it rolls back.
pub struct TenantTx {
    tenant: Arc<Tenant>,
    inner: Inner,
}

/// An open transaction that sees the tables of the platform, written `platform.…`.
///
/// Dropping it rolls back.
pub struct PlatformTx {
    inner: Inner,
}

struct Inner {
    checkout: Checkout,
    events: Arc<Events>,
    pending: Vec<Event>,
}

impl TenantTx {
    pub(crate) fn new(tenant: Arc<Tenant>, checkout: Checkout, events: Arc<Events>) -> Self {
        Self {
            tenant,
            inner: Inner {
                checkout,
                events,
                pending: Vec::new(),
            },
        }
    }

    /// The connection, for statements.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.inner.checkout.connection()
    }

    /// The tenant, as it was when the transaction began.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// After the commit, and only then, every program on this database forgets `key` in `cache`.
    pub fn invalidate(&mut self, cache: &'static str, key: impl Into<String>) {
        self.inner.invalidate(cache, key.into());
    }

    /// Makes everything permanent.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<()> {
        self.inner.checkout.rollback().await
    }
}

impl PlatformTx {
    pub(crate) fn new(checkout: Checkout, events: Arc<Events>) -> Self {
        Self {
            inner: Inner {
                checkout,
                events,
                pending: Vec::new(),
            },
        }
    }

    /// The connection, for statements.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.inner.checkout.connection()
    }

    /// After the commit, and only then, every program on this database forgets `key` in `cache`.
    pub fn invalidate(&mut self, cache: &'static str, key: impl Into<String>) {
        self.inner.invalidate(cache, key.into());
    }

    /// Makes everything permanent.
    pub async fn commit(self) -> Result<()> {
        self.inner.commit().await
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<()> {
        self.inner.checkout.rollback().await
    }
}

impl Inner {
    fn invalidate(&mut self, cache: &'static str, key: String) {
        let event = Event {
            cache: cache.into(),
            key,
        };
        if !self.pending.contains(&event) {
            self.pending.push(event);
        }
    }

    async fn commit(mut self) -> Result<()> {
        if !self.pending.is_empty() {
            let messages = self.pending.iter().map(|event| self.events.encode(event));
            let messages: Vec<String> = messages.collect();
            sql::query("SELECT pg_notify($1, message) FROM unnest($2::text[]) AS message")
                .bind(crate::events::CHANNEL)
                .bind(messages)
                .persistent(false)
                .execute(self.checkout.connection())
                .await?;
        }
        self.checkout.commit().await?;
        for event in &self.pending {
            self.events.deliver(event);
        }
        Ok(())
    }
}
