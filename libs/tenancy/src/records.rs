//! What operators see and change of tenants.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{Id, sql};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::error;
use crate::{Error, Result, Tenancy, Tenant};

/// A tenant's record with what requests do not need.
#[derive(Debug, Clone)]
pub struct TenantRecord {
    /// What requests need.
    pub tenant: Arc<Tenant>,
    /// Username of the owner.
    pub owner: Option<String>,
    /// When it was created.
    pub created_on: DateTime<Utc>,
    /// Until when it is paid.
    pub paid_until: Option<DateTime<Utc>>,
    /// Addresses for billing.
    pub extra_emails: Option<String>,
    /// Since when it is in its state.
    pub state_since: DateTime<Utc>,
    /// Its domains, the primary one first.
    pub domains: Vec<String>,
    /// Number of people who were let in.
    pub members: i64,
}

/// Fields to change; those that are `None` stay.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Name for people.
    pub name: Option<String>,
    /// Organisation for people; `Some(None)` removes it.
    pub organization: Option<Option<String>>,
    /// Addresses for billing; `Some(None)` removes them.
    pub extra_emails: Option<Option<String>>,
    /// True if everybody may read it.
    pub publicly_readable: Option<bool>,
    /// Until when it is paid; `Some(None)` for no limit.
    pub paid_until: Option<Option<DateTime<Utc>>>,
    /// Account that owns it.
    pub owner_id: Option<Id>,
}

/// To be continued with a condition and an order.
macro_rules! select_record {
    ($more:literal) => {
        concat!(
            "SELECT t.id, t.schema_name, t.name, t.organization, t.owner_id, t.state, ",
            "t.state_reason, t.publicly_readable, t.cell, t.epoch, t.schema_version, ",
            "t.created_on, t.paid_until, t.extra_emails, t.state_since, ",
            "a.username AS owner, d.domains[1] AS primary_domain, ",
            "coalesce(d.domains, '{}') AS domains, ",
            "(m.value ->> 'until')::timestamptz AS maintenance_until, ",
            "(SELECT count(*) FROM platform.tenant_member x ",
            "WHERE x.tenant_id = t.id AND x.left_at IS NULL) AS members ",
            "FROM platform.tenant t ",
            "LEFT JOIN platform.account a ON a.id = t.owner_id ",
            "LEFT JOIN platform.setting m ON m.key = 'maintenance.' || t.id ",
            "LEFT JOIN LATERAL (",
            "SELECT array_agg(x.domain::text ORDER BY NOT x.is_primary, x.id) AS domains ",
            "FROM platform.tenant_domain x WHERE x.tenant_id = t.id) d ON true ",
            $more
        )
    };
}

impl Tenancy {
    /// All tenants that are not deleted, newest first.
    pub async fn list(&self) -> Result<Vec<TenantRecord>> {
        let mut tx = self.begin_platform().await?;
        let query =
            select_record!("WHERE t.state <> 'deleted' ORDER BY t.created_on DESC, t.id DESC");
        let rows = sql::query(query)
            .fetch_all(tx.conn())
            .await
            .map_err(not_initialised)?;
        tx.commit().await?;
        rows.iter().map(|row| self.read_record(row)).collect()
    }

    /// One tenant by its schema name; always what the database says now.
    pub async fn record(&self, schema: &str) -> Result<TenantRecord> {
        let mut tx = self.begin_platform().await?;
        let query =
            select_record!("WHERE lower(t.schema_name) = lower($1) AND t.state <> 'deleted'");
        let row = sql::query(query)
            .bind(schema)
            .fetch_optional(tx.conn())
            .await
            .map_err(not_initialised)?;
        tx.commit().await?;
        match row {
            Some(row) => self.read_record(&row),
            None => Err(Error::UnknownTenant(schema.to_owned())),
        }
    }

    /// Changes fields of the record; false if they were so already.
    pub async fn change(&self, tenant: &Tenant, changes: &Changes) -> Result<bool> {
        let mut tx = self.begin_platform().await?;
        let result = sql::query(
            "UPDATE platform.tenant t SET name = n.name, organization = n.organization, \
             extra_emails = n.extra_emails, publicly_readable = n.publicly_readable, \
             paid_until = n.paid_until, owner_id = n.owner_id \
             FROM (SELECT coalesce($2, name) AS name, \
             CASE WHEN $3 THEN $4 ELSE organization END AS organization, \
             CASE WHEN $5 THEN $6 ELSE extra_emails END AS extra_emails, \
             coalesce($7, publicly_readable) AS publicly_readable, \
             CASE WHEN $8 THEN $9 ELSE paid_until END AS paid_until, \
             coalesce($10, owner_id) AS owner_id \
             FROM platform.tenant WHERE id = $1 FOR UPDATE) n \
             WHERE t.id = $1 AND (t.name, t.organization, t.extra_emails, t.publicly_readable, \
             t.paid_until, t.owner_id) IS DISTINCT FROM (n.name, n.organization, n.extra_emails, \
             n.publicly_readable, n.paid_until, n.owner_id)",
        )
        .bind(tenant.id.0)
        .bind(&changes.name)
        .bind(changes.organization.is_some())
        .bind(changes.organization.as_ref().and_then(Option::as_ref))
        .bind(changes.extra_emails.is_some())
        .bind(changes.extra_emails.as_ref().and_then(Option::as_ref))
        .bind(changes.publicly_readable)
        .bind(changes.paid_until.is_some())
        .bind(changes.paid_until.flatten())
        .bind(changes.owner_id)
        .execute(tx.conn())
        .await
        .map_err(refused)?;
        if result.rows_affected() == 0 {
            tx.commit().await?;
            return Ok(false);
        }
        tx.forget_tenants();
        tx.commit().await?;
        Ok(true)
    }

    fn read_record(&self, row: &PgRow) -> Result<TenantRecord> {
        let generation = self.events().generation();
        let tenant =
            Tenant::from_row(row, generation, |schema| self.mode().default_domain(schema))?;
        Ok(TenantRecord {
            tenant,
            owner: row.try_get("owner")?,
            created_on: row.try_get("created_on")?,
            paid_until: row.try_get("paid_until")?,
            extra_emails: row.try_get("extra_emails")?,
            state_since: row.try_get("state_since")?,
            domains: row.try_get("domains")?,
            members: row.try_get("members")?,
        })
    }
}

fn not_initialised(error: sqlx::Error) -> Error {
    if error::is_missing(&error) {
        Error::NotInitialised
    } else {
        error.into()
    }
}

fn refused(error: sqlx::Error) -> Error {
    if error::violates(&error, "tenant_owner_id_fkey") {
        return Error::Refused("the new owner's account does not exist".to_owned());
    }
    if error::code(&error) == "22001" {
        return Error::Refused("name, organization or extra e-mails are too long".to_owned());
    }
    error.into()
}
