//! A tenant with the data of another one.

use std::sync::Arc;

use entity::sql;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::pool::{quoted, trusted};
use crate::provision::Content;
use crate::snapshot::{self, CatalogTable};
use crate::steps::Stream;
use crate::{Error, NewTenant, Result, Tenancy, Tenant, TenantTx, names};

impl Tenancy {
    /// Makes a tenant and copies all data of `source` as they are at one moment.
    ///
    /// People keep their names on what they did; only with `members` they also keep access and
    /// groups. Credentials of trackers are not copied. As with [`Tenancy::provision`], the
    /// transaction is the caller's to complete, then [`Tenancy::activate`] or
    /// [`Tenancy::abandon`].
    pub async fn clone_tenant(
        &self,
        source: &Arc<Tenant>,
        mut new: NewTenant,
        members: bool,
    ) -> Result<(Arc<Tenant>, TenantTx)> {
        let messages = names::check(&new.schema, &self.config().reserved_names);
        if !messages.is_empty() {
            return Err(Error::InvalidName(messages));
        }
        let source = self.current(source).await?;
        if members && source.is_public() {
            return Err(Error::Refused(
                "everybody may enter the public tenant, so it has no members that could be copied; \
                 copy it without them and add those who shall enter"
                    .to_owned(),
            ));
        }
        if source.schema_version != Stream::Tenant.newest() {
            return Err(Error::Outdated(source.schema.clone()));
        }
        if new.cell.as_ref().is_some_and(|cell| *cell != source.cell) {
            return Err(Error::Refused(
                "a clone stays on the cell of its source".to_owned(),
            ));
        }
        new.cell = Some(source.cell.clone());
        let (tenant, mut tx) = self.create(new, Content::Nothing).await?;
        let copied = copy(&mut tx, &source, members).await;
        let copied = match copied {
            Ok(()) => self.copy_members(&source, &tenant, members).await,
            refused => refused,
        };
        match copied {
            Ok(()) => Ok((tenant, tx)),
            Err(error) => {
                drop(tx);
                self.abandon(&tenant).await?;
                Err(error)
            }
        }
    }

    /// Those who are not let in are noted too, because the copy shows their names.
    async fn copy_members(&self, source: &Tenant, target: &Tenant, members: bool) -> Result<()> {
        let mut tx = self.begin_platform().await?;
        sql::query(
            "INSERT INTO platform.tenant_member (tenant_id, account_id, since, left_at) \
             SELECT $2, account_id, since, \
             CASE WHEN $3 THEN left_at ELSE coalesce(left_at, now()) END \
             FROM platform.tenant_member WHERE tenant_id = $1",
        )
        .bind(source.id.0)
        .bind(target.id.0)
        .bind(members)
        .execute(tx.conn())
        .await?;
        tx.commit().await
    }
}

async fn copy(tx: &mut TenantTx, source: &Tenant, members: bool) -> Result<()> {
    let target = tx.tenant().clone();
    let tables = snapshot::read_catalog(tx.conn(), &target.schema).await?;
    for table in tables
        .iter()
        .filter(|table| !is_left_out(&table.name, members))
    {
        sqlx::raw_sql(copying(table, source))
            .execute(tx.conn())
            .await?;
        continue_ids(tx.conn(), table, source).await?;
    }
    if !members {
        sql::query("UPDATE member SET is_authorised = false")
            .execute(tx.conn())
            .await?;
    }
    sql::query("UPDATE bug_system SET api_username = NULL, api_password = NULL")
        .execute(tx.conn())
        .await?;
    let last = trusted(snapshot::version_and_site(Some(&target.primary_domain)));
    sqlx::raw_sql(last).execute(tx.conn()).await?;
    Ok(())
}

/// The version is written as for every new tenant; groups of people belong to members.
fn is_left_out(table: &str, members: bool) -> bool {
    table == "schema_state" || (!members && matches!(table, "group_member" | "object_permission"))
}

fn copying(table: &CatalogTable, source: &Tenant) -> AssertSqlSafe<String> {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| quoted(&column.name))
        .collect();
    let (columns, table) = (columns.join(", "), quoted(&table.name));
    let source = quoted(&source.schema);
    trusted(format!(
        "INSERT INTO {table} ({columns}) SELECT {columns} FROM {source}.{table}"
    ))
}

/// New rows get the ids after those that the source has ever given.
async fn continue_ids(
    connection: &mut PgConnection,
    table: &CatalogTable,
    source: &Tenant,
) -> Result<()> {
    for column in table.columns.iter().filter(|column| column.is_identity) {
        let from = format!("{}.{}", quoted(&source.schema), quoted(&table.name));
        let sequence: String = sql::query_scalar("SELECT pg_get_serial_sequence($1, $2)")
            .bind(&from)
            .bind(&column.name)
            .fetch_one(&mut *connection)
            .await?;
        let continuing = trusted(format!(
            "SELECT setval(pg_get_serial_sequence({}, {}), last_value, is_called) FROM {sequence}",
            crate::seed::quote(&quoted(&table.name)),
            crate::seed::quote(&column.name),
        ));
        sqlx::raw_sql(continuing).execute(&mut *connection).await?;
    }
    Ok(())
}
