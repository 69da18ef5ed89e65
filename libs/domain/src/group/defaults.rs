//! The two groups that every tenant has, and their permissions.

use std::sync::Arc;

use sqlx::PgConnection;
use tenancy::Tenant;

use crate::{Domain, Result, caches, permissions};

/// May do everything that can be granted in its tenant.
pub const ADMINISTRATOR: &str = "Administrator";
/// May do everything that testing needs; new accounts join it.
pub const TESTER: &str = "Tester";

/// True for the two groups that cannot be renamed or deleted.
pub fn is_default(name: &str) -> bool {
    matches!(name, ADMINISTRATOR | TESTER)
}

/// Makes the default groups of a tenant if they are missing and gives them the permissions that
/// they lack; takes none away. Returns what was added: group and permission.
pub async fn ensure_defaults(
    domain: &Domain,
    tenant: &Arc<Tenant>,
) -> Result<Vec<(String, String)>> {
    let mut tx = domain.tenancy().begin_maintenance(tenant).await?;
    let added = fill_defaults(tx.conn(), tenant.is_public()).await?;
    if !added.is_empty() {
        tx.invalidate(caches::RIGHTS, tenant.id.to_string());
    }
    tx.commit().await?;
    Ok(added)
}

/// The same inside an open transaction.
pub(crate) async fn fill_defaults(
    conn: &mut PgConnection,
    public: bool,
) -> Result<Vec<(String, String)>> {
    let mut added = vec![];
    let sets = [
        (ADMINISTRATOR, permissions::administrator(public)),
        (TESTER, permissions::tester()),
    ];
    for (name, names) in sets {
        let new: Vec<String> = sqlx::query_scalar(
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
