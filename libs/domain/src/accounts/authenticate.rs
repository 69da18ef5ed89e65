//! A name and a password become an account.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use entity::{Id, sql};
use tenancy::PlatformTx;

use super::Account;
use super::account::{by_id, find_in, fingerprint};
use super::passwords::{self, Verdict};
use super::throttle::Attempt;
use crate::{Domain, Error, Result, caches};

/// The answer to a wrong name, a wrong password and an account that may not log in alike.
pub const WRONG: &str = "Wrong username or password";

/// The account with this name and password, if it may log in.
///
/// No transaction is open while the password is compared; the caller should not hold one either.
/// Refuses with [`WRONG`], or with [`Error::Throttled`] after too many failures. A success is
/// stored as the account's last log-in, and renews a hash of another kind.
pub async fn authenticate(
    domain: &Domain,
    username: &str,
    password: &str,
    client: Option<IpAddr>,
) -> Result<Account> {
    let now = crate::now();
    let attempt = Attempt::new(username, client);
    let mut tx = domain.tenancy().begin_platform().await?;
    let is_known = attempt.check(tx.conn(), now).await?;
    let found = find_in(tx.conn(), username).await?;
    tx.commit().await?;

    let may = found.filter(|account| account.is_active);
    let stored = may.as_ref().map(|account| account.password.as_str());
    let verdict = passwords::verify(password, stored).await?;
    let renewed = match verdict {
        Verdict::Outdated => Some(passwords::hash(password).await?),
        Verdict::Right | Verdict::Wrong => None,
    };

    let mut tx = domain.tenancy().begin_platform().await?;
    if let (Some(mut account), Verdict::Right | Verdict::Outdated) = (may, verdict)
        && enter(&mut tx, &mut account, renewed, now).await?
    {
        attempt.succeeded(tx.conn(), is_known, now).await?;
        tx.commit().await?;
        return Ok(account);
    }
    attempt
        .failed(tx.conn(), is_known, now, domain.settings())
        .await?;
    tx.commit().await?;
    Err(Error::refused(WRONG))
}

/// True if this is the password of an account that has logged in already. Wrong ones are counted as
/// failed log-ins, so that nobody guesses here what he may not guess there.
pub async fn confirm(
    domain: &Domain,
    id: Id,
    password: &str,
    client: Option<IpAddr>,
) -> Result<bool> {
    let now = crate::now();
    let account = by_id(domain, id).await?;
    let attempt = Attempt::new(&account.username, client);
    let mut tx = domain.tenancy().begin_platform().await?;
    let is_known = attempt.check(tx.conn(), now).await?;
    tx.commit().await?;
    if passwords::verify(password, Some(&account.password)).await? != Verdict::Wrong {
        return Ok(true);
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    attempt
        .failed(tx.conn(), is_known, now, domain.settings())
        .await?;
    tx.commit().await?;
    Ok(false)
}

/// Counts a token that nobody has as a failed log-in of the address; refuses an address with too many.
pub(crate) async fn count_wrong_token(domain: &Domain, client: Option<IpAddr>) -> Result<()> {
    let now = crate::now();
    let attempt = Attempt::anonymous(client);
    let mut tx = domain.tenancy().begin_platform().await?;
    attempt.check(tx.conn(), now).await?;
    attempt
        .failed(tx.conn(), false, now, domain.settings())
        .await?;
    tx.commit().await?;
    Ok(())
}

/// Notes the log-in; false if the account was changed while its password was compared.
async fn enter(
    tx: &mut PlatformTx,
    account: &mut Account,
    renewed: Option<String>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let done = sql::query(
        "UPDATE platform.account
         SET last_login = $3,
             password = COALESCE($4, password)
         WHERE id = $1
           AND password = $2
           AND is_active",
    )
    .bind(account.id)
    .bind(&account.password)
    .bind(now)
    .bind(&renewed)
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    account.last_login = Some(now);
    if let Some(renewed) = renewed {
        // the password is the same, so its sessions go on
        sql::query(
            "UPDATE platform.session
             SET fingerprint = $3
             WHERE account_id = $1
               AND fingerprint = $2",
        )
        .bind(account.id)
        .bind(fingerprint(&account.password))
        .bind(fingerprint(&renewed))
        .execute(tx.conn())
        .await?;
        account.password = renewed;
        tx.invalidate(caches::ACCOUNT, account.id.to_string());
    }
    Ok(true)
}
