//! The database that every test begins with.

use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::accounts::{self, NewAccount};
use domain::{Domain, Settings, tenants};
use tenancy::{Config, MigrateOptions, NewTenant, Tenancy};

use crate::cluster::{Cluster, execute};

/// The domain of the installation; a tenant's host is `<tenant>.<domain>`.
pub const DOMAIN: &str = "kiwi.test";
/// The tenant that exists in every installation.
pub const PUBLIC: &str = "public";
/// A tenant.
pub const ALPHA: &str = "alpha";
/// Another tenant.
pub const BETA: &str = "beta";
/// A superuser, owner of the tenants.
pub const ROOT: &str = "root-user";
/// A member of every tenant, in the group Tester.
pub const TESTER: &str = "tester-user";
/// A member of every tenant, in no group.
pub const STRANGER: &str = "stranger-user";
/// The password of all of them.
pub const PASSWORD: &str = "Correct-horse-26";

/// Name of the template for this build of the tests; made when it is missing.
pub(crate) async fn ensure(cluster: &Cluster) -> String {
    let (program, build) = fingerprints();
    let name = format!("template_{program}_{build}");
    let lock = File::create(cluster.folder().join("template.lock")).expect("a lock file");
    // another test program may be making it
    let lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock))
        .await
        .expect("locking does not panic")
        .expect("the lock file can be locked");
    if !cluster.databases().await.contains(&name) {
        let outdated = format!("template_{program}_");
        cluster
            .remove_databases(|name| name.starts_with(&outdated))
            .await;
        let unfinished = format!("{name}_new");
        cluster.create_database(&unfinished, "template0").await;
        fill(cluster, &unfinished).await;
        let sql = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
        execute(&mut cluster.connect("postgres").await, sql)
            .await
            .expect("the template gets its name");
    }
    drop(lock);
    name
}

/// The test program, and this build of it.
fn fingerprints() -> (String, String) {
    let path = std::env::current_exe().expect("a program has a path");
    let metadata = std::fs::metadata(&path).expect("the program is a file");
    // cargo puts a hash of its own behind the name
    let stem = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let name = stem
        .rsplit_once('-')
        .map_or(stem.as_str(), |(name, _)| name)
        .to_owned();
    let folder = path.parent().map(std::path::Path::to_path_buf);
    let digest = |value: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        value(&mut hasher);
        format!("{:012x}", hasher.finish() >> 16)
    };
    let program = digest(&|hasher| (&folder, &name).hash(hasher));
    let build = digest(&|hasher| {
        (&path, metadata.len(), metadata.modified().ok()).hash(hasher);
    });
    (program, build)
}

async fn fill(cluster: &Cluster, name: &str) {
    let mut config = Config::new(cluster.folder());
    config.database = cluster.database(name);
    config.tenants_domain = Some(DOMAIN.to_owned());
    let tenancy = Tenancy::open(config).await.expect("the template opens");
    tenancy
        .migrate(&MigrateOptions::default())
        .await
        .expect("the tables are made");
    let domain = Domain::new(tenancy.clone(), Settings::default());
    let root = NewAccount::superuser(ROOT, "root@example.com", Some(PASSWORD));
    let root = accounts::create(&domain, root)
        .await
        .expect("the superuser")
        .id;
    let tester = person(&domain, TESTER, &["Tester"]).await;
    let stranger = person(&domain, STRANGER, &[]).await;
    for schema in [ALPHA, BETA] {
        let new = NewTenant {
            schema: schema.to_owned(),
            ..NewTenant::default()
        };
        let tenant = tenants::create(&domain, root, new).await.expect("a tenant");
        for account in [tester, stranger] {
            tenants::add_member(&domain, &tenant, account)
                .await
                .expect("a member");
        }
        let mut tx = tenancy.begin(&tenant).await.expect("a transaction");
        sqlx::query("DELETE FROM group_member WHERE user_id = $1")
            .bind(stranger)
            .execute(tx.conn())
            .await
            .expect("no groups");
        tx.commit().await.expect("the end");
    }
    drop(domain);
    tenancy.close().await;
}

async fn person(domain: &Domain, username: &str, groups: &[&str]) -> entity::Id {
    let email = format!("{username}@example.com");
    let new = NewAccount {
        groups: groups.iter().map(|name| (*name).to_owned()).collect(),
        ..NewAccount::user(domain, username, &email, Some(PASSWORD))
    };
    accounts::create(domain, new).await.expect("an account").id
}
