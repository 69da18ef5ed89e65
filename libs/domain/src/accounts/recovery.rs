//! A link that lets a superuser in once, for when no other way works: whoever may run commands on
//! the server makes it.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use entity::{Id, sql};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use sqlx::types::Json;
use tenancy::Tenant;

use super::{Account, account};
use crate::{Domain, Error, Result, caches, random, session};

/// Name under which the installation remembers the one link that is good.
const KEPT: &str = "recovery";
/// For so long the link is good.
const LIFE: Duration = Duration::minutes(15);

/// What the link is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// What whoever comes must show.
    pub key: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// Makes a key that lets this superuser in once; one that was made before is worth nothing any more.
pub async fn issue(domain: &Domain, account: &Account) -> Result<Recovery> {
    if !account.is_superuser || !account.is_active {
        let username = &account.username;
        let why = format!("{username} is not an active superuser; name one, or a new account");
        return Err(Error::Conflict(why));
    }
    let recovery = Recovery {
        key: random::hex(&random::bytes::<32>()),
        expires_at: crate::now() + LIFE,
    };
    let kept = json!({
        "digest": digest(&recovery.key),
        "account": account.id,
        "expires_at": recovery.expires_at,
    });
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "INSERT INTO platform.setting (key, value)
         VALUES ($1, $2)
         ON CONFLICT (key) DO UPDATE
         SET value = excluded.value,
             updated_at = now()",
    )
    .bind(KEPT)
    .bind(Json(kept))
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    tracing::warn!(
        event = "recovery_issued",
        user_id = account.id,
        "a link was made that lets a superuser in"
    );
    Ok(recovery)
}

/// Uses a key up: begins a session of its account and returns its key. `None` if the key is not, or
/// no longer, good.
pub async fn recover(domain: &Domain, tenant: &Arc<Tenant>, key: &str) -> Result<Option<String>> {
    let now = crate::now();
    let mut tx = domain.tenancy().begin_platform().await?;
    let id: Option<Id> = sql::query_scalar(
        "DELETE FROM platform.setting
         WHERE key = $1
           AND value ->> 'digest' = $2
           AND (value ->> 'expires_at')::timestamptz > $3
         RETURNING (value ->> 'account')::integer",
    )
    .bind(KEPT)
    .bind(digest(key))
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    let Some(id) = id else { return Ok(None) };
    let account = account::lock(tx.conn(), id).await?;
    if !account.is_superuser || !account.is_active {
        // the key is used up all the same
        tx.commit().await?;
        return Ok(None);
    }
    sql::query("UPDATE platform.account SET last_login = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(tx.conn())
        .await?;
    tx.invalidate(caches::ACCOUNT, id.to_string());
    tx.commit().await?;
    tracing::warn!(
        event = "recovery_used",
        user_id = id,
        "a superuser came in by a link of the command line"
    );
    let account = Account {
        last_login: Some(now),
        ..account
    };
    session::note_log_in(domain, tenant, &account).await?;
    Ok(Some(session::create(domain, &account).await?))
}

/// What the database knows a key by.
fn digest(key: &str) -> String {
    random::hex(&Sha256::digest(key.as_bytes()))
}
