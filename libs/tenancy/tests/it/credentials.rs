//! Other credentials for the database that is in use.

use tenancy::{Database, Error, Tenancy};

use crate::installation::migrated;

/// Who opened connections when so many transactions are open at the same time.
async fn users(tenancy: &Tenancy, count: usize) -> Vec<String> {
    let mut open = Vec::new();
    let mut users = Vec::new();
    for _ in 0..count {
        let mut tx = tenancy.begin_platform().await.unwrap();
        let user: String = sqlx::query_scalar("SELECT session_user::text")
            .fetch_one(tx.conn())
            .await
            .unwrap();
        users.push(user);
        open.push(tx);
    }
    users
}

#[tokio::test]
async fn ops_096_new_connections_have_the_new_credentials_and_old_ones_go_on() {
    let (tenancy, database) = migrated().await;
    let role = format!("rotated_{}", std::process::id());
    database
        .sql(format!(
            "DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN SUPERUSER"
        ))
        .await;
    let before = users(&tenancy, 1).await.pop().unwrap();
    let Database::Url(url) = database.database.clone() else {
        panic!("the kit gives an address")
    };
    let rotated = Database::Url(url.replace("//kiwi@", &format!("//{role}@")));
    tenancy.use_credentials(&rotated).unwrap();
    // those that are open already come first
    let after = users(&tenancy, 6).await;
    assert_eq!(after.first(), Some(&before));
    assert_eq!(after.last(), Some(&role));
    let elsewhere = Database::Url(url.replace("/test_", "/other_"));
    let refused = tenancy.use_credentials(&elsewhere).unwrap_err();
    assert!(matches!(refused, Error::Config(_)), "{refused}");
    tenancy.close().await;
    database
        .sql(format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
}
