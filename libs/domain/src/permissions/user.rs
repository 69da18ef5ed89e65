//! An account as it is seen from one tenant.

use std::sync::Arc;

use entity::{Id, sql};
use tenancy::Tenant;

use super::catalogue;
use crate::accounts::{self, AccountRights};
use crate::caches::UserEntry;
use crate::{Caller, Domain, Result, User};

/// The account with its rights in this tenant; `None` if it does not exist or may not log in.
///
/// Rights are: everything for a superuser; the permissions given directly; those of the groups in
/// this tenant; and looking at things where everybody may. Who was not let into the tenant is no
/// superuser there and in no group.
pub async fn load_user(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    account: Id,
) -> Result<Option<Arc<User>>> {
    let rights = accounts::rights(domain, account).await?;
    let Some(rights) = rights.filter(|rights| rights.is_active) else {
        return Ok(None);
    };
    let cache = &domain.caches().users;
    let key = (tenant.id, account);
    if let Some(known) = cache.get(&key)
        && Arc::ptr_eq(&known.rights, &rights)
        && known.publicly_readable == tenant.publicly_readable
    {
        return Ok(Some(known.user));
    }
    let ticket = cache.ticket();
    let user = Arc::new(load(domain, tenant, &rights).await?);
    let publicly_readable = tenant.publicly_readable;
    cache.put(
        &key,
        UserEntry {
            rights,
            publicly_readable,
            user: user.clone(),
        },
        ticket,
    );
    Ok(Some(user))
}

async fn load(domain: &Domain, tenant: &Arc<Tenant>, rights: &AccountRights) -> Result<User> {
    let is_authorised = tenant.is_public() || rights.tenants.contains(&tenant.id.0);
    let mut names = rights.permissions.clone();
    if is_authorised {
        let mut tx = domain.tenancy().begin_read(tenant).await?;
        let of_groups: Vec<String> = sql::query_scalar(
            "SELECT DISTINCT p.permission
             FROM group_member m
             JOIN group_permission p ON p.group_id = m.group_id
             WHERE m.user_id = $1",
        )
        .bind(rights.id)
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        names.extend(of_groups);
    }
    if tenant.publicly_readable {
        names.extend(public_views());
    }
    Ok(User {
        id: rights.id,
        username: rights.username.clone(),
        email: rights.email.clone(),
        is_staff: rights.is_staff,
        is_superuser: rights.is_superuser && is_authorised,
        is_authorised,
        permissions: domain.caches().permission_set(names),
    })
}

fn public_views() -> impl Iterator<Item = String> {
    let all = catalogue::all()
        .into_iter()
        .map(|permission| permission.name);
    all.filter(|name| catalogue::is_public_view(name))
}

/// True if the caller may enter the tenant at all. Being a superuser is no way in.
pub fn may_enter(tenant: &Tenant, caller: &Caller) -> bool {
    match caller {
        Caller::Anonymous => true,
        Caller::User(user) => tenant.is_public() || tenant.publicly_readable || user.is_authorised,
    }
}

/// True if somebody who has not logged in has this permission on a page of this tenant. The remote
/// API always needs a log-in.
pub fn visitor_may(tenant: &Tenant, permission: &str) -> bool {
    tenant.publicly_readable && catalogue::is_public_view(permission)
}
