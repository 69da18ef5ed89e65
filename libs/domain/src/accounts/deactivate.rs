//! Taking all access away from an account.

use entity::{Id, sql};

use super::projection::{self, Scope};
use super::{Account, account, change, passwords, throttle};
use crate::{Domain, Error, Result};

/// Ends every access of an account: password, flags, direct permissions, groups and memberships
/// everywhere, its sessions, its tokens and what it shows to trackers. The account and its work stay.
///
/// Refuses the last active superuser. The place in each tenant is given up at once; should the
/// program end half way, a job completes it.
pub async fn deactivate(domain: &Domain, id: Id) -> Result<Account> {
    let mut accounts = deactivate_all(domain, &[id]).await?;
    accounts.pop().ok_or(Error::NotFound { entity: "User" })
}

/// The same for several accounts, all or none; in the order of their ids.
pub async fn deactivate_all(domain: &Domain, ids: &[Id]) -> Result<Vec<Account>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut tx = domain.tenancy().begin_platform().await?;
    let (mut accounts, mut pending, mut takes_superuser) = (vec![], vec![], false);
    for id in &ids {
        let old = account::lock(tx.conn(), *id).await?;
        takes_superuser |= old.is_active && old.is_superuser;
        let new = Account {
            password: passwords::unusable(),
            is_active: false,
            is_staff: false,
            is_superuser: false,
            ..old.clone()
        };
        change::store(&mut tx, &old, &new).await?;
        pending.push(projection::note(&mut tx, *id, Scope::default()).await?);
        accounts.push(new);
    }
    if takes_superuser {
        change::keep_a_superuser(tx.conn(), &ids).await?;
    }
    sql::query("DELETE FROM platform.account_permission WHERE account_id = ANY($1)")
        .bind(&ids)
        .execute(tx.conn())
        .await?;
    sql::query("DELETE FROM platform.token WHERE account_id = ANY($1)")
        .bind(&ids)
        .execute(tx.conn())
        .await?;
    sql::query("DELETE FROM platform.tracker_token WHERE owner_id = ANY($1)")
        .bind(&ids)
        .execute(tx.conn())
        .await?;
    sql::query(
        "UPDATE platform.tenant_member
         SET left_at = $2
         WHERE account_id = ANY($1)
           AND left_at IS NULL",
    )
    .bind(&ids)
    .bind(crate::now())
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    for pending in pending {
        pending.carry(domain).await;
    }
    Ok(accounts)
}

/// Forgets failed log-ins that no longer count; for the housekeeping of the worker.
pub async fn delete_stale_attempts(domain: &Domain) -> Result<u64> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let count = throttle::clean(tx.conn(), crate::now(), domain.settings()).await?;
    tx.commit().await?;
    Ok(count)
}
