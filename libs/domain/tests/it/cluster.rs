//! The cluster of this test program. A shell that waits for our end stops it, however we end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

use domain::accounts::{self, Account, NewAccount};
use domain::{Caller, Ctx, Domain, Request, Settings, group, session, tenants};
use sqlx::{Connection as _, PgConnection};
use tenancy::{Config, Database, MigrateOptions, NewTenant, Tenancy, Tenant};

/// Strong, and not similar to any name in the tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Makes an empty directory that is removed when this program ends, whatever runs in it.
fn temporary_directory(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("kiwi-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let script = "cat > /dev/null; kill -QUIT $(head -1 \"$0/postgres/data/postmaster.pid\") 2> /dev/null; \
                  sleep 1; rm -rf \"$0\"";
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
    let directory = temporary_directory("domain");
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

async fn empty_database() -> Config {
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let directory = tokio::task::spawn_blocking(|| CLUSTER.clone())
        .await
        .unwrap();
    let name = format!("test{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut config = Config::new(&directory);
    config.tenants_domain = Some("tenants.example.org".to_owned());
    config.database = database(&directory, "postgres");
    sql(&config, format!("CREATE DATABASE {name}")).await;
    config.database = database(&directory, &name);
    config
}

/// Runs SQL past everything.
pub(crate) async fn sql(config: &Config, sql: impl Into<String>) {
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
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.into()))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

/// A program on a database of its own.
pub(crate) struct World {
    pub(crate) domain: Domain,
    pub(crate) config: Config,
    pub(crate) public: Arc<Tenant>,
}

impl World {
    /// A migrated database in multi mode.
    pub(crate) async fn new() -> Self {
        let config = empty_database().await;
        let tenancy = Tenancy::open(config.clone()).await.unwrap();
        let report = tenancy.migrate(&MigrateOptions::default()).await.unwrap();
        assert!(report.is_complete(), "{:?}", report.failures);
        let public = tenancy.by_name("public").await.unwrap().unwrap();
        let domain = Domain::new(tenancy, Settings::default());
        group::ensure_defaults(&domain, &public).await.unwrap();
        Self {
            domain,
            config,
            public,
        }
    }

    /// Another program on the same database.
    pub(crate) async fn second(&self) -> Domain {
        let tenancy = Tenancy::open(self.config.clone()).await.unwrap();
        tenancy.ping().await.unwrap();
        let second = Domain::new(tenancy, Settings::default());
        // its listener has to be there before we rely on it
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        second
    }

    /// An ordinary account.
    pub(crate) async fn account(&self, name: &str) -> Account {
        let email = format!("{name}@example.org");
        let new = NewAccount::user(&self.domain, name, &email, Some(PASSWORD));
        accounts::create(&self.domain, new).await.unwrap()
    }

    /// An account that may do everything.
    pub(crate) async fn superuser(&self, name: &str) -> Account {
        let email = format!("{name}@example.org");
        let new = NewAccount::superuser(name, &email, Some(PASSWORD));
        accounts::create(&self.domain, new).await.unwrap()
    }

    /// A tenant with this owner.
    pub(crate) async fn tenant(&self, schema: &str, owner: &Account) -> Arc<Tenant> {
        let new = NewTenant {
            schema: schema.to_owned(),
            name: schema.to_owned(),
            ..NewTenant::default()
        };
        tenants::create(&self.domain, owner.id, new).await.unwrap()
    }

    /// Logs in, in the public tenant.
    pub(crate) async fn log_in(&self, name: &str) -> String {
        let logged_in =
            session::log_in(&self.domain, &self.public, None, name, PASSWORD, None).await;
        logged_in.unwrap().key
    }

    /// The columns of somebody's `member` row, as text; `None` without one.
    pub(crate) async fn member(&self, tenant: &Arc<Tenant>, account: &Account) -> Option<String> {
        let mut tx = self.domain.tenancy().begin(tenant).await.unwrap();
        sqlx::query_scalar(
            "SELECT concat_ws(' ', username, NULLIF(first_name, ''), NULLIF(last_name, ''), NULLIF(email, ''),
                              CASE WHEN is_active THEN 'active' END,
                              CASE WHEN is_authorised THEN 'authorised' END,
                              (SELECT string_agg(g.name, ',' ORDER BY g.name)
                               FROM group_member l JOIN user_group g ON g.id = l.group_id
                               WHERE l.user_id = member.id))
             FROM member WHERE id = $1",
        )
        .bind(account.id)
        .fetch_optional(tx.conn())
        .await
        .unwrap()
    }

    /// A context in a tenant, for rules that need one.
    pub(crate) async fn context(&self, tenant: &Arc<Tenant>, caller: Caller) -> Ctx {
        let request = Request {
            domain: self.domain.clone(),
            tenant: tenant.clone(),
            caller,
            session: None,
            session_change: None,
            client: None,
            request_id: "test".to_owned(),
            secure: true,
            host: tenant.primary_domain.clone(),
        };
        request.begin().await.unwrap()
    }
}
