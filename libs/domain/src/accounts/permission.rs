//! Permissions given to an account directly; they count in every tenant that it may enter.

use entity::{Id, sql};

use crate::{Domain, Error, Result, caches, permissions};

/// Gives permissions to an account; what it has already stays.
pub async fn grant(domain: &Domain, id: Id, names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !permissions::exists(name)) {
        return Err(Error::refused(format!("unknown permission {unknown}")));
    }
    let mut tx = domain.tenancy().begin_platform().await?;
    super::account::lock(tx.conn(), id).await?;
    sql::query(
        "INSERT INTO platform.account_permission (account_id, permission)
         SELECT $1, unnest($2::text[])
         ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(names)
    .execute(tx.conn())
    .await?;
    tx.invalidate(caches::ACCOUNT, id.to_string());
    tx.commit().await?;
    Ok(())
}

/// Takes permissions from an account.
pub async fn revoke(domain: &Domain, id: Id, names: &[String]) -> Result<()> {
    let mut tx = domain.tenancy().begin_platform().await?;
    sql::query(
        "DELETE FROM platform.account_permission
         WHERE account_id = $1
           AND permission = ANY($2)",
    )
    .bind(id)
    .bind(names)
    .execute(tx.conn())
    .await?;
    tx.invalidate(caches::ACCOUNT, id.to_string());
    tx.commit().await?;
    Ok(())
}

/// The permissions given to an account directly, by name.
pub async fn permissions(domain: &Domain, id: Id) -> Result<Vec<String>> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let names = sql::query_scalar(
        "SELECT permission
         FROM platform.account_permission
         WHERE account_id = $1
         ORDER BY permission",
    )
    .bind(id)
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(names)
}
