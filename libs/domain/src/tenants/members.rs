//! Who was let into a tenant.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{Id, sql};
use sqlx::Row as _;
use tenancy::{Tenant, TenantTx};

use crate::accounts::{self, Account, Scope};
use crate::{Domain, Error, Result, caches, group, notify};

/// Somebody who may enter a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// Id of the account.
    pub id: Id,
    /// Log-in name.
    pub username: String,
    /// First and last name.
    pub full_name: String,
    /// Address.
    pub email: String,
    /// May log in.
    pub is_active: bool,
    /// Owns the tenant.
    pub is_owner: bool,
    /// When it was let in.
    pub since: DateTime<Utc>,
    /// Names of its groups in this tenant.
    pub groups: Vec<String>,
}

/// Who lets somebody in, and the site that he is told about.
pub(super) struct Invitation {
    pub(super) host: Account,
    pub(super) site: String,
}

/// Lets an account into a tenant, where it joins the default groups; false if it was in already.
pub async fn add_member(domain: &Domain, tenant: &Arc<Tenant>, account: Id) -> Result<bool> {
    let_in(domain, tenant, account, None).await
}

/// Lets an account in like [`add_member`], and tells it with an invitation.
pub(super) async fn let_in(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    account: Id,
    invitation: Option<&Invitation>,
) -> Result<bool> {
    if tenant.is_public() {
        // everybody is a member
        accounts::by_id(domain, account).await?;
        return Ok(false);
    }
    let guest = accounts::by_id(domain, account).await?;
    let mut tx = domain.tenancy().begin_platform().await?;
    let done = sql::query(
        "INSERT INTO platform.tenant_member AS m (tenant_id, account_id, since)
         VALUES ($1, $2, $3)
         ON CONFLICT (tenant_id, account_id) DO UPDATE
         SET since = excluded.since,
             left_at = NULL
         WHERE m.left_at IS NOT NULL",
    )
    .bind(tenant.id.0)
    .bind(account)
    .bind(crate::now())
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    let scope = Scope::arrival(&tenant.schema, &domain.settings().default_groups);
    let pending = accounts::note_change(&mut tx, account, scope).await?;
    if let Some(Invitation { host, site }) = invitation {
        notify::invited(&mut tx, tenant, site, host, &guest).await?;
    }
    tx.commit().await?;
    pending.carry(domain).await;
    Ok(true)
}

/// Takes an account out of a tenant and out of its groups; its work keeps its name. False if it was
/// not in. Refuses the owner.
pub async fn remove_member(domain: &Domain, tenant: &Arc<Tenant>, account: Id) -> Result<bool> {
    if tenant.is_public() {
        return Err(Error::refused(
            "everybody with an account may enter the public tenant",
        ));
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    let owner: Option<Id> =
        sql::query_scalar("SELECT owner_id FROM platform.tenant WHERE id = $1 FOR UPDATE")
            .bind(tenant.id.0)
            .fetch_one(tx.conn())
            .await?;
    if owner == Some(account) {
        return Err(Error::Conflict(
            "the owner of a tenant cannot leave it; transfer the ownership first".to_owned(),
        ));
    }
    let done = sql::query(
        "UPDATE platform.tenant_member
         SET left_at = $3
         WHERE tenant_id = $1
           AND account_id = $2
           AND left_at IS NULL",
    )
    .bind(tenant.id.0)
    .bind(account)
    .bind(crate::now())
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    // nobody but the owner could delete them, who cannot come in any more
    sql::query("DELETE FROM platform.tracker_token WHERE tenant_id = $1 AND owner_id = $2")
        .bind(tenant.id.0)
        .bind(account)
        .execute(tx.conn())
        .await?;
    let scope = Scope::arrival(&tenant.schema, &[]);
    let pending = accounts::note_change(&mut tx, account, scope).await?;
    tx.commit().await?;
    pending.carry(domain).await;
    Ok(true)
}

/// Everybody who may enter a tenant, by log-in name.
pub async fn members(domain: &Domain, tenant: &Arc<Tenant>) -> Result<Vec<MemberRecord>> {
    let mut tx = domain.tenancy().begin_maintenance(tenant).await?;
    let rows = sql::query(
        "SELECT m.id, m.username, trim(concat(m.first_name, ' ', m.last_name)) AS full_name,
                m.email, m.is_active, m.since,
                ARRAY(SELECT g.name::text
                      FROM group_member l
                      JOIN user_group g ON g.id = l.group_id
                      WHERE l.user_id = m.id
                      ORDER BY g.name) AS groups
         FROM member m
         WHERE m.is_authorised
         ORDER BY m.username",
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    let record = |row: sqlx::postgres::PgRow| {
        let id = row.try_get("id")?;
        Ok(MemberRecord {
            id,
            username: row.try_get("username")?,
            full_name: row.try_get("full_name")?,
            email: row.try_get("email")?,
            is_active: row.try_get("is_active")?,
            is_owner: tenant.owner_id == Some(id),
            since: row.try_get("since")?,
            groups: row.try_get("groups")?,
        })
    };
    rows.into_iter().map(record).collect()
}

/// Refuses names that no group of a tenant has.
pub async fn require_groups(domain: &Domain, tenant: &Arc<Tenant>, names: &[String]) -> Result<()> {
    let mut tx = domain.tenancy().begin_maintenance(tenant).await?;
    refuse_unknown(&mut tx, names).await?;
    tx.commit().await?;
    Ok(())
}

async fn refuse_unknown(tx: &mut TenantTx, names: &[String]) -> Result<()> {
    let unknown: Vec<String> = sql::query_scalar(
        "SELECT name
         FROM unnest($1::text[]) AS name
         WHERE name NOT IN (SELECT g.name FROM user_group g)",
    )
    .bind(names)
    .fetch_all(tx.conn())
    .await?;
    match unknown.first() {
        None => Ok(()),
        Some(name) => Err(Error::Refused(format!(
            "group {name} does not exist in tenant {}",
            tx.tenant().schema
        ))),
    }
}

/// Puts a member of a tenant into groups of that tenant; false if it is in all of them. Refuses
/// names that do not exist there, and accounts that may not enter it.
pub async fn join_groups(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    account: Id,
    names: &[String],
) -> Result<bool> {
    let mut tx = domain.tenancy().begin_maintenance(tenant).await?;
    refuse_unknown(&mut tx, names).await?;
    let is_member: bool =
        sql::query_scalar("SELECT EXISTS (SELECT FROM member WHERE id = $1 AND is_authorised)")
            .bind(account)
            .fetch_one(tx.conn())
            .await?;
    if !is_member {
        return Err(Error::NotFound { entity: "User" });
    }
    let changed = group::join(tx.conn(), account, names).await?;
    tx.invalidate(caches::RIGHTS, caches::rights_key(tenant.id, account));
    tx.commit().await?;
    Ok(changed)
}
