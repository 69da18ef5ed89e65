//! Carries an account into the tenants: their `member` rows follow it.
//!
//! A change of an account notes a job in its own transaction, and the same work is done right after
//! the commit. The job is there for the case that the program ends in between; carrying an account
//! twice changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::Id;
use sqlx::Row as _;
use tenancy::TenantTx;

use super::Account;
use super::account::select_account;
use crate::{Domain, Result, caches};

/// How long the job waits for the work that is done at once.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// Schema of the tenant that has every account.
const PUBLIC: &str = "public";
/// Gives up when an account changes this often while it is carried around; the job goes on.
const ROUNDS: usize = 5;

/// Does the work of a job at once and then deletes the job. A failure is only logged, because the
/// job will do it again.
pub(super) async fn now(domain: &Domain, id: Id, groups: &[String], job: Option<i64>) {
    let done = async {
        project(domain, id, groups).await?;
        let mut tx = domain.tenancy().begin_platform().await?;
        sqlx::query("DELETE FROM platform.job WHERE id = $1").bind(job).execute(tx.conn()).await?;
        tx.commit().await?;
        Result::Ok(())
    };
    if let Err(error) = done.await {
        tracing::warn!(account = id, %error, "an account reaches its tenants later");
    }
}

/// An account and where it belongs.
#[derive(PartialEq)]
struct Snapshot {
    account: Account,
    places: Vec<Place>,
}

#[derive(PartialEq)]
struct Place {
    schema: String,
    is_authorised: bool,
    since: DateTime<Utc>,
}

/// Makes the `member` rows of an account what the account is, in the public tenant and in every
/// tenant that it is or was a member of. In the public one it joins `groups`, where they exist.
///
/// What was written is compared with the account afterwards, so that of two programs that carry
/// the same account around the newer state wins.
pub async fn project(domain: &Domain, id: Id, groups: &[String]) -> Result<()> {
    let Some(mut snapshot) = read(domain, id).await? else { return Ok(()) };
    for _ in 0..ROUNDS {
        for place in &snapshot.places {
            let groups = if place.schema == PUBLIC { groups } else { &[] };
            write(domain, &snapshot.account, place, groups).await?;
        }
        match read(domain, id).await? {
            Some(newer) if newer != snapshot => snapshot = newer,
            _ => return Ok(()),
        }
    }
    Err(anyhow::anyhow!("account {id} changes faster than it is carried around").into())
}

/// Carries every account into the public tenant, and into the tenants of each; for repairs and
/// after an import.
pub async fn project_all(domain: &Domain) -> Result<usize> {
    let accounts = super::all(domain).await?;
    for account in &accounts {
        project(domain, account.id, &[]).await?;
    }
    Ok(accounts.len())
}

async fn read(domain: &Domain, id: Id) -> Result<Option<Snapshot>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let account: Option<Account> = sqlx::query_as(select_account!("WHERE a.id = $1"))
        .bind(id)
        .fetch_optional(tx.conn())
        .await?;
    let rows = sqlx::query(
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
    let Some(mut account) = account else { return Ok(None) };
    // changes with every log-in, which carries it into its own tenant only
    account.last_login = None;
    let since = account.date_joined;
    let mut places = vec![Place { schema: PUBLIC.to_owned(), is_authorised: true, since }];
    for row in rows {
        places.push(Place {
            schema: row.try_get("schema_name")?,
            is_authorised: row.try_get("is_authorised")?,
            since: row.try_get("since")?,
        });
    }
    Ok(Some(Snapshot { account, places }))
}

async fn write(
    domain: &Domain,
    account: &Account,
    place: &Place,
    groups: &[String],
) -> Result<()> {
    // gone since, or not made yet; whoever makes it carries its members in
    let Some(tenant) = domain.tenancy().by_name(&place.schema).await? else { return Ok(()) };
    let mut tx = domain.tenancy().begin(&tenant).await?;
    put(&mut tx, account, place.is_authorised, place.since).await?;
    if !groups.is_empty() {
        crate::group::join(tx.conn(), account.id, groups).await?;
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
    sqlx::query(
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
        sqlx::query("DELETE FROM group_member WHERE user_id = $1")
            .bind(account.id)
            .execute(tx.conn())
            .await?;
    }
    let key = caches::rights_key(tx.tenant().id, account.id);
    tx.invalidate(caches::RIGHTS, key);
    Ok(())
}
