//! The two groups that every tenant has, and their permissions.

use std::collections::HashSet;
use std::sync::Arc;

use entity::sql;
use sqlx::PgConnection;
use tenancy::{State, Tenant};

use crate::{Domain, Result, caches, permissions};

/// May do everything that can be granted in its tenant.
pub const ADMINISTRATOR: &str = "Administrator";
/// May do everything that testing needs; new accounts join it.
pub const TESTER: &str = "Tester";

/// True for the two groups that cannot be renamed or deleted.
pub fn is_default(name: &str) -> bool {
    matches!(name, ADMINISTRATOR | TESTER)
}

/// Permissions that groups were given: group and permission.
pub type Additions = Vec<(String, String)>;

/// Makes the default groups of a tenant if they are missing and gives them the permissions that
/// they lack; takes none away. Returns what was added.
pub async fn ensure_defaults(domain: &Domain, tenant: &Arc<Tenant>) -> Result<Additions> {
    let mut tx = domain.tenancy().begin_maintenance(tenant).await?;
    let added = fill_defaults(tx.conn(), tenant.is_public()).await?;
    if !added.is_empty() {
        tx.invalidate(caches::RIGHTS, tenant.id.to_string());
    }
    tx.commit().await?;
    Ok(added)
}

/// The same for all tenants, the public one first. Returns the schema of each with what was added;
/// tenants that are being made or removed, and those whose migration failed, are left out.
pub async fn ensure_defaults_everywhere(domain: &Domain) -> Result<Vec<(String, Additions)>> {
    let mut tenants = domain.tenancy().list().await?;
    let status = domain.tenancy().migration_status().await?;
    let behind: HashSet<&str> = status
        .behind
        .iter()
        .map(|one| one.tenant.as_str())
        .collect();
    tenants.retain(|record| {
        matches!(record.tenant.state, State::Active | State::Suspended)
            && !behind.contains(record.tenant.schema.as_str())
    });
    tenants.sort_by_key(|record| (!record.tenant.is_public(), record.tenant.id));
    let mut done = vec![];
    for record in tenants {
        let added = ensure_defaults(domain, &record.tenant).await?;
        done.push((record.tenant.schema.clone(), added));
    }
    Ok(done)
}

/// The same inside an open transaction.
pub(crate) async fn fill_defaults(conn: &mut PgConnection, public: bool) -> Result<Additions> {
    let mut added = vec![];
    let sets = [
        (ADMINISTRATOR, permissions::administrator(public)),
        (TESTER, permissions::tester()),
    ];
    for (name, names) in sets {
        let new: Vec<String> = sql::query_scalar(
            "WITH made AS (
                 INSERT INTO user_group (name)
                 SELECT $1
                 WHERE NOT EXISTS (SELECT FROM user_group WHERE name = $1)
                 RETURNING id
             ), wanted AS (
                 SELECT id FROM made
                 UNION
                 SELECT id FROM user_group WHERE name = $1
             )
             INSERT INTO group_permission (group_id, permission)
             SELECT wanted.id, unnest($2::text[])
             FROM wanted
             ON CONFLICT DO NOTHING
             RETURNING permission",
        )
        .bind(name)
        .bind(names)
        .fetch_all(&mut *conn)
        .await?;
        added.extend(
            new.into_iter()
                .map(|permission| (name.to_owned(), permission)),
        );
    }
    Ok(added)
}
