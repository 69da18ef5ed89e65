//! The record of an account, and how it is found.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{Id, sql};
use sha2::{Digest as _, Sha256};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgConnection, Row as _};

use super::Owner;
use crate::{Domain, Error, Result, random};

/// Somebody who may log in, or `AnonymousUser`, who stands for everybody who has not.
#[derive(Clone, PartialEq)]
pub struct Account {
    /// Id, the same in every tenant.
    pub id: Id,
    /// Log-in name.
    pub username: String,
    /// Stored hash of the password.
    pub(crate) password: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Address.
    pub email: String,
    /// May log in.
    pub is_active: bool,
    /// May open the administration pages.
    pub is_staff: bool,
    /// Has every permission.
    pub is_superuser: bool,
    /// When it logged in last.
    pub last_login: Option<DateTime<Utc>>,
    /// When it was made.
    pub date_joined: DateTime<Utc>,
}

/// Everything but the password.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("id", &self.id)
            .field("username", &self.username)
            .field("is_active", &self.is_active)
            .finish_non_exhaustive()
    }
}

impl Account {
    /// False if no password can match.
    pub fn has_usable_password(&self) -> bool {
        super::passwords::is_usable(&self.password)
    }

    /// True if somebody has taken all access away from it, as [`super::deactivate()`] does; an
    /// account that waits for its activation has a password.
    pub fn is_deactivated(&self) -> bool {
        !self.is_active && !self.has_usable_password()
    }

    /// What a password must not be similar to.
    pub fn owner(&self) -> Owner<'_> {
        Owner {
            username: &self.username,
            first_name: &self.first_name,
            last_name: &self.last_name,
            email: &self.email,
        }
    }
}

impl FromRow<'_, PgRow> for Account {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("id")?,
            username: row.try_get("username")?,
            password: row.try_get("password")?,
            first_name: row.try_get("first_name")?,
            last_name: row.try_get("last_name")?,
            email: row.try_get("email")?,
            is_active: row.try_get("is_active")?,
            is_staff: row.try_get("is_staff")?,
            is_superuser: row.try_get("is_superuser")?,
            last_login: row.try_get("last_login")?,
            date_joined: row.try_get("date_joined")?,
        })
    }
}

/// `SELECT` of the columns of [`Account`], to be continued.
macro_rules! select_account {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.username, a.password, a.first_name, a.last_name, a.email, a.is_active,
                    a.is_staff, a.is_superuser, a.last_login, a.date_joined
             FROM platform.account a ",
            $rest
        )
    };
}
pub(super) use select_account;

/// The account with this exact log-in name.
pub async fn find(domain: &Domain, username: &str) -> Result<Option<Account>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = find_in(tx.conn(), username).await?;
    tx.commit().await?;
    Ok(found)
}

/// The account with this address, regardless of case; the oldest one that may log in, of several.
pub async fn find_by_email(domain: &Domain, email: &str) -> Result<Option<Account>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = sql::query_as(select_account!(
        "WHERE lower(a.email) = lower($1) ORDER BY a.is_active DESC, a.id LIMIT 1"
    ))
    .bind(email)
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(found)
}

/// This log-in name if no account has it, regardless of case; otherwise with the first `.1`, `.2` …
/// that is free.
pub async fn free_username(domain: &Domain, wanted: &str) -> Result<String> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let taken: Vec<String> = sql::query_scalar(
        "SELECT lower(username)
         FROM platform.account
         WHERE lower(username) = lower($1)
            OR starts_with(lower(username), lower($1) || '.')",
    )
    .bind(wanted)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let numbered = (1..).map(|number| format!("{wanted}.{number}"));
    let free = |name: &String| !taken.contains(&name.to_lowercase());
    let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
    names
        .find(free)
        .ok_or_else(|| anyhow::anyhow!("every number is taken").into())
}

/// The account with this id.
pub async fn by_id(domain: &Domain, id: Id) -> Result<Account> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = sql::query_as(select_account!("WHERE a.id = $1"))
        .bind(id)
        .fetch_optional(tx.conn())
        .await?;
    tx.commit().await?;
    found.ok_or(Error::NotFound { entity: "User" })
}

/// All accounts, by log-in name.
pub async fn all(domain: &Domain) -> Result<Vec<Account>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let found = sql::query_as(select_account!("ORDER BY a.username"))
        .fetch_all(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(found)
}

pub(super) async fn find_in(conn: &mut PgConnection, username: &str) -> Result<Option<Account>> {
    // the database cannot hold this character, so no name has it
    if username.contains('\0') {
        return Ok(None);
    }
    let found = sql::query_as(select_account!("WHERE a.username = $1"))
        .bind(username)
        .fetch_optional(conn)
        .await?;
    Ok(found)
}

/// The account, locked until the end of the transaction.
pub(super) async fn lock(conn: &mut PgConnection, id: Id) -> Result<Account> {
    let found = sql::query_as(select_account!("WHERE a.id = $1 FOR UPDATE"))
        .bind(id)
        .fetch_optional(conn)
        .await?;
    found.ok_or(Error::NotFound { entity: "User" })
}

/// What decides about the rights of an account, whatever the tenant.
#[derive(Debug, PartialEq)]
pub(crate) struct AccountRights {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) is_active: bool,
    pub(crate) is_staff: bool,
    pub(crate) is_superuser: bool,
    /// Of the password; sessions with another one are over.
    pub(crate) fingerprint: String,
    /// Given directly.
    pub(crate) permissions: Vec<String>,
    /// Ids of the tenants it was let into.
    pub(crate) tenants: Vec<i32>,
}

/// What sessions remember of a stored hash.
pub(crate) fn fingerprint(stored: &str) -> String {
    random::hex(&Sha256::digest(stored.as_bytes())[..16])
}

/// The rights of an account; `None` if it does not exist.
pub(crate) async fn rights(domain: &Domain, id: Id) -> Result<Option<Arc<AccountRights>>> {
    let cache = &domain.caches().accounts;
    if let Some(known) = cache.get(&id) {
        return Ok(Some(known));
    }
    let ticket = cache.ticket();
    let mut tx = domain.tenancy().begin_platform().await?;
    let row = sql::query(
        "SELECT a.id, a.username, a.email, a.is_active, a.is_staff, a.is_superuser, a.password,
                ARRAY(SELECT p.permission
                      FROM platform.account_permission p
                      WHERE p.account_id = a.id) AS permissions,
                ARRAY(SELECT m.tenant_id
                      FROM platform.tenant_member m
                      WHERE m.account_id = a.id AND m.left_at IS NULL) AS tenants
         FROM platform.account a
         WHERE a.id = $1",
    )
    .bind(id)
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(None) };
    let rights = Arc::new(AccountRights {
        id,
        username: row.try_get("username")?,
        email: row.try_get("email")?,
        is_active: row.try_get("is_active")?,
        is_staff: row.try_get("is_staff")?,
        is_superuser: row.try_get("is_superuser")?,
        fingerprint: fingerprint(row.try_get("password")?),
        permissions: row.try_get("permissions")?,
        tenants: row.try_get("tenants")?,
    });
    cache.put(&id, rights.clone(), ticket);
    Ok(Some(rights))
}
