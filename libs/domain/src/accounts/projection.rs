//! Carries an account into the tenants: their `member` rows follow it.
//!
//! A change of an account notes a job in its own transaction, and the same work is done right after
//! the commit. The job is there for the case that the program ends in between; carrying an account
//! twice changes nothing.

use chrono::{DateTime, Utc};
use entity::{Id, sql};
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use tenancy::{PlatformTx, TenantTx};

use super::Account;
use super::account::select_account;
use super::remove;
use crate::job::{self, Job};
use crate::{Domain, Result, caches, group};

/// Schema of the tenant that has every account.
const PUBLIC: &str = "public";
/// Gives up when an account changes this often while it is carried around; the job goes on.
const ROUNDS: usize = 5;

/// Where an account is carried, and what happens there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scope {
    /// Schema of the only tenant that is concerned; all of them otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// Groups of that tenant that the account joins, where they exist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
}

impl Scope {
    /// One tenant, where the account joins these groups.
    pub(crate) fn arrival(tenant: &str, groups: &[String]) -> Self {
        Self {
            tenant: Some(tenant.to_owned()),
            groups: groups.to_vec(),
        }
    }

    fn concerns(&self, schema: &str) -> bool {
        self.tenant.as_ref().is_none_or(|tenant| tenant == schema)
    }
}

#[derive(Serialize, Deserialize)]
struct Payload {
    account: Id,
    #[serde(flatten)]
    scope: Scope,
}

/// A change that is not yet carried around.
#[must_use = "the change must be carried into the tenants after the commit"]
pub(crate) struct Pending {
    account: Id,
    scope: Scope,
    job: Option<i64>,
}

/// Notes in the transaction of a change that the account must be carried around.
pub(crate) async fn note(tx: &mut PlatformTx, account: Id, scope: Scope) -> Result<Pending> {
    tx.invalidate(caches::ACCOUNT, account.to_string());
    let payload = serde_json::to_value(Payload {
        account,
        scope: scope.clone(),
    })
    .map_err(anyhow::Error::from)?;
    let job = Job::new("", job::PROJECT_MEMBER, payload).after(job::HEAD_START);
    let job = job::enqueue(tx.conn(), job).await?;
    Ok(Pending {
        account,
        scope,
        job,
    })
}

impl Pending {
    /// Does at once, after the commit, what the job would do, and then deletes the job. A failure
    /// is only logged, because the job will do it again.
    pub(crate) async fn carry(self, domain: &Domain) {
        let Self {
            account,
            scope,
            job,
        } = self;
        let done = async {
            carry(domain, account, &scope).await?;
            job::forget(domain, job).await
        };
        if let Err(error) = done.await {
            tracing::warn!(account, %error, "an account reaches its tenants later");
        }
    }
}

/// Does what a job of the kind [`job::PROJECT_MEMBER`] asks for.
pub async fn run_projection(domain: &Domain, payload: serde_json::Value) -> Result<()> {
    let Payload { account, scope } =
        serde_json::from_value(payload).map_err(anyhow::Error::from)?;
    carry(domain, account, &scope).await
}

/// Makes the `member` rows of an account what the account is, in the public tenant and in every
/// tenant that it is or was a member of.
pub async fn project(domain: &Domain, account: Id) -> Result<()> {
    carry(domain, account, &Scope::default()).await
}

/// Carries every account around; for repairs and after an import. Returns how many there are.
pub async fn project_all(domain: &Domain) -> Result<usize> {
    let accounts = super::all(domain).await?;
    for account in &accounts {
        project(domain, account.id).await?;
    }
    Ok(accounts.len())
}

/// An account and where it belongs.
#[derive(PartialEq)]
pub(super) struct Snapshot {
    account: Account,
    pub(super) places: Vec<Place>,
}

#[derive(PartialEq)]
pub(super) struct Place {
    pub(super) schema: String,
    is_authorised: bool,
    since: DateTime<Utc>,
}

/// What was written is compared with the account afterwards, so that of two programs that carry the
/// same account around the newer state wins.
async fn carry(domain: &Domain, account: Id, scope: &Scope) -> Result<()> {
    let Some(mut snapshot) = read(domain, account).await? else {
        return Ok(());
    };
    for _ in 0..ROUNDS {
        for place in snapshot
            .places
            .iter()
            .filter(|place| scope.concerns(&place.schema))
        {
            write(domain, &snapshot.account, place, &scope.groups).await?;
        }
        match read(domain, account).await? {
            Some(newer) if newer != snapshot => snapshot = newer,
            Some(_) => return Ok(()),
            // deleted meanwhile: what was just written must go as well
            None => {
                return Box::pin(remove::take_everywhere(domain, account, &snapshot.places)).await;
            }
        }
    }
    Err(anyhow::anyhow!("account {account} changes faster than it is carried around").into())
}

/// An account and where it is, or was, a member; `None` without such an account.
pub(super) async fn read(domain: &Domain, id: Id) -> Result<Option<Snapshot>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let account: Option<Account> = sql::query_as(select_account!("WHERE a.id = $1"))
        .bind(id)
        .fetch_optional(tx.conn())
        .await?;
    let rows = sql::query(
        "SELECT t.schema_name, m.left_at IS NULL AS is_authorised, m.since
         FROM platform.tenant_member m
         JOIN platform.tenant t ON t.id = m.tenant_id
         WHERE m.account_id = $1
           AND t.schema_name <> $2
           AND t.state NOT IN ('deleting', 'deleted', 'failed')
         ORDER BY t.id",
    )
    .bind(id)
    .bind(PUBLIC)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let Some(mut account) = account else {
        return Ok(None);
    };
    // changes with every log-in, which carries it into its own tenant only
    account.last_login = None;
    let since = account.date_joined;
    let mut places = vec![Place {
        schema: PUBLIC.to_owned(),
        is_authorised: true,
        since,
    }];
    for row in rows {
        places.push(Place {
            schema: row.try_get("schema_name")?,
            is_authorised: row.try_get("is_authorised")?,
            since: row.try_get("since")?,
        });
    }
    Ok(Some(Snapshot { account, places }))
}

async fn write(domain: &Domain, account: &Account, place: &Place, groups: &[String]) -> Result<()> {
    // gone since, or not made yet; whoever makes it carries its members in
    let Some(tenant) = domain.tenancy().by_name(&place.schema).await? else {
        return Ok(());
    };
    let mut tx = domain.tenancy().begin_maintenance(&tenant).await?;
    put(&mut tx, account, place.is_authorised, place.since).await?;
    if place.is_authorised && !groups.is_empty() {
        group::join(tx.conn(), account.id, groups).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Writes the `member` row of an account. People who may not enter and deactivated accounts are in
/// no group.
pub(crate) async fn put(
    tx: &mut TenantTx,
    account: &Account,
    is_authorised: bool,
    since: DateTime<Utc>,
) -> Result<()> {
    sql::query(
        "INSERT INTO member
             (id, username, first_name, last_name, email, is_active, is_staff, is_superuser,
              last_login, date_joined, is_authorised, since)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (id) DO UPDATE
         SET username = excluded.username,
             first_name = excluded.first_name,
             last_name = excluded.last_name,
             email = excluded.email,
             is_active = excluded.is_active,
             is_staff = excluded.is_staff,
             is_superuser = excluded.is_superuser,
             last_login = COALESCE(excluded.last_login, member.last_login),
             date_joined = excluded.date_joined,
             is_authorised = excluded.is_authorised,
             since = excluded.since",
    )
    .bind(account.id)
    .bind(&account.username)
    .bind(&account.first_name)
    .bind(&account.last_name)
    .bind(&account.email)
    .bind(account.is_active)
    .bind(account.is_staff)
    .bind(account.is_superuser)
    .bind(account.last_login)
    .bind(account.date_joined)
    .bind(is_authorised)
    .bind(since)
    .execute(tx.conn())
    .await?;
    if !is_authorised || account.is_deactivated() {
        sql::query("DELETE FROM group_member WHERE user_id = $1")
            .bind(account.id)
            .execute(tx.conn())
            .await?;
    }
    let key = caches::rights_key(tx.tenant().id, account.id);
    tx.invalidate(caches::RIGHTS, key);
    Ok(())
}
