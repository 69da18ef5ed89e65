//! Making tenants, and who may enter them.

mod billing;
mod invite;
mod members;

use std::sync::Arc;

use entity::{Id, sql};
use tenancy::{NewTenant, Tenant, TenantTx};

pub use billing::{Billing, expires_soon, is_unpaid};
pub use invite::invite;
pub use members::{MemberRecord, add_member, join_groups, members, remove_member, require_groups};

use crate::accounts::{self, Account};
use crate::{Domain, Result, caches, files, group, notify, site};

/// Id of the account that stands for everybody who has not logged in.
pub const ANONYMOUS: Id = 1;

/// Makes a tenant: its schema with the first rows, the two default groups with their permissions,
/// and the owner as its first member and in both groups. When anything fails, nothing is left.
pub async fn create(domain: &Domain, owner: Id, new: NewTenant) -> Result<Arc<Tenant>> {
    let account = accounts::by_id(domain, owner).await?;
    let new = NewTenant {
        owner_id: Some(owner),
        ..new
    };
    let (tenant, tx) = domain.tenancy().provision(new).await?;
    match settle(domain, &tenant, tx, &account).await {
        Ok(tenant) => Ok(tenant),
        Err(error) => {
            domain.tenancy().abandon(&tenant).await?;
            Err(error)
        }
    }
}

async fn settle(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    mut tx: TenantTx,
    owner: &Account,
) -> Result<Arc<Tenant>> {
    let now = crate::now();
    let anonymous = accounts::by_id(domain, ANONYMOUS).await?;
    accounts::put_member(&mut tx, &anonymous, false, now).await?;
    accounts::put_member(&mut tx, owner, true, now).await?;
    group::fill_defaults(tx.conn(), tenant.is_public()).await?;
    let groups = [group::ADMINISTRATOR.to_owned(), group::TESTER.to_owned()];
    group::join(tx.conn(), owner.id, &groups).await?;
    let site = site::reachable(domain, site::stored(&mut tx).await?);
    tx.commit().await?;

    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "INSERT INTO platform.tenant_member (tenant_id, account_id, since)
         VALUES ($1, $2, $3)",
    )
    .bind(tenant.id.0)
    .bind(owner.id)
    .bind(now)
    .execute(tx.conn())
    .await?;
    tx.invalidate(caches::ACCOUNT, owner.id.to_string());
    notify::tenant_created(&mut tx, tenant, &site, owner).await?;
    tx.commit().await?;
    let tenant = domain.tenancy().activate(tenant).await?;
    // somebody may have changed the account since it was read
    if accounts::by_id(domain, owner.id).await? != *owner {
        accounts::project(domain, owner.id).await?;
    }
    Ok(tenant)
}

/// Makes a tenant with the data of another one, and the owner as a member in both default groups;
/// with `members` the people of the source may enter it as well. When anything fails, nothing is left.
pub async fn copy(
    domain: &Domain,
    source: &Arc<Tenant>,
    owner: Id,
    new: NewTenant,
    members: bool,
) -> Result<Arc<Tenant>> {
    accounts::by_id(domain, owner).await?;
    let new = NewTenant {
        owner_id: Some(owner),
        ..new
    };
    let tenancy = domain.tenancy();
    let (tenant, mut tx) = tenancy.clone_tenant(source, new, members).await?;
    let done = async {
        // those of the public tenant may do less than those of others
        group::fill_defaults(tx.conn(), tenant.is_public()).await?;
        tx.commit().await?;
        Ok(tenancy.activate(&tenant).await?)
    };
    let done: Result<Arc<Tenant>> = done.await;
    let tenant = match done {
        Ok(tenant) => tenant,
        Err(error) => {
            tenancy.abandon(&tenant).await?;
            return Err(error);
        }
    };
    if members {
        // every program remembers which tenants its people may enter
        let mut tx = tenancy.begin_platform().await?;
        tx.invalidate(caches::ACCOUNT, caches::EVERYTHING);
        tx.commit().await?;
    }
    add_member(domain, &tenant, owner).await?;
    let groups = [group::ADMINISTRATOR.to_owned(), group::TESTER.to_owned()];
    join_groups(domain, &tenant, owner, &groups).await?;
    Ok(tenant)
}

/// Deletes a tenant with everything in it; its files go away soon after.
pub async fn delete(domain: &Domain, tenant: &Tenant, free_name: bool) -> Result<()> {
    domain.tenancy().delete(tenant, free_name).await?;
    files::remove_all_of(domain, tenant.id).await
}
