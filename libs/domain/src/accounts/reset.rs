//! Forgotten passwords: a link by mail, and what it opens.
//!
//! Asking costs the same whether an account has the address or not: it only notes a job. Mail goes
//! to the address that is stored, never to the one that was typed.

use chrono::Duration;
use entity::{Id, sql};
use tenancy::Tenant;

use super::account::select_account;
use super::keys::{self, Purpose};
use super::projection::{self, Scope};
use super::{Account, change, create, password_rules, passwords};
use crate::job::{self, Job};
use crate::{Domain, Error, Result, notify, site};

/// No second mail to an account within this time.
const PAUSE: Duration = Duration::minutes(1);

/// Notes that somebody forgot the password of the accounts with this address; links lead to the site
/// of the tenant. Says nothing about whether there is such an account.
pub async fn ask_for_reset(domain: &Domain, tenant: &Tenant, email: &str) -> Result<()> {
    let email = email.trim();
    if email.is_empty() {
        return Err(Error::field("email", create::REQUIRED));
    }
    if !create::is_email(email) || email.chars().count() > create::MAX_EMAIL {
        return Err(Error::field("email", "Enter a valid email address."));
    }
    let key = email.to_lowercase();
    let payload = serde_json::json!({ "email": email });
    let job = Job::new(&tenant.schema, job::RESET_PASSWORD, payload).key(&key);
    let mut tx = domain.tenancy().begin_platform().await?;
    job::enqueue(tx.conn(), job).await?;
    tx.commit().await?;
    Ok(())
}

/// Does what a job of the kind [`job::RESET_PASSWORD`] asks for: a mail to each account that may log
/// in with a password and has this address, whatever its letters look like.
pub async fn send_resets(domain: &Domain, schema: &str, payload: serde_json::Value) -> Result<()> {
    let email = payload["email"].as_str().unwrap_or_default();
    let Some(tenant) = domain.tenancy().by_name(schema).await? else {
        return Ok(());
    };
    let site = site::domain_of(domain, &tenant).await?;
    let mut tx = domain.tenancy().begin_platform().await?;
    let accounts: Vec<Account> = sql::query_as(select_account!(
        "WHERE lower(normalize(a.email, NFKC)) = lower(normalize($1, NFKC))
           AND a.is_active
           AND NOT starts_with(a.password, '!')
           AND NOT EXISTS (SELECT
                           FROM platform.account_key k
                           WHERE k.account_id = a.id
                             AND k.purpose = 'password'
                             AND k.created_at > $2)
         ORDER BY a.id"
    ))
    .bind(email)
    .bind(crate::now() - PAUSE)
    .fetch_all(tx.conn())
    .await?;
    for account in &accounts {
        let key = keys::issue(tx.conn(), account, Purpose::Password, "").await?;
        notify::password_forgotten(&mut tx, &tenant, &site, account, &key).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// The account whose password this key sets; `None` if the link is not, or no longer, good.
pub async fn find_reset(domain: &Domain, id: Id, key: &str) -> Result<Option<Account>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let shown = keys::look(tx.conn(), key, &[Purpose::Password]).await?;
    tx.commit().await?;
    Ok(shown
        .map(|shown| shown.account)
        .filter(|account| account.id == id && account.is_active && account.has_usable_password()))
}

/// Sets the password of the account that the key stands for, and ends its sessions. The key and all
/// others for its password are used up. False if the link is not, or no longer, good.
pub async fn reset_password(
    domain: &Domain,
    id: Id,
    key: &str,
    password: &str,
    repeated: &str,
) -> Result<bool> {
    let Some(account) = find_reset(domain, id, key).await? else {
        return Ok(false);
    };
    password_rules::check_twice("new_password2", password, repeated, account.owner())?;
    let hash = passwords::hash(password).await?;
    let mut tx = domain.tenancy().begin_platform().await?;
    // the account was not locked while the password was hashed
    let Some(shown) = keys::look(tx.conn(), key, &[Purpose::Password]).await? else {
        return Ok(false);
    };
    if shown.account.id != id || !shown.account.is_active || !keys::spend(tx.conn(), key).await? {
        return Ok(false);
    }
    keys::forget(tx.conn(), id, Purpose::Password).await?;
    let new = Account {
        password: hash,
        ..shown.account.clone()
    };
    change::store(&mut tx, &shown.account, &new).await?;
    let pending = projection::note(&mut tx, id, Scope::default()).await?;
    tx.commit().await?;
    pending.carry(domain).await;
    Ok(true)
}
