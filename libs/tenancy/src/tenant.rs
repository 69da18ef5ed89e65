//! What is known about a tenant while a request is served.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::Id;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::{Error, Result};

/// Id of a tenant's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub i32);

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a tenant stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Being created.
    Provisioning,
    /// Served.
    Active,
    /// Kept, not served.
    Suspended,
    /// Being removed.
    Deleting,
    /// Removed; the record is a tombstone.
    Deleted,
    /// Creation or removal ended half way.
    Failed,
}

impl State {
    /// As it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for State {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [
            Self::Provisioning,
            Self::Active,
            Self::Suspended,
            Self::Deleting,
            Self::Deleted,
            Self::Failed,
        ];
        let found = all.into_iter().find(|state| state.as_str() == text);
        found.ok_or_else(|| Error::Refused(format!("unknown tenant state {text}")))
    }
}

/// A tenant as it was when it was looked up.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Id of the record; caches and files carry it.
    pub id: TenantId,
    /// Name of the schema, and the tenant's short name.
    pub schema: String,
    /// Name for people.
    pub name: String,
    /// Organisation for people.
    pub organization: Option<String>,
    /// Account that owns it.
    pub owner_id: Option<Id>,
    /// Where it stands in its life.
    pub state: State,
    /// Why it is in that state, in an operator's words.
    pub state_reason: String,
    /// Until when an operator works on it and nobody else does.
    pub maintenance_until: Option<DateTime<Utc>>,
    /// True if everybody may read it.
    pub publicly_readable: bool,
    /// Until when it is paid for.
    pub paid_until: Option<DateTime<Utc>>,
    /// Host name that links are built with.
    pub primary_domain: String,
    /// Database that holds the schema.
    pub cell: String,
    /// Grows whenever schema or cell change.
    pub epoch: i32,
    /// Newest migration of its tables.
    pub schema_version: i32,
    /// A newer release has brought its tables further than this program knows.
    pub(crate) is_too_new: bool,
    /// State of the event channel when it was read; see `resolve`.
    pub(crate) generation: u64,
}

/// Tenants older than this migration are not served.
const OLDEST_SERVED: i32 = 1;

/// Schema of the tenant that everybody with an account may enter.
pub(crate) const PUBLIC: &str = "public";

impl Tenant {
    /// True for the tenant that everybody with an account may enter.
    pub fn is_public(&self) -> bool {
        self.schema == PUBLIC
    }

    /// True if its tables are older, or newer, than this program can serve.
    pub fn is_outdated(&self) -> bool {
        self.schema_version < OLDEST_SERVED || self.is_too_new
    }

    /// True if its schema lies in the database of the platform's tables, so that one connection
    /// reaches both.
    pub fn is_beside_platform(&self) -> bool {
        self.cell == crate::cells::MAIN
    }

    /// `https://` and the primary domain, with the port unless it is the usual one.
    pub fn base_url(&self, public_port: Option<u16>) -> String {
        match public_port {
            None | Some(443) => format!("https://{}", self.primary_domain),
            Some(port) => format!("https://{}:{port}", self.primary_domain),
        }
    }

    /// Reads the columns of `select_tenant`.
    pub(crate) fn from_row(
        row: &PgRow,
        generation: u64,
        default_domain: impl FnOnce(&str) -> String,
    ) -> Result<Arc<Self>> {
        let schema: String = row.try_get("schema_name")?;
        let primary_domain: Option<String> = row.try_get("primary_domain")?;
        Ok(Arc::new(Self {
            id: TenantId(row.try_get("id")?),
            name: row.try_get("name")?,
            organization: row.try_get("organization")?,
            owner_id: row.try_get("owner_id")?,
            state: row.try_get::<&str, _>("state")?.parse()?,
            state_reason: row.try_get("state_reason")?,
            maintenance_until: row.try_get("maintenance_until")?,
            publicly_readable: row.try_get("publicly_readable")?,
            paid_until: row.try_get("paid_until")?,
            primary_domain: primary_domain.unwrap_or_else(|| default_domain(&schema)),
            cell: row.try_get("cell")?,
            epoch: row.try_get("epoch")?,
            schema_version: row.try_get("schema_version")?,
            is_too_new: false,
            generation,
            schema,
        }))
    }
}

/// What [`Tenant::from_row`] reads; to be continued with a condition on `t`.
macro_rules! select_tenant {
    ($more:literal) => {
        concat!(
            "SELECT t.id, t.schema_name, t.name, t.organization, t.owner_id, t.state, ",
            "t.state_reason, t.publicly_readable, t.paid_until, t.cell, t.epoch, t.schema_version, ",
            "d.domain AS primary_domain, ",
            "(m.value ->> 'until')::timestamptz AS maintenance_until ",
            "FROM platform.tenant t ",
            "LEFT JOIN platform.tenant_domain d ON d.tenant_id = t.id AND d.is_primary ",
            "LEFT JOIN platform.setting m ON m.key = 'maintenance.' || t.id ",
            $more
        )
    };
}
pub(crate) use select_tenant;
