//! Tenants that an operator works on: nobody else is served meanwhile.

use chrono::{DateTime, Utc};
use entity::sql;

use crate::{Result, Tenancy, Tenant};

impl Tenancy {
    /// Serves a tenant to nobody until this time, on every server; its jobs and commands go on.
    pub async fn begin_maintenance_of(&self, tenant: &Tenant, until: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin_platform().await?;
        sql::query(
            "INSERT INTO platform.setting (key, value)
             VALUES ('maintenance.' || $1::int4, jsonb_build_object('until', $2::timestamptz))
             ON CONFLICT (key) DO UPDATE
             SET value = excluded.value,
                 updated_at = now()",
        )
        .bind(tenant.id.0)
        .bind(until)
        .execute(tx.conn())
        .await?;
        tx.forget_tenants();
        tx.commit().await
    }

    /// Serves a tenant again; false if it was served all the time.
    pub async fn end_maintenance_of(&self, tenant: &Tenant) -> Result<bool> {
        let mut tx = self.begin_platform().await?;
        let ended = sql::query(
            "DELETE FROM platform.setting
             WHERE key = 'maintenance.' || $1::int4",
        )
        .bind(tenant.id.0)
        .execute(tx.conn())
        .await?;
        tx.forget_tenants();
        tx.commit().await?;
        Ok(ended.rows_affected() > 0)
    }
}
