//! The cluster of this test program. A shell that waits for our end stops it, however we end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, PgConnection};
use tenancy::{Config, Database, MigrateOptions, NewTenant, Tenancy, Tenant};

/// Host names of the tests are below this one.
pub(crate) const DOMAIN: &str = "tenants.example.org";

/// Makes an empty directory that is removed when this program ends, whatever runs in it.
pub(crate) fn temporary_directory(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("kiwi-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let script = "cat > /dev/null; pid=$(head -1 \"$0/postgres/data/postmaster.pid\") && \
                  kill -QUIT $pid; \
                  while kill -0 $pid; do sleep 0.1; done; rm -rf \"$0\"";
    let watcher = Command::new("sh")
        .args(["-c", script])
        .arg(&directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // its standard input closes when we end
    std::mem::forget(watcher);
    directory
}

static CLUSTER: LazyLock<PathBuf> = LazyLock::new(|| {
    let directory = temporary_directory("tenancy");
    let config = Config {
        durable: false,
        ..Config::new(&directory)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let tenancy = runtime.block_on(Tenancy::open(config)).unwrap();
    // it uses the cluster for as long as the tests run
    std::mem::forget((runtime, tenancy));
    directory
});

/// Settings for a new, empty database.
pub(crate) async fn empty_database() -> Config {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let directory = tokio::task::spawn_blocking(|| CLUSTER.clone())
        .await
        .unwrap();
    let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut config = Config::new(&directory);
    config.tenants_domain = Some(DOMAIN.to_owned());
    config.database = database(&directory, "postgres");
    let mut connection = connect(&config).await;
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::raw_sql(create)
        .execute(&mut connection)
        .await
        .unwrap();
    config.database = database(&directory, &name);
    config
}

fn database(directory: &Path, name: &str) -> Database {
    Database::Parts {
        host: directory
            .join("postgres/socket")
            .to_str()
            .unwrap()
            .to_owned(),
        port: 5432,
        name: name.to_owned(),
        user: "kiwi".to_owned(),
        password: None,
    }
}

/// A connection past the crate.
pub(crate) async fn connect(config: &Config) -> PgConnection {
    let Database::Parts {
        host,
        port,
        name,
        user,
        ..
    } = &config.database
    else {
        unreachable!()
    };
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .host(host)
        .port(*port)
        .database(name)
        .username(user);
    PgConnection::connect_with(&options).await.unwrap()
}

/// Runs SQL past the crate.
pub(crate) async fn sql(config: &Config, sql: impl Into<String>) {
    let mut connection = connect(config).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.into()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// A migrated database in multi mode.
pub(crate) async fn migrated() -> (Tenancy, Config) {
    let config = empty_database().await;
    let tenancy = Tenancy::open(config.clone()).await.unwrap();
    let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
    assert!(report.is_complete(), "{:?}", report.failures);
    (tenancy, config)
}

/// An active tenant.
pub(crate) async fn tenant(tenancy: &Tenancy, schema: &str) -> std::sync::Arc<Tenant> {
    let new = NewTenant {
        schema: schema.to_owned(),
        name: schema.to_owned(),
        ..NewTenant::default()
    };
    let (tenant, tx) = tenancy.provision(new).await.unwrap();
    tx.commit().await.unwrap();
    tenancy.activate(&tenant).await.unwrap()
}
