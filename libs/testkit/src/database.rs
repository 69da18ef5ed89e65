//! A database of one test.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::PgConnection;
use tenancy::Config;

use crate::cluster::{Cluster, execute};
use crate::template::DOMAIN;

/// What the lines of the cluster's log begin with.
const LINE_PREFIX: &str = "%m [%p] db=%d ";

/// How many rows a table has.
const COUNT: &str = "
    CREATE OR REPLACE FUNCTION pg_temp.rows_of(named regclass) RETURNS bigint
    LANGUAGE plpgsql AS $$
    DECLARE found bigint;
    BEGIN
        EXECUTE format('SELECT count(*) FROM %s', named) INTO found;
        RETURN found;
    END $$";

/// Lines about what migrations make; what PostgreSQL makes itself has lower numbers.
const STRUCTURE: &str = "
    WITH ours AS (
        SELECT oid, relkind
        FROM pg_class
        WHERE relnamespace = 'public'::regnamespace OR relnamespace >= 16384
    )
    SELECT concat_ws(' ', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod),
                     a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid)) AS line
    FROM ours c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relkind IN ('r', 'p', 'v')
    UNION ALL
    SELECT pg_get_indexdef(oid)
    FROM ours
    WHERE relkind IN ('i', 'I')
    UNION ALL
    SELECT concat_ws(' ', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k
    JOIN ours c ON c.oid = k.conrelid
    UNION ALL
    SELECT concat(c.oid::regclass, ': ', pg_temp.rows_of(c.oid), ' rows')
    FROM ours c
    WHERE c.relkind = 'r'
    UNION ALL
    SELECT concat_ws(' ', stream, version, checksum)
    FROM platform.schema_step
    UNION ALL
    SELECT concat_ws(' ', schema_name, state, schema_version)
    FROM platform.tenant
    ORDER BY line";

/// A database in the cluster of all tests, removed when the value is dropped; as [`Config`], the
/// settings of an installation with several tenants on it.
pub struct TestDatabase {
    name: String,
    config: Config,
    cluster: Arc<Cluster>,
    log: Mutex<LogReader>,
}

impl TestDatabase {
    /// Without any table.
    pub async fn empty() -> Self {
        Self::copy(Cluster::join().await, "template0").await
    }

    /// With what another database holds.
    pub(crate) async fn copy(cluster: Arc<Cluster>, template: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        cluster.create_database(&name, template).await;
        let config = Config {
            database: cluster.database(&name),
            tenants_domain: Some(DOMAIN.to_owned()),
            ..Config::new(cluster.folder())
        };
        Self {
            name,
            config,
            cluster,
            log: Mutex::default(),
        }
    }

    /// A connection past the product, as the superuser.
    pub async fn connect(&self) -> PgConnection {
        self.cluster.connect(&self.name).await
    }

    /// Runs SQL past the product.
    pub async fn sql(&self, sql: impl Into<String>) {
        let mut conn = self.connect().await;
        execute(&mut conn, sql.into()).await.expect("the SQL runs");
    }

    /// What migrations have made, in lines that can be compared: columns, indexes, conditions, the
    /// steps that were noted, and how many rows each table has.
    pub async fn structure(&self) -> Vec<String> {
        let mut conn = self.connect().await;
        sqlx::raw_sql(COUNT)
            .execute(&mut conn)
            .await
            .expect("the function is made");
        sqlx::query_scalar(STRUCTURE)
            .fetch_all(&mut conn)
            .await
            .expect("the catalog can be read")
    }

    /// From now on connections write their statements into the log of the cluster, with the name of
    /// the database before them.
    pub(crate) async fn log_statements(&self) {
        let mut conn = self.connect().await;
        for _ in 0..100 {
            let prefix: String = sqlx::query_scalar("SHOW log_line_prefix")
                .fetch_one(&mut conn)
                .await
                .expect("a setting");
            if prefix == LINE_PREFIX {
                break;
            }
            self.sql(format!(
                "ALTER SYSTEM SET log_line_prefix = '{LINE_PREFIX}'"
            ))
            .await;
            self.sql("SELECT pg_reload_conf()").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let sql = format!("ALTER DATABASE {} SET log_statement = 'all'", self.name);
        self.sql(sql).await;
    }

    /// How many statements are in the log.
    pub(crate) fn statements(&self) -> usize {
        let mut read = self.log.lock().expect("nobody panicked with it");
        read.go_on(&self.cluster.folder().join("postgres/log"), &self.name);
        read.statements
    }

    /// Ends all connections and takes no new ones, as when it is away.
    pub(crate) async fn cut(&self) {
        self.allow_connections(false).await;
        let mut conn = self.cluster.connect("postgres").await;
        sqlx::query(
            "SELECT pg_terminate_backend(pid)
             FROM pg_stat_activity
             WHERE datname = $1",
        )
        .bind(&self.name)
        .execute(&mut conn)
        .await
        .expect("connections end");
    }

    /// Answers again after [`Self::cut`].
    pub(crate) async fn restore(&self) {
        self.allow_connections(true).await;
    }

    async fn allow_connections(&self, allowed: bool) {
        let mut conn = self.cluster.connect("postgres").await;
        let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS {allowed}", self.name);
        execute(&mut conn, sql)
            .await
            .expect("the database is altered");
    }
}

impl Deref for TestDatabase {
    type Target = Config;

    fn deref(&self) -> &Config {
        &self.config
    }
}

impl DerefMut for TestDatabase {
    fn deref_mut(&mut self) -> &mut Config {
        &mut self.config
    }
}

/// A test that is killed leaves its database to a later run.
impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (name, cluster) = (self.name.clone(), Arc::clone(&self.cluster));
        // the test's runtime is busy being dropped, so this needs one of its own
        let removal = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                let mut conn = cluster.connect("postgres").await;
                let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let _ = execute(&mut conn, sql).await;
            });
        });
        let _ = removal.join();
    }
}

/// Reads the log of the cluster, which tests share and which grows long, once.
#[derive(Default)]
struct LogReader {
    /// Bytes that are read.
    position: u64,
    /// Statements in them.
    statements: usize,
}

impl LogReader {
    fn go_on(&mut self, log: &Path, database: &str) {
        let mut log = File::open(log).expect("the database writes a log");
        log.seek(SeekFrom::Start(self.position)).expect("a file");
        let mut new = Vec::new();
        log.read_to_end(&mut new).expect("the log is read");
        // a statement is in the log before it is executed; others may be writing a line just now
        let end = new.iter().rposition(|byte| *byte == b'\n');
        new.truncate(end.map_or(0, |end| end + 1));
        self.position += new.len() as u64;
        let marks = ["statement: ", "execute "].map(|kind| format!("db={database} LOG:  {kind}"));
        self.statements += String::from_utf8_lossy(&new)
            .lines()
            .filter(|line| marks.iter().any(|mark| line.contains(mark)))
            .count();
    }
}
