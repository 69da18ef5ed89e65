//! The one concept every function shares: who asks, in which tenant, when, in which transaction.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, SubsecRound as _, Utc};
use entity::{Entity, Id, repository};
use sqlx::PgConnection;
use tenancy::{Tenancy, Tenant, TenantTx};

use crate::{Error, Result, Settings, caches::Caches, files, notify};

/// The product: tenants, settings and what is remembered between requests.
#[derive(Clone)]
pub struct Domain(Arc<Inner>);

struct Inner {
    tenancy: Tenancy,
    settings: Settings,
    caches: Caches,
    defects: notify::Pace,
}

impl Domain {
    /// Puts the product together.
    pub fn new(tenancy: Tenancy, settings: Settings) -> Self {
        let caches = Caches::new(&tenancy);
        Self(Arc::new(Inner {
            tenancy,
            settings,
            caches,
            defects: notify::Pace::default(),
        }))
    }

    /// The tenants and their transactions.
    pub fn tenancy(&self) -> &Tenancy {
        &self.0.tenancy
    }

    /// What the operator has set.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// True if there may be other tenants than the public one.
    pub fn is_multi_tenant(&self) -> bool {
        *self.0.tenancy.mode() != tenancy::Mode::Single
    }

    /// How often faults of ours are told.
    pub(crate) fn defects(&self) -> &notify::Pace {
        &self.0.defects
    }

    pub(crate) fn caches(&self) -> &Caches {
        &self.0.caches
    }
}

/// An account as it is seen from one tenant.
#[derive(Debug, Clone)]
pub struct User {
    /// Id of the account, and of its `member` row.
    pub id: Id,
    /// Log-in name.
    pub username: String,
    /// Address.
    pub email: String,
    /// May open the administration pages.
    pub is_staff: bool,
    /// Has every permission.
    pub is_superuser: bool,
    /// May enter this tenant.
    pub is_authorised: bool,
    /// Permissions in this tenant, `app.codename`: direct ones and those of its groups.
    pub permissions: Arc<HashSet<String>>,
}

/// Who asks.
#[derive(Debug, Clone)]
pub enum Caller {
    /// Nobody that we know.
    Anonymous,
    /// An active account.
    User(Arc<User>),
}

impl Caller {
    /// The account, if there is one.
    pub fn user(&self) -> Option<&Arc<User>> {
        if let Self::User(user) = self {
            Some(user)
        } else {
            None
        }
    }

    /// Id of the account.
    pub fn id(&self) -> Option<Id> {
        self.user().map(|user| user.id)
    }

    /// True if the caller has the permission `app.codename` in this tenant, as far as the account
    /// goes; [`Ctx::may`] also knows what a tenant gives to everybody.
    pub fn may(&self, permission: &str) -> bool {
        self.user()
            .is_some_and(|user| user.is_superuser || user.permissions.contains(permission))
    }
}

/// What a method did to the session of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionChange {
    /// A log-in: the key of the session that counts from now on.
    Started(String),
    /// A log-out.
    Ended,
}

/// How often log-ins may be tried by calls of the API. Forms are counted before they are read.
pub trait LogIns: Send + Sync {
    /// Begins an attempt; otherwise says how long it is until the next one.
    fn begin(&self) -> std::result::Result<(), Duration>;

    /// Counts an attempt that is refused because its turn is too far off.
    fn refuse(&self, wait: Duration) -> Error;

    /// Counts an attempt that failed.
    fn failed(&self);
}

/// A request before its transaction: the tenant, the caller and facts about the connection.
#[derive(Clone)]
pub struct Request {
    /// The product.
    pub domain: Domain,
    /// Chosen by the host name alone.
    pub tenant: Arc<Tenant>,
    /// Who asks; changes when a log-in is part of a batch.
    pub caller: Caller,
    /// Whether it may only read, whatever its caller may do.
    pub read_only: bool,
    /// Key of a valid session.
    pub session: Option<String>,
    /// What happened to the session so far; the edge turns it into cookies.
    pub session_change: Option<SessionChange>,
    /// How often log-ins may be tried here; absent where nobody counts.
    pub log_ins: Option<Arc<dyn LogIns>>,
    /// Address of the client.
    pub client: Option<IpAddr>,
    /// Name of this request in logs.
    pub request_id: String,
    /// True if the client uses HTTPS.
    pub secure: bool,
    /// `Host` header, for absolute links.
    pub host: String,
}

impl Request {
    /// What the program does by itself, or at the word of an operator; `name` is its name in logs.
    pub fn inside(domain: &Domain, tenant: &Arc<Tenant>, caller: Caller, name: &str) -> Self {
        Self {
            domain: domain.clone(),
            tenant: Arc::clone(tenant),
            caller,
            session: None,
            session_change: None,
            log_ins: None,
            read_only: false,
            client: None,
            request_id: name.to_owned(),
            secure: true,
            host: tenant.primary_domain.clone(),
        }
    }

    /// Opens a transaction that may write, whatever state the tenant is in.
    pub(crate) async fn begin_maintenance(&self) -> Result<Ctx> {
        let tenancy = self.domain.tenancy();
        let tx = tenancy.begin_maintenance(&self.tenant).await?;
        Ok(self.context(tx))
    }

    /// Opens the transaction of a request that may write.
    pub async fn begin(&self) -> Result<Ctx> {
        let tx = self.domain.tenancy().begin(&self.tenant).await?;
        Ok(self.context(tx))
    }

    /// Opens the transaction of a request that only reads.
    pub async fn begin_read(&self) -> Result<Ctx> {
        let tx = self.domain.tenancy().begin_read(&self.tenant).await?;
        Ok(self.context(tx))
    }

    fn context(&self, tx: TenantTx) -> Ctx {
        Ctx {
            tx: Some(tx),
            files: files::Pending::new(),
            now: now(),
            request: self.clone(),
        }
    }

    /// Takes over what a finished call did to the session, so that the next one in the same
    /// request sees it.
    pub async fn follow(&mut self, ctx_change: Option<SessionChange>) -> Result<()> {
        match &ctx_change {
            None => return Ok(()),
            Some(SessionChange::Started(key)) => {
                self.caller = crate::session::caller(&self.domain, &self.tenant, key).await?;
                self.session = Some(key.clone());
            }
            Some(SessionChange::Ended) => {
                self.caller = Caller::Anonymous;
                self.session = None;
            }
        }
        self.session_change = ctx_change;
        Ok(())
    }
}

/// The clock of the product, in microseconds like the database.
pub fn now() -> DateTime<Utc> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    Utc::now().trunc_subsecs(6)
}

/// How long to wait before a call that lost a race is made again: longer each time, and by chance, so
/// that those who met do not meet again.
pub fn pause(attempt: u32) -> Duration {
    const FIRST: u64 = 4;
    let most = FIRST << attempt.min(6);
    let [low, high] = crate::random::bytes::<2>();
    Duration::from_millis(FIRST / 2 + u64::from(u16::from_le_bytes([low, high])) % most)
}

/// An open transaction inside one tenant, on behalf of one caller.
///
/// Dropping it without [`Ctx::commit`] undoes everything.
pub struct Ctx {
    tx: Option<TenantTx>,
    files: files::Pending,
    /// When the call began; everything it writes carries this time.
    pub now: DateTime<Utc>,
    /// The request that the call belongs to.
    pub request: Request,
}

impl Ctx {
    /// The connection, for the statements of a rule.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.tx().conn()
    }

    /// The transaction, for invalidations.
    pub fn tx(&mut self) -> &mut TenantTx {
        self.tx
            .as_mut()
            .expect("a call that has released its transaction asks nothing more")
    }

    /// Gives the connection back before work that needs no tenant data, such as hashing a
    /// password. Undoes what was written so far.
    pub async fn release(&mut self) -> Result<()> {
        if let Some(tx) = self.tx.take() {
            tx.rollback().await?;
        }
        Ok(())
    }

    /// The tenant.
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.request.tenant
    }

    /// The product.
    pub fn domain(&self) -> &Domain {
        &self.request.domain
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.request.caller
    }

    /// The caller's account; an anonymous caller is refused.
    pub fn user(&self) -> Result<Arc<User>> {
        self.caller()
            .user()
            .cloned()
            .ok_or(Error::Forbidden("login"))
    }

    /// True if the caller has the permission in this tenant, or the tenant gives it to everybody.
    pub fn may(&self, permission: &str) -> bool {
        match self.caller() {
            Caller::Anonymous => crate::permissions::visitor_may(self.tenant(), permission),
            user @ Caller::User(_) => user.may(permission),
        }
    }

    /// Refuses a caller without this permission.
    pub fn require(&self, permission: &'static str) -> Result<()> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Error::Forbidden(permission))
        }
    }

    /// Stores a file at the end of the transaction, for the attachment with this id.
    pub(crate) fn store(&mut self, attachment: Id, content: Bytes) {
        self.files.push((attachment, content));
    }

    /// Makes everything permanent, files first: a row never stands for a file that is not there.
    pub async fn commit(self) -> Result<()> {
        let Some(tx) = self.tx else { return Ok(()) };
        let store = &self.request.domain.settings().uploads.store;
        let tenant = self.request.tenant.id;
        files::write(store, tenant, &self.files).await?;
        if let Err(error) = tx.commit().await {
            files::undo(store, tenant, &self.files, &error).await;
            return Err(error.into());
        }
        Ok(())
    }

    /// The row with this id, or [`Error::NotFound`].
    pub async fn get<E: Entity>(&mut self, id: Id) -> Result<E> {
        repository::get(self.conn(), id)
            .await?
            .ok_or(Error::NotFound {
                entity: E::META.name,
            })
    }

    /// The rows with these ids, in this order and each once, or [`Error::NotFound`].
    pub async fn get_all<E: Entity>(&mut self, ids: &[Id]) -> Result<Vec<E>> {
        let rows: Vec<E> = repository::get_many(self.conn(), ids).await?;
        let mut found: HashMap<Id, E> = rows.into_iter().map(|row| (row.id(), row)).collect();
        let mut seen = HashSet::new();
        ids.iter()
            .filter(|id| seen.insert(**id))
            .map(|id| {
                found.remove(id).ok_or(Error::NotFound {
                    entity: E::META.name,
                })
            })
            .collect()
    }

    /// The row with this id, locked until the end of the transaction.
    pub async fn get_for_update<E: Entity>(&mut self, id: Id) -> Result<E> {
        let row = repository::get_for_update(self.conn(), id).await?;
        row.ok_or(Error::NotFound {
            entity: E::META.name,
        })
    }

    /// Inserts a row; with its first history record where the entity has a history.
    pub async fn insert<E: Entity>(&mut self, row: &mut E) -> Result<()> {
        if E::META.history {
            let stamp = self.stamp(None);
            repository::insert_recorded(self.conn(), row, &stamp).await?;
        } else {
            repository::insert(self.conn(), row).await?;
        }
        Ok(())
    }

    /// Inserts rows with one statement; with their first history records where the entity has a
    /// history.
    pub async fn insert_many<E: Entity>(&mut self, rows: &mut [E]) -> Result<()> {
        if E::META.history {
            let stamp = self.stamp(None);
            repository::insert_many_recorded(self.conn(), rows, &stamp).await?;
        } else {
            repository::insert_many(self.conn(), rows).await?;
        }
        Ok(())
    }

    /// Writes a changed row; with a history record that says what changed.
    pub async fn update<E: Entity>(&mut self, old: &E, new: &E) -> Result<()> {
        if E::META.history {
            let reason = entity::diff::reason(old, new, crate::markdown::sanitise);
            let stamp = self.stamp(Some(&reason));
            repository::update_recorded(self.conn(), new, &stamp).await?;
        } else {
            repository::update(self.conn(), new).await?;
        }
        Ok(())
    }

    /// Writes changed rows of an entity with a history, in one statement, with a history record each.
    /// Both lists hold the same rows in the same order.
    pub async fn update_many<E: Entity>(&mut self, old: &[E], new: &[E]) -> Result<()> {
        if new.is_empty() {
            return Ok(());
        }
        let pairs = old.iter().zip(new);
        let reasons: Vec<String> = pairs
            .map(|(old, new)| entity::diff::reason(old, new, crate::markdown::sanitise))
            .collect();
        let stamp = self.stamp(None);
        repository::update_many_recorded(self.conn(), new, &reasons, &stamp).await?;
        Ok(())
    }

    fn stamp<'a>(&self, reason: Option<&'a str>) -> repository::Stamp<'a> {
        repository::Stamp {
            at: self.now,
            by: self.caller().id(),
            reason,
        }
    }

    /// Deletes rows of `E`; with their last history records.
    pub async fn delete<E: Entity>(&mut self, ids: &[Id]) -> Result<u64> {
        let stamp = self.stamp(None);
        let count = if E::META.history {
            repository::delete_recorded(self.conn(), E::META, ids, &stamp).await?
        } else {
            repository::delete(self.conn(), E::META, ids).await?
        };
        Ok(count)
    }
}

impl From<tenancy::Error> for Error {
    fn from(error: tenancy::Error) -> Self {
        match error {
            tenancy::Error::Database(error) => error.into(),
            tenancy::Error::UnknownTenant(_) => Self::NotFound { entity: "Tenant" },
            // whoever asks again finds a tenant that has moved in its new place
            tenancy::Error::Unavailable | tenancy::Error::Moved(_) => Self::Unavailable,
            error @ tenancy::Error::State { .. } => Self::Conflict(error.to_string()),
            error @ (tenancy::Error::InvalidName(_) | tenancy::Error::Refused(_)) => {
                Self::Refused(error.to_string())
            }
            other => Self::Internal(other.into()),
        }
    }
}
