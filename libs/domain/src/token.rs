//! Tokens: what a program shows with each call instead of logging in.
//!
//! A token belongs to an account and does what the account may do, in every tenant that it may enter;
//! one that only reads can call methods that read. The database holds digests only. A token is over
//! at once, in every program, when it is revoked and when its account is deactivated.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, sql};
use sha2::{Digest as _, Sha256};
use tenancy::Tenant;

use crate::accounts::count_wrong_token;
use crate::{Domain, Error, Result, User, permissions, random};

/// What every token begins with, so that scanners recognise one that was published.
pub const PREFIX: &str = "kiwi_";
/// Characters of a name.
const LONGEST_NAME: usize = 100;
/// Uses within this time are noted once.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A token as its owner sees it; nobody can read the secret again.
#[derive(Debug, Clone, PartialEq, Eq, macros::Row)]
pub struct Token {
    /// Its number.
    pub id: Id,
    /// Whose it is.
    pub username: String,
    /// What its owner calls it.
    pub name: String,
    /// Whether it can only read.
    pub read_only: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A token that is to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Id of the account.
    pub account: Id,
    /// What its owner calls it.
    pub name: String,
    /// Whether it can only read.
    pub read_only: bool,
    /// When it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Who shows a token.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The account, as it is seen from the tenant.
    pub user: Arc<User>,
    /// Whether the token can only read.
    pub read_only: bool,
}

/// Makes a token and returns its secret, which is kept nowhere.
pub async fn create(domain: &Domain, new: NewToken) -> Result<(Id, String)> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains('\0') {
        let message = format!("a name of 1 to {LONGEST_NAME} characters is needed");
        return Err(Error::field("name", message));
    }
    let now = crate::now();
    if new.expires_at.is_some_and(|end| end <= now) {
        return Err(Error::field("expires_at", "the end must be in the future"));
    }
    let secret = format!("{PREFIX}{}{}", random::key(), random::key());
    let mut tx = domain.tenancy().begin_platform().await?;
    let id: Option<Id> = sql::query_scalar(
        "INSERT INTO platform.token
             (digest, account_id, name, read_only, created_at, expires_at)
         SELECT $1, a.id, $3, $4, $5, $6
         FROM platform.account a
         WHERE a.id = $2
           AND a.is_active
         RETURNING id",
    )
    .bind(digest(&secret))
    .bind(new.account)
    .bind(name)
    .bind(new.read_only)
    .bind(now)
    .bind(new.expires_at)
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    let id = id.ok_or_else(|| Error::Conflict("the account is not active".to_owned()))?;
    Ok((id, secret))
}

/// The tokens of an account, or of all of them, in the order in which they were made.
pub async fn list(domain: &Domain, account: Option<Id>) -> Result<Vec<Token>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let tokens = sql::query_as(
        "SELECT t.id, a.username, t.name, t.read_only, t.created_at, t.expires_at, t.last_used_at
         FROM platform.token t
         JOIN platform.account a ON a.id = t.account_id
         WHERE $1::integer IS NULL
            OR t.account_id = $1
         ORDER BY t.id",
    )
    .bind(account)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(tokens)
}

/// Ends a token.
pub async fn revoke(domain: &Domain, id: Id) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let done = sql::query("DELETE FROM platform.token WHERE id = $1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    if done.rows_affected() == 0 {
        return Err(Error::NotFound { entity: "Token" });
    }
    Ok(())
}

/// Who shows this text as a token in this tenant; `None` if there is no such token any more, which
/// counts as a failed log-in of the client's address.
pub async fn user(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    text: &str,
    client: Option<IpAddr>,
) -> Result<Option<Shown>> {
    if is_token(text)
        && let Some((account, read_only)) = find(domain, text).await?
        && let Some(user) = permissions::load_user(domain, tenant, account).await?
    {
        return Ok(Some(Shown { user, read_only }));
    }
    count_wrong_token(domain, client).await?;
    Ok(None)
}

/// The account of a token, and whether it can only read; notes the use.
async fn find(domain: &Domain, text: &str) -> Result<Option<(Id, bool)>> {
    let now = crate::now();
    let mut tx = domain.tenancy().begin_platform().await?;
    let found: Option<(Id, Id, bool, bool)> = sql::query_as(
        "SELECT id, account_id, read_only, COALESCE(last_used_at < $3, true)
         FROM platform.token
         WHERE digest = $1
           AND (expires_at IS NULL OR expires_at > $2)",
    )
    .bind(digest(text))
    .bind(now)
    .bind(now - NOTED_EVERY)
    .fetch_optional(tx.conn())
    .await?;
    if let Some((id, _, _, true)) = found {
        sql::query("UPDATE platform.token SET last_used_at = $2 WHERE id = $1")
            .bind(id)
            .bind(now)
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await?;
    Ok(found.map(|(_, account, read_only, _)| (account, read_only)))
}

/// True for a text that can be a token at all.
fn is_token(text: &str) -> bool {
    text.strip_prefix(PREFIX)
        .is_some_and(|rest| rest.len() == 64 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What the database knows a token by; with 256 bits of chance it needs no slow hash.
fn digest(text: &str) -> String {
    random::hex(&Sha256::digest(text.as_bytes()))
}
