//! Taking all access away from an account.

use entity::Id;

use super::projection::{self, Scope};
use super::{Account, account, change, passwords, throttle};
use crate::{Domain, Result};

/// Ends every access of an account: password, flags, direct permissions, groups and memberships
/// everywhere, and its sessions. The account and its work stay.
///
/// Refuses the last active superuser. The place in each tenant is given up at once; should the
/// program end half way, a job completes it.
pub async fn deactivate(domain: &Domain, id: Id) -> Result<Account> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let old = account::lock(tx.conn(), id).await?;
    if old.is_active && old.is_superuser {
        change::keep_a_superuser(tx.conn(), id).await?;
    }
    let new = Account {
        password: passwords::unusable(),
        is_active: false,
        is_staff: false,
        is_superuser: false,
        ..old.clone()
    };
    change::store(&mut tx, &old, &new).await?;
    sqlx::query("DELETE FROM platform.account_permission WHERE account_id = $1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    sqlx::query(
        "UPDATE platform.tenant_member
         SET left_at = $2
         WHERE account_id = $1
           AND left_at IS NULL",
    )
    .bind(id)
    .bind(crate::now())
    .execute(tx.conn())
    .await?;
    let pending = projection::note(&mut tx, id, Scope::default()).await?;
    tx.commit().await?;
    pending.carry(domain).await;
    Ok(new)
}

/// Forgets failed log-ins that no longer count; for the housekeeping of the worker.
pub async fn delete_stale_attempts(domain: &Domain) -> Result<u64> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let count = throttle::clean(tx.conn(), crate::now(), domain.settings()).await?;
    tx.commit().await?;
    Ok(count)
}
