//! From one state to the next, and the end.

use std::sync::Arc;
use std::time::Duration;

use entity::sql;
use sqlx::Row as _;

use crate::pool::{quoted, trusted};
use crate::{Error, Result, State, Tenancy, Tenant, error};

/// Pauses before the removal of a schema that is in use is tried again.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

impl Tenancy {
    /// Stops serving a tenant; its data stay.
    pub async fn suspend(&self, tenant: &Tenant, reason: &str) -> Result<Arc<Tenant>> {
        if tenant.is_public() {
            return Err(Error::Refused(
                "the public tenant cannot be suspended".to_owned(),
            ));
        }
        self.set_state(tenant, &[State::Active], State::Suspended, reason)
            .await
    }

    /// Serves a suspended tenant again.
    pub async fn resume(&self, tenant: &Tenant) -> Result<Arc<Tenant>> {
        self.set_state(tenant, &[State::Suspended], State::Active, "")
            .await
    }

    /// Removes a tenant with all its data. The record stays as a tombstone that keeps name and
    /// domains from being taken for a while, unless they shall be free at once.
    ///
    /// Files are the caller's to remove.
    pub async fn delete(&self, tenant: &Tenant, free_name: bool) -> Result<()> {
        if tenant.is_public() {
            return Err(Error::Refused(
                "the public tenant cannot be deleted".to_owned(),
            ));
        }
        let from = [
            State::Active,
            State::Suspended,
            State::Failed,
            State::Provisioning,
            State::Deleting,
        ];
        let tenant = self.set_state(tenant, &from, State::Deleting, "").await?;
        self.drop_schema(&tenant).await?;
        let mut tx = self.begin_platform().await?;
        let forget = if free_name {
            "DELETE FROM platform.tenant WHERE id = $1"
        } else {
            "UPDATE platform.tenant SET state = 'deleted', state_since = now(), deleted_on = now() \
             WHERE id = $1"
        };
        sql::query(forget)
            .bind(tenant.id.0)
            .execute(tx.conn())
            .await?;
        sql::query("DELETE FROM platform.tenant_member WHERE tenant_id = $1")
            .bind(tenant.id.0)
            .execute(tx.conn())
            .await?;
        sql::query("DELETE FROM platform.tracker_token WHERE tenant_id = $1")
            .bind(tenant.id.0)
            .execute(tx.conn())
            .await?;
        tx.forget_tenants();
        tx.commit().await
    }

    /// Sets the state if it still is one of `from`: compare and set.
    pub async fn set_state(
        &self,
        tenant: &Tenant,
        from: &[State],
        to: State,
        reason: &str,
    ) -> Result<Arc<Tenant>> {
        let mut tx = self.begin_platform().await?;
        let from: Vec<&str> = from.iter().map(|state| state.as_str()).collect();
        let changed = sql::query(
            "UPDATE platform.tenant SET state = $3, state_reason = $4, state_since = now() \
             WHERE id = $1 AND state = ANY($2) \
             RETURNING id",
        )
        .bind(tenant.id.0)
        .bind(from)
        .bind(to.as_str())
        .bind(reason)
        .fetch_optional(tx.conn())
        .await?;
        if changed.is_none() {
            let row = sql::query("SELECT state FROM platform.tenant WHERE id = $1")
                .bind(tenant.id.0)
                .fetch_optional(tx.conn())
                .await?;
            let Some(row) = row else {
                return Err(Error::UnknownTenant(tenant.schema.clone()));
            };
            let state = row.try_get::<&str, _>("state")?.parse()?;
            return Err(Error::State {
                tenant: tenant.schema.clone(),
                state,
            });
        }
        tx.forget_tenants();
        tx.commit().await?;
        Ok(Arc::new(Tenant {
            state: to,
            state_reason: reason.to_owned(),
            generation: self.events().generation(),
            ..tenant.clone()
        }))
    }

    /// Removes the schema and what waits to be done in it. Transactions that are open finish
    /// first; new ones wait no longer than we try.
    pub(crate) async fn drop_schema(&self, tenant: &Tenant) -> Result<()> {
        let mut connection = self.cells().get(&tenant.cell)?.direct().await?;
        let mut pauses = PAUSES.iter();
        loop {
            let drop = trusted(format!(
                "BEGIN; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10min'; \
                 DROP SCHEMA IF EXISTS {} CASCADE; COMMIT",
                quoted(&tenant.schema)
            ));
            match sqlx::raw_sql(drop).execute(&mut connection).await {
                Ok(_) => break,
                Err(error) => {
                    let _ = sqlx::raw_sql("ROLLBACK").execute(&mut connection).await;
                    let may_pass = matches!(error::code(&error).as_str(), "55P03" | "40P01");
                    match pauses.next() {
                        Some(pause) if may_pass => tokio::time::sleep(*pause).await,
                        _ => return Err(error.into()),
                    }
                }
            }
        }
        sql::query("DELETE FROM platform.job WHERE tenant = $1")
            .bind(&tenant.schema)
            .execute(&mut connection)
            .await?;
        Ok(())
    }
}
