//! Keys that are sent by mail: whoever shows one reads the mailbox of the account.
//!
//! A key has 64 hexadecimal digits, works once and dies with its time or when the account is no
//! longer what it was. The database holds its digest only.

use chrono::Duration;
use entity::{Id, sql};
use sha2::{Digest as _, Sha256};
use sqlx::{PgConnection, Row as _};

use super::Account;
use super::account;
use crate::{Domain, Result, random};

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Lets a registered account log in.
    Activation,
    /// Gives an account another address.
    Email,
    /// Sets another password.
    Password,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Activation => "activation",
            Self::Email => "email",
            Self::Password => "password",
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "activation" => Self::Activation,
            "email" => Self::Email,
            _ => Self::Password,
        }
    }

    fn life(self) -> Duration {
        match self {
            Self::Activation | Self::Email => Duration::days(7),
            Self::Password => Duration::days(3),
        }
    }

    /// What must not change between the mail and its answer; a log-in shows that the password is
    /// not forgotten.
    fn state(self, account: &Account) -> String {
        let login = account
            .last_login
            .filter(|_| self == Self::Password)
            .map(|time| time.timestamp_micros());
        let text = format!("{}\0{}\0{login:?}", account.password, account.email);
        random::hex(&Sha256::digest(text.as_bytes()))
    }
}

/// A key that was shown, and what it stands for.
pub(super) struct Shown {
    pub(super) purpose: Purpose,
    pub(super) account: Account,
    /// The address that it confirms.
    pub(super) email: String,
}

/// Makes a key for an account; for other purposes than passwords it replaces the older ones.
pub(super) async fn issue(
    conn: &mut PgConnection,
    account: &Account,
    purpose: Purpose,
    email: &str,
) -> Result<String> {
    let key = random::hex(&random::bytes::<32>());
    let now = crate::now();
    if purpose != Purpose::Password {
        forget(conn, account.id, purpose).await?;
    }
    sql::query(
        "INSERT INTO platform.account_key
             (id, account_id, purpose, email, state, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(digest(&key))
    .bind(account.id)
    .bind(purpose.name())
    .bind(email)
    .bind(purpose.state(account))
    .bind(now)
    .bind(now + purpose.life())
    .execute(conn)
    .await?;
    Ok(key)
}

/// The account that a key stands for, locked until the end of the transaction; the key stays.
pub(super) async fn look(
    conn: &mut PgConnection,
    key: &str,
    purposes: &[Purpose],
) -> Result<Option<Shown>> {
    let names: Vec<&str> = purposes.iter().map(|purpose| purpose.name()).collect();
    let row = sql::query(
        "SELECT account_id, purpose, email, state
         FROM platform.account_key
         WHERE id = $1
           AND purpose = ANY($2)
           AND expires_at > $3",
    )
    .bind(digest(key))
    .bind(names)
    .bind(crate::now())
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let purpose = Purpose::of(row.try_get("purpose")?);
    let account = account::lock(conn, row.try_get("account_id")?).await?;
    let state: String = row.try_get("state")?;
    let shown = Shown {
        purpose,
        email: row.try_get("email")?,
        account,
    };
    Ok(Some(shown).filter(|shown| purpose.state(&shown.account) == state))
}

/// Takes a key out of use; false if somebody else was faster.
pub(super) async fn spend(conn: &mut PgConnection, key: &str) -> Result<bool> {
    let done = sql::query("DELETE FROM platform.account_key WHERE id = $1")
        .bind(digest(key))
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// True if there was such a key whose time is over.
pub(super) async fn is_expired(conn: &mut PgConnection, key: &str) -> Result<bool> {
    let expired = sql::query_scalar(
        "SELECT EXISTS (SELECT
                        FROM platform.account_key
                        WHERE id = $1
                          AND expires_at <= $2)",
    )
    .bind(digest(key))
    .bind(crate::now())
    .fetch_one(conn)
    .await?;
    Ok(expired)
}

/// Takes all keys of an account for this purpose out of use.
pub(super) async fn forget(conn: &mut PgConnection, account: Id, purpose: Purpose) -> Result<()> {
    sql::query("DELETE FROM platform.account_key WHERE account_id = $1 AND purpose = $2")
        .bind(account)
        .bind(purpose.name())
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes keys whose time was over a month ago, so that younger ones can be called expired, and
/// pictures that nobody answered; returns how many.
pub async fn delete_expired(domain: &Domain) -> Result<u64> {
    let now = crate::now();
    let mut tx = domain.tenancy().begin_platform().await?;
    let keys = sql::query("DELETE FROM platform.account_key WHERE expires_at <= $1")
        .bind(now - Duration::days(30))
        .execute(tx.conn())
        .await?;
    let pictures = sql::query("DELETE FROM platform.captcha WHERE expires_at <= $1")
        .bind(now)
        .execute(tx.conn())
        .await?;
    tx.commit().await?;
    Ok(keys.rows_affected() + pictures.rows_affected())
}

/// What the database knows a key by.
fn digest(key: &str) -> String {
    random::hex(&Sha256::digest(key.as_bytes()))
}
