//! The host names of tenants.

use std::sync::Arc;

use entity::sql;
use sqlx::Row as _;

use crate::error::violates;
use crate::{Error, Mode, PlatformTx, Result, Tenancy, Tenant, host};

/// A domain of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainRecord {
    /// Id of the record.
    pub id: i32,
    /// Host name, as it is stored.
    pub domain: String,
    /// True for the one that links are built with.
    pub is_primary: bool,
}

impl Tenancy {
    /// The tenant's domains, the primary one first.
    pub async fn domains(&self, tenant: &Tenant) -> Result<Vec<DomainRecord>> {
        let mut tx = self.begin_platform().await?;
        let rows = sql::query(
            "SELECT id, domain, is_primary FROM platform.tenant_domain \
             WHERE tenant_id = $1 \
             ORDER BY NOT is_primary, id",
        )
        .bind(tenant.id.0)
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        let record = |row: sqlx::postgres::PgRow| {
            Ok(DomainRecord {
                id: row.try_get("id")?,
                domain: row.try_get("domain")?,
                is_primary: row.try_get("is_primary")?,
            })
        };
        rows.into_iter().map(record).collect()
    }

    /// The domains of all tenants that are served, each once, in alphabetical order.
    pub async fn host_names(&self) -> Result<Vec<String>> {
        let mut tx = self.begin_platform().await?;
        let names = sql::query_scalar(
            "SELECT DISTINCT d.domain FROM platform.tenant_domain d \
             JOIN platform.tenant t ON t.id = d.tenant_id \
             WHERE t.state = 'active' \
             ORDER BY d.domain",
        )
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(names)
    }

    /// Adds a domain; the first one is primary in any case. False if the tenant has it already,
    /// as it is wanted.
    pub async fn add_domain(
        &self,
        tenant: &Tenant,
        domain: &str,
        is_primary: bool,
    ) -> Result<bool> {
        let domain = check(domain)?;
        let known = self.domains(tenant).await?;
        if let Some(record) = known.iter().find(|record| record.domain == domain) {
            if is_primary && !record.is_primary {
                self.set_primary_domain(tenant, &domain).await?;
                return Ok(true);
            }
            return Ok(false);
        }
        let mut tx = self.begin_platform().await?;
        lock(&mut tx, tenant).await?;
        release(
            &mut tx,
            self.config().quarantine_days,
            std::slice::from_ref(&domain),
        )
        .await?;
        insert(
            &mut tx,
            tenant.id.0,
            &domain,
            is_primary || known.is_empty(),
        )
        .await?;
        tx.forget_tenants();
        tx.commit().await?;
        if is_primary || known.is_empty() {
            self.follow_site(tenant, &domain, None).await?;
        }
        Ok(true)
    }

    /// Makes one of the tenant's domains the primary one. The site record follows unless somebody
    /// has set it to something else; whether it did.
    pub async fn set_primary_domain(&self, tenant: &Tenant, domain: &str) -> Result<bool> {
        let domain = check(domain)?;
        let mut tx = self.begin_platform().await?;
        lock(&mut tx, tenant).await?;
        clear_primary(&mut tx, tenant.id.0).await?;
        let changed = sql::query(
            "UPDATE platform.tenant_domain SET is_primary = true \
             WHERE tenant_id = $1 AND domain = $2",
        )
        .bind(tenant.id.0)
        .bind(&domain)
        .execute(tx.conn())
        .await?;
        if changed.rows_affected() == 0 {
            return Err(Error::Refused(format!(
                "{domain} is not a domain of tenant {}",
                tenant.schema
            )));
        }
        tx.forget_tenants();
        tx.commit().await?;
        self.follow_site(tenant, &domain, None).await
    }

    /// Removes a domain; the oldest of the others becomes primary if need be. The last one stays
    /// where host names decide.
    pub async fn remove_domain(&self, tenant: &Tenant, domain: &str) -> Result<()> {
        let removed_domain = host::normalise_domain(domain).unwrap_or_default();
        let domain = removed_domain.as_str();
        let mut tx = self.begin_platform().await?;
        lock(&mut tx, tenant).await?;
        let removed: Option<bool> = sql::query_scalar(
            "DELETE FROM platform.tenant_domain WHERE tenant_id = $1 AND domain = $2 \
             RETURNING is_primary",
        )
        .bind(tenant.id.0)
        .bind(domain)
        .fetch_optional(tx.conn())
        .await?;
        let Some(was_primary) = removed else {
            return Err(Error::Refused(format!(
                "{domain} is not a domain of tenant {}",
                tenant.schema
            )));
        };
        let next: Option<(i32, String)> = sql::query_as(
            "SELECT id, domain FROM platform.tenant_domain WHERE tenant_id = $1 ORDER BY id LIMIT 1",
        )
        .bind(tenant.id.0)
        .fetch_optional(tx.conn())
        .await?;
        if next.is_none() && *self.mode() != Mode::Single {
            return Err(Error::Refused(format!(
                "{domain} is the only domain of tenant {}: add another one first",
                tenant.schema
            )));
        }
        if let (true, Some((id, _))) = (was_primary, &next) {
            sql::query("UPDATE platform.tenant_domain SET is_primary = true WHERE id = $1")
                .bind(id)
                .execute(tx.conn())
                .await?;
        }
        tx.forget_tenants();
        tx.commit().await?;
        if let (true, Some((_, domain))) = (was_primary, next) {
            self.follow_site(tenant, &domain, Some(removed_domain))
                .await?;
        }
        Ok(())
    }

    /// Lets the site record follow the primary domain, unless it was set to something that is
    /// none of the tenant's domains.
    async fn follow_site(
        &self,
        tenant: &Tenant,
        domain: &str,
        removed: Option<String>,
    ) -> Result<bool> {
        let tenant: Arc<Tenant> = self
            .by_id(tenant.id)
            .await?
            .ok_or_else(|| Error::UnknownTenant(tenant.schema.clone()))?;
        let domains = self.domains(&tenant).await?;
        let mut known: Vec<String> = domains.into_iter().map(|record| record.domain).collect();
        known.extend(removed);
        known.push(self.mode().default_domain(&tenant.schema));
        // as the script of new tenants leaves it
        known.extend(["127.0.0.1:8000".to_owned(), "localhost".to_owned()]);
        let mut tx = self.begin_maintenance(&tenant).await?;
        let changed = sql::query(
            "UPDATE site SET domain = $1, name = CASE WHEN name = domain THEN $1 ELSE name END \
             WHERE id = 1 AND (domain = ANY($2) OR domain = $1)",
        )
        .bind(domain)
        .bind(&known)
        .execute(tx.conn())
        .await?;
        tx.invalidate("tenancy.site", tenant.id.to_string());
        tx.commit().await?;
        Ok(changed.rows_affected() == 1)
    }
}

/// The stored form of a domain that may be added.
pub(crate) fn check(domain: &str) -> Result<String> {
    let trimmed = domain.trim();
    let name = if trimmed.starts_with('[') && trimmed.ends_with(']') {
        host::normalise(trimmed)
    } else {
        host::normalise_domain(trimmed)
    };
    let Some(name) = name else {
        return Err(Error::InvalidName(vec![format!(
            "{trimmed} is not a host name"
        )]));
    };
    if name.starts_with("www.") {
        return Err(Error::InvalidName(vec![format!(
            "{name} cannot be reached: a leading www. is always removed"
        )]));
    }
    Ok(name)
}

pub(crate) async fn insert(
    tx: &mut PlatformTx,
    tenant: i32,
    domain: &str,
    is_primary: bool,
) -> Result<()> {
    if is_primary {
        clear_primary(tx, tenant).await?;
    }
    let inserted = sql::query(
        "INSERT INTO platform.tenant_domain (tenant_id, domain, is_primary) VALUES ($1, $2, $3)",
    )
    .bind(tenant)
    .bind(domain)
    .bind(is_primary)
    .execute(tx.conn())
    .await;
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if violates(&error, "tenant_domain_domain_key") => Err(Error::InvalidName(
            vec![format!("Domain {domain} already in use")],
        )),
        Err(error) => Err(error.into()),
    }
}

/// Forgets these domains where they belong to tenants that were deleted long ago.
pub(crate) async fn release(tx: &mut PlatformTx, days: u32, domains: &[String]) -> Result<()> {
    sql::query(
        "DELETE FROM platform.tenant_domain d USING platform.tenant t \
         WHERE t.id = d.tenant_id AND d.domain = ANY($1) AND t.state = 'deleted' \
         AND t.deleted_on <= now() - make_interval(days => $2)",
    )
    .bind(domains)
    .bind(days as i32)
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn clear_primary(tx: &mut PlatformTx, tenant: i32) -> Result<()> {
    sql::query(
        "UPDATE platform.tenant_domain SET is_primary = false \
         WHERE tenant_id = $1 AND is_primary",
    )
    .bind(tenant)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Changes of one tenant's domains come one after the other.
async fn lock(tx: &mut PlatformTx, tenant: &Tenant) -> Result<()> {
    let found = sql::query("SELECT id FROM platform.tenant WHERE id = $1 FOR UPDATE")
        .bind(tenant.id.0)
        .fetch_optional(tx.conn())
        .await?;
    found
        .map(drop)
        .ok_or_else(|| Error::UnknownTenant(tenant.schema.clone()))
}
