//! Deleting an account together with its work (spec 01 §4.11). [`super::deactivate()`] keeps the work
//! and is what most want.

use entity::{Id, sql};
use serde::{Deserialize, Serialize};
use tenancy::PlatformTx;

use super::account;
use super::change::{self, has_another_superuser};
use super::passwords;
use super::projection::{self, Place};
use super::{Account, by_id};
use crate::deletion::{self, Counts};
use crate::job::{self, Job};
use crate::member::Member;
use crate::{Caller, Ctx, Domain, Error, Request, Result, caches, tenants};

/// What goes with an account in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    /// Schema of the tenant.
    pub tenant: String,
    /// Rows by kind, the account's own among them.
    pub counts: Counts,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    account: Id,
}

/// What deleting an account would take along, in each tenant where it is or was a member. Refuses
/// what [`delete`] refuses.
pub async fn impact(domain: &Domain, id: Id) -> Result<Vec<Impact>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let account = account::lock(tx.conn(), id).await?;
    refuse(&mut tx, &account).await?;
    tx.rollback().await?;
    let mut found = vec![];
    let Some(snapshot) = projection::read(domain, id).await? else {
        return Ok(found);
    };
    for Place { schema, .. } in snapshot.places {
        let Some(mut ctx) = enter(domain, &schema).await? else {
            continue;
        };
        let counts = deletion::impact::<Member>(&mut ctx, &[id]).await?;
        found.push(Impact {
            tenant: schema,
            counts,
        });
    }
    Ok(found)
}

/// Deletes an account, and in every tenant all plans, cases, runs, executions, bugs, components and
/// files that refer to it. Its comments and its entries in histories stay, without a name.
///
/// The account can do nothing from the first moment on. Should the program end half way, a job
/// completes the deletion. Refuses the last active superuser, the owner of a tenant, and the account
/// that stands for visitors.
pub async fn delete(domain: &Domain, id: Id) -> Result<Account> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let old = account::lock(tx.conn(), id).await?;
    refuse(&mut tx, &old).await?;
    let powerless = Account {
        password: passwords::unusable(),
        is_active: false,
        is_staff: false,
        is_superuser: false,
        ..old.clone()
    };
    change::store(&mut tx, &old, &powerless).await?;
    tx.invalidate(caches::ACCOUNT, id.to_string());
    let payload = serde_json::to_value(Payload { account: id }).map_err(anyhow::Error::from)?;
    let key = id.to_string();
    let job = Job::new("", job::DELETE_ACCOUNT, payload)
        .key(&key)
        .after(job::HEAD_START);
    let job = job::enqueue(tx.conn(), job).await?;
    tx.commit().await?;
    complete(domain, id).await?;
    job::forget(domain, job).await?;
    Ok(old)
}

/// Does what a job of the kind [`job::DELETE_ACCOUNT`] asks for; nothing if it is done already.
pub async fn run_deletion(domain: &Domain, payload: serde_json::Value) -> Result<()> {
    let Payload { account } = serde_json::from_value(payload).map_err(anyhow::Error::from)?;
    match by_id(domain, account).await {
        // somebody let it in again, which a deletion does not survive
        Ok(account) if account.is_active => Ok(()),
        Ok(_) => complete(domain, account).await,
        Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn refuse(tx: &mut PlatformTx, account: &Account) -> Result<()> {
    if account.id == tenants::ANONYMOUS {
        return Err(Error::Refused(format!(
            "{} stands for visitors, it cannot be deleted",
            account.username
        )));
    }
    if account.is_active
        && account.is_superuser
        && !has_another_superuser(tx.conn(), &[account.id]).await?
    {
        return Err(Error::refused(
            "This is the last superuser, it cannot be deleted!",
        ));
    }
    let owned: Vec<String> = sql::query_scalar(
        "SELECT schema_name
         FROM platform.tenant
         WHERE owner_id = $1 AND state NOT IN ('deleting', 'deleted')
         ORDER BY schema_name",
    )
    .bind(account.id)
    .fetch_all(tx.conn())
    .await?;
    if owned.is_empty() {
        return Ok(());
    }
    Err(Error::Conflict(format!(
        "{} owns {}; give them another owner or delete them first",
        account.username,
        owned.join(", ")
    )))
}

/// Takes the account out of the tenants and then away. A tenant that it enters meanwhile is met in
/// the next round.
async fn complete(domain: &Domain, id: Id) -> Result<()> {
    let mut done: Vec<String> = vec![];
    while let Some(snapshot) = projection::read(domain, id).await? {
        let left: Vec<Place> = snapshot
            .places
            .into_iter()
            .filter(|place| !done.contains(&place.schema))
            .collect();
        if left.is_empty() {
            break;
        }
        take_everywhere(domain, id, &left).await?;
        done.extend(left.into_iter().map(|place| place.schema));
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    // only of tenants that are gone
    sql::query("UPDATE platform.tenant SET owner_id = NULL WHERE owner_id = $1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    sql::query("DELETE FROM platform.account WHERE id = $1")
        .bind(id)
        .execute(tx.conn())
        .await?;
    tx.invalidate(caches::ACCOUNT, id.to_string());
    tx.commit().await?;
    Ok(())
}

/// Deletes the `member` rows of an account in these tenants, with everything that refers to them.
pub(super) async fn take_everywhere(domain: &Domain, id: Id, places: &[Place]) -> Result<()> {
    for place in places {
        let Some(mut ctx) = enter(domain, &place.schema).await? else {
            continue;
        };
        deletion::delete::<Member>(&mut ctx, &[id]).await?;
        let key = caches::rights_key(ctx.tenant().id, id);
        ctx.tx().invalidate(caches::RIGHTS, key);
        ctx.commit().await?;
    }
    Ok(())
}

/// A transaction in a tenant; `None` if it is gone.
async fn enter(domain: &Domain, schema: &str) -> Result<Option<Ctx>> {
    let Some(tenant) = domain.tenancy().by_name(schema).await? else {
        return Ok(None);
    };
    let request = Request::inside(domain, &tenant, Caller::Anonymous, "delete-account");
    Ok(Some(request.begin_maintenance().await?))
}
