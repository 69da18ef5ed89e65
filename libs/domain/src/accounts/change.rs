//! Changes of an account.

use entity::{Id, sql};
use sqlx::PgConnection;
use tenancy::PlatformTx;

use super::account::{self, Account};
use super::projection::{self, Scope};
use super::{create, passwords};
use crate::{Domain, Error, FieldErrors, Result};

/// New values of an account; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Log-in name.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Address.
    pub email: Option<String>,
    /// May log in.
    pub is_active: Option<bool>,
    /// May open the administration pages.
    pub is_staff: Option<bool>,
    /// Has every permission.
    pub is_superuser: Option<bool>,
    /// Password, not yet hashed; ends all sessions of the account. Its strength is not looked at.
    pub password: Option<String>,
}

/// Changes an account, and its `member` rows with it.
///
/// Refuses to take the last active superuser away.
pub async fn update(domain: &Domain, id: Id, changes: Changes) -> Result<Account> {
    let password = match &changes.password {
        Some(password) => Some(passwords::hash(password).await?),
        None => None,
    };
    let mut tx = domain.tenancy().begin_platform().await?;
    let old = account::lock(tx.conn(), id).await?;
    let mut new = old.clone();
    merge(&mut new, changes);
    if let Some(password) = password {
        new.password = password;
    }
    check(tx.conn(), &old, &new).await?;
    store(&mut tx, &old, &new).await?;
    let pending = projection::note(&mut tx, id, Scope::default()).await?;
    tx.commit().await?;
    pending.carry(domain).await;
    Ok(new)
}

/// Gives an account a new password and ends all its sessions. The strength of the password is not
/// looked at; see [`super::check_password`].
pub async fn set_password(domain: &Domain, id: Id, password: &str) -> Result<()> {
    let password = Some(password.to_owned());
    update(
        domain,
        id,
        Changes {
            password,
            ..Changes::default()
        },
    )
    .await?;
    Ok(())
}

fn merge(account: &mut Account, changes: Changes) {
    let Changes {
        username,
        first_name,
        last_name,
        email,
        is_active,
        is_staff,
        is_superuser,
        ..
    } = changes;
    let put = |field: &mut String, value: Option<String>| {
        if let Some(value) = value {
            *field = value;
        }
    };
    put(&mut account.username, username);
    put(&mut account.first_name, first_name);
    put(&mut account.last_name, last_name);
    put(&mut account.email, email);
    account.is_active = is_active.unwrap_or(account.is_active);
    account.is_staff = is_staff.unwrap_or(account.is_staff);
    account.is_superuser = is_superuser.unwrap_or(account.is_superuser);
}

async fn check(conn: &mut PgConnection, old: &Account, new: &Account) -> Result<()> {
    let mut errors = FieldErrors::default();
    create::check_length("first_name", &new.first_name, 150, &mut errors);
    create::check_length("last_name", &new.last_name, 150, &mut errors);
    if new.username != old.username {
        create::check_username(&new.username, &mut errors);
    }
    if new.email != old.email {
        create::check_email(&new.email, &mut errors);
    }
    // only what changes: imported accounts may share addresses
    let username = if new.username == old.username {
        ""
    } else {
        &new.username
    };
    let email = if new.email == old.email {
        ""
    } else {
        &new.email
    };
    if errors.is_empty() && !(username.is_empty() && email.is_empty()) {
        create::check_unused(conn, Some(old.id), username, email, &mut errors).await?;
    }
    errors.into_result()?;
    if old.is_active && old.is_superuser && !(new.is_active && new.is_superuser) {
        keep_a_superuser(conn, &[old.id]).await?;
    }
    Ok(())
}

/// Refuses if there is no active superuser besides these accounts.
pub(super) async fn keep_a_superuser(conn: &mut PgConnection, ids: &[Id]) -> Result<()> {
    if has_another_superuser(conn, ids).await? {
        Ok(())
    } else {
        Err(Error::refused(
            "This is the last active superuser, it cannot be deactivated!",
        ))
    }
}

/// Whether there is an active superuser besides these accounts.
pub(super) async fn has_another_superuser(conn: &mut PgConnection, ids: &[Id]) -> Result<bool> {
    // one at a time, so that two of them cannot go together
    sql::query("SELECT pg_advisory_xact_lock(hashtext('platform.superuser'))")
        .execute(&mut *conn)
        .await?;
    Ok(sql::query_scalar(
        "SELECT EXISTS (SELECT
                        FROM platform.account
                        WHERE is_superuser
                          AND is_active
                          AND id <> ALL($1))",
    )
    .bind(ids)
    .fetch_one(conn)
    .await?)
}

/// Writes the record; with another password, its sessions are over.
pub(super) async fn store(tx: &mut PlatformTx, old: &Account, new: &Account) -> Result<()> {
    sql::query(
        "UPDATE platform.account
         SET username = $2,
             password = $3,
             first_name = $4,
             last_name = $5,
             email = $6,
             is_active = $7,
             is_staff = $8,
             is_superuser = $9
         WHERE id = $1",
    )
    .bind(new.id)
    .bind(&new.username)
    .bind(&new.password)
    .bind(&new.first_name)
    .bind(&new.last_name)
    .bind(&new.email)
    .bind(new.is_active)
    .bind(new.is_staff)
    .bind(new.is_superuser)
    .execute(tx.conn())
    .await?;
    if new.password != old.password || !new.is_active {
        sql::query("DELETE FROM platform.session WHERE account_id = $1")
            .bind(new.id)
            .execute(tx.conn())
            .await?;
    }
    Ok(())
}
