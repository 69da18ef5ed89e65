//! Accounts with the password `bench-pass-123`, and their rows in the tenant.

use std::sync::Arc;

use entity::Id;
use sqlx::PgConnection;
use tenancy::{Tenancy, Tenant};

use super::Size;

const PASSWORD: &str = "bench-pass-123";

/// An account and its name.
pub(super) type Account = (Id, String);

/// Creates the accounts that are missing; they may enter the tenant.
pub(super) async fn create_accounts(
    tenancy: &Tenancy,
    tenant: &Arc<Tenant>,
    size: &Size,
) -> anyhow::Result<Vec<Account>> {
    // one hash for all: the password is the same, and hashing is slow on purpose
    let hash = domain::accounts::passwords::hash(PASSWORD).await?;
    let mut tx = tenancy.begin_platform().await?;
    sqlx::query(
        "INSERT INTO platform.account (username, password, email, first_name, last_name)
         SELECT format('%s-user-%s', $1::text, lpad(n::text, 2, '0')),
                $2,
                format('%s-user-%s@example.com', $1::text, lpad(n::text, 2, '0')),
                (ARRAY['Ada', 'Ben', 'Cleo', 'Dev', 'Eva', 'Finn', 'Gul'])[1 + n % 7],
                (ARRAY['Adler', 'Berg', 'Castro', 'Diaz', 'Evans'])[1 + n % 5]
         FROM generate_series(1, $3) n
         ON CONFLICT (username) DO NOTHING",
    )
    .bind(size.word)
    .bind(hash)
    .bind(size.users)
    .execute(tx.conn())
    .await?;
    let accounts: Vec<Account> = sqlx::query_as(
        "SELECT id, username
         FROM platform.account
         WHERE username ~ ('^' || $1 || '-user-[0-9]+$')
         ORDER BY username",
    )
    .bind(size.word)
    .fetch_all(tx.conn())
    .await?;
    if !tenant.is_public() {
        let ids: Vec<Id> = accounts.iter().map(|(id, _)| *id).collect();
        sqlx::query(
            "INSERT INTO platform.tenant_member (tenant_id, account_id)
             SELECT $1, unnest($2::integer[])
             ON CONFLICT DO NOTHING",
        )
        .bind(tenant.id.0)
        .bind(ids)
        .execute(tx.conn())
        .await?;
    }
    tx.commit().await?;
    Ok(accounts)
}

/// Makes the accounts members and testers of the tenant; returns their ids.
pub(super) async fn project(
    conn: &mut PgConnection,
    accounts: &[Account],
) -> sqlx::Result<Vec<Id>> {
    let (ids, names): (Vec<Id>, Vec<String>) = accounts.iter().cloned().unzip();
    sqlx::query(
        "INSERT INTO member (id, username, first_name, last_name, email)
         SELECT a.id,
                a.username,
                (ARRAY['Ada', 'Ben', 'Cleo', 'Dev', 'Eva', 'Finn', 'Gul'])[1 + a.n % 7],
                (ARRAY['Adler', 'Berg', 'Castro', 'Diaz', 'Evans'])[1 + a.n % 5],
                a.username || '@example.com'
         FROM unnest($1::integer[], $2::text[]) WITH ORDINALITY a (id, username, n)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(&ids)
    .bind(names)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "INSERT INTO group_member (group_id, user_id)
         SELECT g.id, m.id
         FROM user_group g
         CROSS JOIN unnest($1::integer[]) m (id)
         WHERE g.name = 'Tester'
         ON CONFLICT DO NOTHING",
    )
    .bind(&ids)
    .execute(conn)
    .await?;
    Ok(ids)
}
