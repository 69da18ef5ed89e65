//! The PostgreSQL of all tests on this machine: a private cluster without durability, shared by
//! the test programs that run at the same time and stopped by the last one.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::{Arc, Weak};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _};
use tenancy::{Config, Database, Tenancy};
use tokio::sync::Mutex;

/// The cluster while somebody uses it.
static CLUSTER: Mutex<Weak<Cluster>> = Mutex::const_new(Weak::new());

/// Keeps the cluster running.
pub(crate) struct Cluster {
    folder: PathBuf,
    _user: Tenancy,
}

impl Cluster {
    /// Starts the cluster, or joins the one that runs.
    pub(crate) async fn join() -> Arc<Self> {
        let mut shared = CLUSTER.lock().await;
        if let Some(cluster) = shared.upgrade() {
            return cluster;
        }
        let owner = std::fs::metadata("/proc/self").map_or(0, |metadata| metadata.uid());
        let folder = std::env::temp_dir().join(format!("kiwi-testkit-{owner}"));
        std::fs::create_dir_all(&folder).expect("a folder below the temporary one");
        let mut config = Config::new(&folder);
        config.durable = false;
        let user = Tenancy::open(config)
            .await
            .expect("the cluster of the tests starts");
        let cluster = Arc::new(Self {
            folder,
            _user: user,
        });
        *shared = Arc::downgrade(&cluster);
        cluster.remove_abandoned().await;
        cluster
    }

    /// Makes a database from another one, in place of a leftover of this name.
    pub(crate) async fn create_database(&self, name: &str, template: &str) {
        let mut conn = self.connect("postgres").await;
        execute(
            &mut conn,
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await
        .expect("no leftover");
        // copying files beats logging every page on a cluster that need not survive a crash
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY");
        execute(&mut conn, sql).await.expect("the database is made");
    }

    /// Names of the databases.
    pub(crate) async fn databases(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT datname::text FROM pg_database")
            .fetch_all(&mut self.connect("postgres").await)
            .await
            .expect("the catalog can be read")
    }

    /// Removes the databases that a choice names; one that cannot be removed now is removed later.
    pub(crate) async fn remove_databases(&self, chosen: impl Fn(&str) -> bool) {
        let mut conn = self.connect("postgres").await;
        for name in self.databases().await.iter().filter(|name| chosen(name)) {
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            let _ = execute(&mut conn, sql).await;
        }
    }

    /// Removes databases whose tests were killed.
    async fn remove_abandoned(&self) {
        self.remove_databases(|name| {
            name.strip_prefix("test_")
                .and_then(|rest| rest.split('_').next())
                .is_some_and(|pid| !Path::new("/proc").join(pid).exists())
        })
        .await;
    }

    /// The address of a database, for the settings of a server.
    pub(crate) fn database(&self, name: &str) -> Database {
        Database::Url(format!(
            "postgres://kiwi@localhost/{name}?host={}",
            self.folder.join("postgres/socket").display()
        ))
    }

    /// A connection to a database, as the superuser.
    pub(crate) async fn connect(&self, name: &str) -> PgConnection {
        let Database::Url(url) = self.database(name) else {
            unreachable!("an address")
        };
        let options = PgConnectOptions::from_str(&url).expect("an address");
        options
            .disable_statement_logging()
            .connect()
            .await
            .expect("the cluster answers")
    }

    /// Where locks between test programs lie.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Runs a command whose names are our own.
pub(crate) async fn execute(conn: &mut PgConnection, sql: String) -> sqlx::Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}
