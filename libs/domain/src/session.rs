//! Sessions: what a client that has logged in shows with each request.
//!
//! A key has 32 characters and 128 bits of chance; the database holds its digest only. A session
//! lives for a fixed time from log-in. It is over at once, in every program, when it is ended, when
//! the account is deactivated and when its password changes.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{Id, sql};
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::types::Json;
use tenancy::Tenant;

use crate::accounts::{self, Account};
use crate::caches::{self, SessionEntry};
use crate::{Caller, Domain, Error, Result, permissions, random};

/// A log-in that was let through.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// Key of the session that counts from now on.
    pub key: String,
    /// Who logged in.
    pub account: Account,
}

/// Logs in with a name and a password.
///
/// A valid session of the same account goes on under its key, for a full life; any other session of
/// the client is ended, and a new one begins under a new key. When the log-in is refused, the
/// client's session stays as it is.
pub async fn log_in(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    current: Option<&str>,
    username: &str,
    password: &str,
    client: Option<IpAddr>,
) -> Result<LoggedIn> {
    if !domain.settings().password_login {
        let text = "Passwords are switched off here; programs use a token (Authorization: Bearer)";
        return Err(Error::Refused(text.to_owned()));
    }
    let account = accounts::authenticate(domain, username, password, client).await?;
    note_log_in(domain, tenant, &account).await?;
    if let Some(key) = current {
        let entry = find(domain, &digest(key)).await?;
        let same = entry.is_some_and(|entry| {
            entry.account_id == account.id
                && entry.fingerprint == accounts::fingerprint(&account.password)
        });
        if same && renew(domain, key).await? {
            return Ok(LoggedIn {
                key: key.to_owned(),
                account,
            });
        }
        end(domain, key).await?;
    }
    let key = create(domain, &account).await?;
    Ok(LoggedIn { key, account })
}

/// Begins a session of somebody whom a provider has recognised; whatever session the client had before
/// is over, so that one planted before the log-in is worth nothing.
pub async fn log_in_recognised(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    current: Option<&str>,
    account: Account,
) -> Result<LoggedIn> {
    note_log_in(domain, tenant, &account).await?;
    if let Some(key) = current {
        end(domain, key).await?;
    }
    let key = create(domain, &account).await?;
    Ok(LoggedIn { key, account })
}

/// The tenant remembers when its members logged in last.
pub(crate) async fn note_log_in(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    account: &Account,
) -> Result<()> {
    let mut tx = domain.tenancy().begin(tenant).await?;
    sql::query("UPDATE member SET last_login = $2 WHERE id = $1")
        .bind(account.id)
        .bind(account.last_login)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Begins a session of an account and returns its key.
pub async fn create(domain: &Domain, account: &Account) -> Result<String> {
    let key = random::key();
    let id = digest(&key);
    let now = crate::now();
    let entry = SessionEntry {
        account_id: account.id,
        fingerprint: accounts::fingerprint(&account.password),
        expires_at: now + domain.settings().session_age,
    };
    let cache = &domain.caches().sessions;
    let ticket = cache.ticket();
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "INSERT INTO platform.session (id, account_id, fingerprint, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(&id)
    .bind(entry.account_id)
    .bind(&entry.fingerprint)
    .bind(now)
    .bind(entry.expires_at)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    cache.put(&id, Arc::new(entry), ticket);
    Ok(key)
}

/// Gives a session a full life again; false if it has ended meanwhile.
async fn renew(domain: &Domain, key: &str) -> Result<bool> {
    let id = digest(key);
    let mut tx = domain.tenancy().begin_platform().await?;
    let done = sql::query("UPDATE platform.session SET expires_at = $2 WHERE id = $1")
        .bind(&id)
        .bind(crate::now() + domain.settings().session_age)
        .execute(tx.conn())
        .await?;
    tx.invalidate(caches::SESSION, id);
    tx.commit().await?;
    Ok(done.rows_affected() == 1)
}

/// Who shows this key in this tenant; anonymous if there is no such session any more.
pub async fn caller(domain: &Domain, tenant: &Arc<Tenant>, key: &str) -> Result<Caller> {
    let Some(account_id) = account_id(domain, key).await? else {
        return Ok(Caller::Anonymous);
    };
    let user = permissions::load_user(domain, tenant, account_id).await?;
    Ok(user.map_or(Caller::Anonymous, Caller::User))
}

/// The active account that this key belongs to.
pub async fn account_id(domain: &Domain, key: &str) -> Result<Option<Id>> {
    if !is_key(key) {
        return Ok(None);
    }
    let id = digest(key);
    let Some(mut entry) = find(domain, &id).await? else {
        return Ok(None);
    };
    let Some(rights) = accounts::rights(domain, entry.account_id).await? else {
        return Ok(None);
    };
    if entry.fingerprint != rights.fingerprint {
        // a renewed hash of the same password changes the stored session too
        domain.caches().sessions.forget(&id);
        let Some(newer) = find(domain, &id).await? else {
            return Ok(None);
        };
        entry = newer;
    }
    let valid = entry.expires_at > crate::now()
        && entry.fingerprint == rights.fingerprint
        && rights.is_active;
    Ok(valid.then_some(entry.account_id))
}

async fn find(domain: &Domain, id: &str) -> Result<Option<Arc<SessionEntry>>> {
    let key = id.to_owned();
    let (known, unknown) = (&domain.caches().sessions, &domain.caches().unknown_sessions);
    if let Some(entry) = known.get(&key) {
        return Ok(Some(entry));
    }
    if unknown.get(&key).is_some() {
        return Ok(None);
    }
    let tickets = (known.ticket(), unknown.ticket());
    let mut tx = domain.tenancy().begin_platform().await?;
    let row = sql::query(
        "SELECT account_id, fingerprint, expires_at
         FROM platform.session
         WHERE id = $1
           AND account_id IS NOT NULL",
    )
    .bind(id)
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    let Some(row) = row else {
        unknown.put(&key, (), tickets.1);
        return Ok(None);
    };
    let entry = Arc::new(SessionEntry {
        account_id: row.try_get("account_id")?,
        fingerprint: row.try_get("fingerprint")?,
        expires_at: row.try_get("expires_at")?,
    });
    known.put(&key, entry.clone(), tickets.0);
    Ok(Some(entry))
}

/// Ends a session; nothing happens if there is none.
pub async fn end(domain: &Domain, key: &str) -> Result<()> {
    let id = digest(key);
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query("DELETE FROM platform.session WHERE id = $1")
        .bind(&id)
        .execute(tx.conn())
        .await?;
    tx.invalidate(caches::SESSION, id);
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of an account; returns how many.
pub async fn end_all_of(domain: &Domain, account: Id) -> Result<usize> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let ended: Vec<String> = sql::query_scalar(
        "DELETE FROM platform.session
         WHERE account_id = $1
         RETURNING id",
    )
    .bind(account)
    .fetch_all(tx.conn())
    .await?;
    let count = ended.len();
    for id in ended {
        tx.invalidate(caches::SESSION, id);
    }
    tx.commit().await?;
    Ok(count)
}

/// What a session carries besides its account.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Names and values.
    pub data: serde_json::Value,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// What is stored under this key, if the session has not ended.
pub async fn load_record(domain: &Domain, key: &str) -> Result<Option<Record>> {
    if !is_key(key) {
        return Ok(None);
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    let row = sql::query(
        "SELECT data, expires_at
         FROM platform.session
         WHERE id = $1
           AND expires_at > $2",
    )
    .bind(digest(key))
    .bind(crate::now())
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(None) };
    let Json(data) = row.try_get("data")?;
    Ok(Some(Record {
        data,
        expires_at: row.try_get("expires_at")?,
    }))
}

/// Stores data under this key: in the session that has it, else in a new one without an account,
/// which ends at the given time.
pub async fn save_record(domain: &Domain, key: &str, record: &Record) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "INSERT INTO platform.session (id, data, created_at, expires_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE
         SET data = excluded.data",
    )
    .bind(digest(key))
    .bind(Json(&record.data))
    .bind(crate::now())
    .bind(record.expires_at)
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}

/// What is stored under this key in a session without an account, which is over now: of several who
/// ask at the same moment one gets it.
pub async fn take_record(domain: &Domain, key: &str) -> Result<Option<serde_json::Value>> {
    if !is_key(key) {
        return Ok(None);
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    let taken: Option<Json<serde_json::Value>> = sql::query_scalar(
        "DELETE FROM platform.session
         WHERE id = $1
           AND account_id IS NULL
           AND expires_at > $2
         RETURNING data",
    )
    .bind(digest(key))
    .bind(crate::now())
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(taken.map(|Json(data)| data))
}

/// Ends the session that stores something under this key.
pub async fn delete_record(domain: &Domain, key: &str) -> Result<()> {
    end(domain, key).await
}

/// Ends every session; returns how many there were.
pub async fn end_all(domain: &Domain) -> Result<u64> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let done = sql::query("DELETE FROM platform.session")
        .execute(tx.conn())
        .await?;
    tx.invalidate(caches::SESSION, "*");
    tx.commit().await?;
    Ok(done.rows_affected())
}

/// Deletes sessions whose time is over; returns how many.
pub async fn delete_expired(domain: &Domain) -> Result<u64> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let done = sql::query("DELETE FROM platform.session WHERE expires_at <= $1")
        .bind(crate::now())
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}

/// A new key that nobody can guess.
pub fn new_key() -> String {
    random::key()
}

/// True for a text that can be a key at all.
pub fn is_key(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'))
}

/// What the database knows a key by.
fn digest(key: &str) -> String {
    random::hex(&Sha256::digest(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        assert!(is_key(&new_key()));
        assert!(is_key("abcdefghijklmnopqrstuvwxyz012345"));
        for text in [
            "",
            "null",
            "\"\"",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345",
            &"a".repeat(33),
        ] {
            assert!(!is_key(text), "{text}");
        }
        assert_eq!(digest("").len(), 64);
    }
}
