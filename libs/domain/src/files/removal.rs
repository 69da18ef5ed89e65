//! Files go away after their rows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::{Id, sql};
use serde::{Deserialize, Serialize};
use tenancy::{State, Tenant, TenantId};

use crate::job::{self, Job, REMOVE_FILES};
use crate::{Ctx, Domain, Error, Result};

/// What the job is told.
#[derive(Debug, Serialize, Deserialize)]
struct Removal {
    tenant: i32,
    /// Ids of attachments; all of the tenant when absent.
    files: Option<Vec<Id>>,
}

impl Removal {
    fn payload(&self) -> Result<serde_json::Value> {
        serde_json::to_value(self).map_err(|error| Error::Internal(error.into()))
    }
}

/// Notes that these files are to be removed once the open transaction has ended well.
pub(crate) async fn remove_later(ctx: &mut Ctx, files: Vec<Id>) -> Result<()> {
    let uploads = &ctx.domain().settings().uploads;
    if files.is_empty() || !uploads.delete {
        return Ok(());
    }
    let delay = uploads.delete_after;
    let tenant = ctx.tenant().clone();
    let removal = Removal {
        tenant: tenant.id.0,
        files: Some(files),
    };
    let job = Job::new(&tenant.schema, REMOVE_FILES, removal.payload()?).after(delay);
    job::enqueue(ctx.conn(), job).await?;
    Ok(())
}

/// Notes that all files of a tenant that is gone are to be removed.
pub(crate) async fn remove_all_of(domain: &Domain, tenant: TenantId) -> Result<()> {
    let uploads = &domain.settings().uploads;
    if !uploads.delete {
        return Ok(());
    }
    let removal = Removal {
        tenant: tenant.0,
        files: None,
    };
    let mut tx = domain.tenancy().begin_platform().await?;
    let job = Job::new("", REMOVE_FILES, removal.payload()?).after(uploads.delete_after);
    job::enqueue(tx.conn(), job).await?;
    tx.commit().await?;
    Ok(())
}

/// Carries out what was noted; the job of kind [`REMOVE_FILES`].
pub async fn remove(domain: &Domain, payload: serde_json::Value) -> Result<()> {
    let removal: Removal =
        serde_json::from_value(payload).map_err(|error| Error::Internal(error.into()))?;
    let store = &domain.settings().uploads.store;
    let files = match removal.files {
        Some(files) => files,
        None => ids(store.list(removal.tenant).await?),
    };
    for file in files {
        store.remove(removal.tenant, file).await?;
    }
    Ok(())
}

/// Removes files that no row knows, and that are older than `age`: what a crash in the middle of
/// an upload left, and what went with an account. Returns how many there were.
pub async fn sweep(domain: &Domain, age: Duration) -> Result<usize> {
    let uploads = &domain.settings().uploads;
    if !uploads.delete {
        return Ok(0);
    }
    let mut count = 0;
    for record in domain.tenancy().list().await? {
        let tenant = record.tenant;
        if tenant.state != State::Active {
            continue;
        }
        let stale = compare(domain, &tenant, age).await?.stale;
        count += stale.len();
        for file in stale {
            uploads.store.remove(tenant.id.0, file).await?;
        }
    }
    Ok(count)
}

/// How many files [`sweep`] would remove.
pub async fn stale(domain: &Domain, age: Duration) -> Result<usize> {
    if !domain.settings().uploads.delete {
        return Ok(0);
    }
    let mut count = 0;
    for record in domain.tenancy().list().await? {
        if record.tenant.state == State::Active {
            count += compare(domain, &record.tenant, age).await?.stale.len();
        }
    }
    Ok(count)
}

/// Files and attachments of a tenant that do not belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Names of attachments whose file is not in the storage.
    pub missing: Vec<String>,
    /// Ids of files that no attachment knows, and that are older than asked for.
    pub stale: Vec<Id>,
}

/// Compares the files of a tenant with its attachments.
pub async fn compare(domain: &Domain, tenant: &Arc<Tenant>, age: Duration) -> Result<Compared> {
    let uploads = &domain.settings().uploads;
    let before = crate::now() - age - uploads.delete_after;
    // rows first: what is uploaded meanwhile has a file by then
    let mut tx = domain.tenancy().begin_read(tenant).await?;
    let rows: Vec<(Id, String)> =
        sql::query_as("SELECT id, attachment_file FROM attachment ORDER BY id")
            .fetch_all(tx.conn())
            .await?;
    tx.commit().await?;
    let files = uploads.store.list(tenant.id.0).await?;
    let known: HashSet<Id> = rows.iter().map(|(id, _)| *id).collect();
    let stored: HashSet<Id> = files.iter().map(|(id, _)| *id).collect();
    let missing = rows.into_iter().filter(|(id, _)| !stored.contains(id));
    let stale = files
        .into_iter()
        .filter(|(id, written)| *written < before && !known.contains(id));
    Ok(Compared {
        missing: missing.map(|(_, name)| name).collect(),
        stale: ids(stale.collect()),
    })
}

fn ids(files: Vec<(Id, DateTime<Utc>)>) -> Vec<Id> {
    files.into_iter().map(|(id, _)| id).collect()
}
