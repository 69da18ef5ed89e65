//! Making a tenant: its record first, so that the name is taken; then the schema in one
//! transaction, which the caller completes; then it is active.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::{Id, sql};

use crate::error::{self, violates};
use crate::pool::quoted;
use crate::steps::Stream;
use crate::tenant::{PUBLIC, select_tenant};
use crate::{
    Error, Mode, PlatformTx, Result, State, Tenancy, Tenant, TenantTx, cells, domains, names,
    snapshot,
};

/// What a tenant shall be.
#[derive(Debug, Clone, Default)]
pub struct NewTenant {
    /// Name of the schema and of the sub-domain.
    pub schema: String,
    /// Name for people.
    pub name: String,
    /// Organisation for people.
    pub organization: Option<String>,
    /// Account that owns it.
    pub owner_id: Option<Id>,
    /// Its domains, the primary one first; the usual sub-domain if there is none.
    pub domains: Vec<String>,
    /// True if everybody may read it.
    pub publicly_readable: bool,
    /// Addresses for billing.
    pub extra_emails: Option<String>,
    /// Until when it is paid.
    pub paid_until: Option<DateTime<Utc>>,
    /// Database that shall hold it; the main one if not given.
    pub cell: Option<String>,
    /// Accepts names that older versions allowed, such as `a-b` or `a_b`.
    pub legacy_name: bool,
}

impl Tenancy {
    /// Registers a tenant and makes its schema, with tables and first rows.
    ///
    /// The transaction is the caller's to complete: add members, commit it, then call
    /// [`Tenancy::activate`]. On any failure call [`Tenancy::abandon`], which leaves nothing
    /// behind.
    pub async fn provision(&self, new: NewTenant) -> Result<(Arc<Tenant>, TenantTx)> {
        if *self.mode() == Mode::Single {
            return Err(Error::Refused(
                "there is only one tenant until KIWI_TENANTS_DOMAIN is set".to_owned(),
            ));
        }
        let messages = if new.legacy_name {
            names::check_legacy(&new.schema)
        } else {
            names::check(&new.schema, &self.config().reserved_names)
        };
        if !messages.is_empty() {
            return Err(Error::InvalidName(messages));
        }
        self.create(new, Content::Seed).await
    }

    /// The same for the tenant that every installation has.
    pub(crate) async fn provision_public(
        &self,
        mut new: NewTenant,
    ) -> Result<(Arc<Tenant>, TenantTx)> {
        if let Mode::Multi { domain } = self.mode() {
            new.domains = vec![domain.clone()];
        }
        let (tenant, mut tx) = self.create(new, Content::Seed).await?;
        // everybody with an account may enter it
        let copied = sql::query(
            "INSERT INTO member (id, username, first_name, last_name, email, is_active, is_staff, \
             is_superuser, last_login, date_joined) \
             SELECT id, username, first_name, last_name, email, is_active, is_staff, \
             is_superuser, last_login, date_joined FROM platform.account",
        )
        .execute(tx.conn())
        .await;
        match copied {
            Ok(_) => Ok((tenant, tx)),
            Err(error) => {
                drop(tx);
                self.abandon(&tenant).await?;
                Err(error.into())
            }
        }
    }

    /// Registers a tenant and opens a transaction with its new schema.
    pub(crate) async fn create(
        &self,
        new: NewTenant,
        content: Content,
    ) -> Result<(Arc<Tenant>, TenantTx)> {
        let cell = new.cell.clone().unwrap_or_else(|| cells::MAIN.to_owned());
        let pool = self.cells().get(&cell)?;
        let schema = new.schema.clone();
        if schema != PUBLIC {
            self.sweep(&schema).await?;
            self.refuse_orphan(&cell, &schema).await?;
        }
        let tenant = self.register(new, &cell).await?;
        let name = quoted(&schema);
        let create = if schema == PUBLIC {
            "CREATE SCHEMA IF NOT EXISTS"
        } else {
            "CREATE SCHEMA"
        };
        let begin = match content {
            Content::Seed => "BEGIN",
            Content::Nothing => "BEGIN ISOLATION LEVEL REPEATABLE READ",
        };
        let script = match content {
            Content::Seed => {
                let has_domain = *self.mode() != Mode::Single;
                snapshot::creation(has_domain.then_some(tenant.primary_domain.as_str()))
            }
            Content::Nothing => snapshot::SCHEMA.to_owned(),
        };
        let message = format!(
            "{begin}; SET LOCAL statement_timeout = '15min'; {create} {name}; \
             SET LOCAL search_path TO {name};\n{script}"
        );
        match pool.begin(Some(&schema), message).await {
            Ok(checkout) => Ok((
                tenant.clone(),
                TenantTx::new(tenant, checkout, self.events().clone()),
            )),
            Err(error) => {
                self.forget_record(&tenant).await?;
                match error {
                    Error::Database(error) if error::code(&error) == "42P06" => {
                        Err(Error::InvalidName(vec![names::IN_USE.to_owned()]))
                    }
                    Error::Database(source) => Err(Error::Migration {
                        tenant: schema,
                        step: "the script of new tenants".to_owned(),
                        source,
                    }),
                    error => Err(error),
                }
            }
        }
    }

    /// Opens a provisioned tenant for everybody.
    pub async fn activate(&self, tenant: &Tenant) -> Result<Arc<Tenant>> {
        self.set_state(tenant, &[State::Provisioning], State::Active, "")
            .await
    }

    /// Removes everything of a tenant that was not activated.
    pub async fn abandon(&self, tenant: &Tenant) -> Result<()> {
        if tenant.state != State::Provisioning {
            return Err(Error::State {
                tenant: tenant.schema.clone(),
                state: tenant.state,
            });
        }
        if tenant.schema != PUBLIC {
            self.drop_schema(tenant).await?;
        }
        self.forget_record(tenant).await
    }

    async fn forget_record(&self, tenant: &Tenant) -> Result<()> {
        let mut tx = self.begin_platform().await?;
        sql::query("DELETE FROM platform.tenant WHERE id = $1 AND state = 'provisioning'")
            .bind(tenant.id.0)
            .execute(tx.conn())
            .await?;
        tx.forget_tenants();
        tx.commit().await
    }

    /// Removes what a crash has left of an earlier try.
    async fn sweep(&self, schema: &str) -> Result<()> {
        let mut tx = self.begin_platform().await?;
        let row = sql::query(select_tenant!(
            "WHERE lower(t.schema_name) = lower($1) AND t.state = 'provisioning' \
             AND t.state_since < now() - interval '10 minutes'"
        ))
        .bind(schema)
        .fetch_optional(tx.conn())
        .await?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(()) };
        let left = Tenant::from_row(&row, 0, |_| String::new())?;
        tracing::warn!(tenant = %left.schema, "removing a tenant that was never completed");
        self.abandon(&left).await
    }

    /// A schema without a record is somebody else's, and is not touched.
    async fn refuse_orphan(&self, cell: &str, schema: &str) -> Result<()> {
        let checkout = self
            .cells()
            .get(cell)?
            .begin(None, "BEGIN".to_owned())
            .await?;
        let mut tx = PlatformTx::new(checkout, self.events().clone());
        let query = "SELECT EXISTS (SELECT FROM pg_namespace WHERE lower(nspname) = lower($1))";
        let exists: bool = sql::query_scalar(query)
            .bind(schema)
            .persistent(false)
            .fetch_one(tx.conn())
            .await?;
        tx.commit().await?;
        if exists {
            Err(Error::InvalidName(vec![names::IN_USE.to_owned()]))
        } else {
            Ok(())
        }
    }

    async fn register(&self, new: NewTenant, cell: &str) -> Result<Arc<Tenant>> {
        let mut domains = Vec::new();
        for domain in &new.domains {
            domains.push(domains::check(domain)?);
        }
        if domains.is_empty() && *self.mode() != Mode::Single {
            domains.push(self.mode().default_domain(&new.schema));
        }
        let mut tx = self.begin_platform().await?;
        self.refuse_quarantined(&mut tx, &new.schema, &domains)
            .await?;
        let inserted = sql::query_scalar::<i32>(
            "INSERT INTO platform.tenant (schema_name, name, organization, extra_emails, owner_id, \
             publicly_readable, paid_until, cell, schema_version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             RETURNING id",
        )
        .bind(&new.schema)
        .bind(&new.name)
        .bind(&new.organization)
        .bind(&new.extra_emails)
        .bind(new.owner_id)
        .bind(new.publicly_readable)
        .bind(new.paid_until)
        .bind(cell)
        .bind(Stream::Tenant.newest())
        .fetch_one(tx.conn())
        .await;
        let id = inserted.map_err(|error| refused(error, &new))?;
        for (index, domain) in domains.iter().enumerate() {
            domains::insert(&mut tx, id, domain, index == 0).await?;
        }
        let row = sql::query(select_tenant!("WHERE t.id = $1"))
            .bind(id)
            .fetch_one(tx.conn())
            .await?;
        tx.forget_tenants();
        tx.commit().await?;
        let generation = self.events().generation();
        Tenant::from_row(&row, generation, |schema| {
            self.mode().default_domain(schema)
        })
    }

    /// Names and domains of deleted tenants rest for a while; then they are free again.
    async fn refuse_quarantined(
        &self,
        tx: &mut PlatformTx,
        schema: &str,
        domains: &[String],
    ) -> Result<()> {
        domains::release(tx, self.config().quarantine_days, domains).await?;
        let quarantined: bool = sql::query_scalar(
            "SELECT EXISTS (SELECT FROM platform.tenant \
             WHERE lower(schema_name) = lower($1) AND state = 'deleted' \
             AND deleted_on > now() - make_interval(days => $2))",
        )
        .bind(schema)
        .bind(self.config().quarantine_days as i32)
        .fetch_one(tx.conn())
        .await?;
        if quarantined {
            Err(Error::InvalidName(vec![names::IN_USE.to_owned()]))
        } else {
            Ok(())
        }
    }

    /// What there is of the public tenant, past every cache; for the one program that may create it
    /// now.
    pub(crate) async fn leftover_public(&self) -> Result<Public> {
        let mut tx = self.begin_platform().await?;
        let row = sql::query(select_tenant!(
            "WHERE t.schema_name = 'public' AND t.state <> 'deleted'"
        ))
        .fetch_optional(tx.conn())
        .await?;
        let Some(row) = row else {
            return Ok(Public::Missing);
        };
        let public = Tenant::from_row(&row, 0, |schema| self.mode().default_domain(schema))?;
        tx.commit().await?;
        if public.state != State::Provisioning {
            return Ok(Public::Exists);
        }
        if self.begin_maintenance(&public).await.is_ok() {
            return Ok(Public::Complete(public));
        }
        self.forget_record(&public).await?;
        Ok(Public::Missing)
    }
}

/// The public tenant when a migration looks for it.
pub(crate) enum Public {
    /// There is none.
    Missing,
    /// It has been made, whatever became of it.
    Exists,
    /// A crash has kept it from being activated.
    Complete(Arc<Tenant>),
}

/// What is in a new schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Tables and first rows.
    Seed,
    /// Tables only.
    Nothing,
}

fn refused(error: sqlx::Error, new: &NewTenant) -> Error {
    if violates(&error, "tenant_schema_name_key") {
        return Error::InvalidName(vec![names::IN_USE.to_owned()]);
    }
    if violates(&error, "tenant_owner_id_fkey") {
        let id = new.owner_id.unwrap_or_default();
        return Error::Refused(format!("the owner, account {id}, does not exist"));
    }
    if error::code(&error) == "22001" {
        return Error::Refused("name, organization or extra e-mails are too long".to_owned());
    }
    error.into()
}
