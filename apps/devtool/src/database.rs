//! The database settings of `kiwi`, for commands that open the same database.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use tenancy::{Config, Database, Tenancy};

/// Where the database is; the variables are those of `kiwi`.
#[derive(clap::Args)]
#[group(id = "database")]
pub(crate) struct Arguments {
    /// Directory of the private database; default /Kiwi when it exists, else ./var.
    #[arg(long, env = "KIWI_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Programs of PostgreSQL for the private database.
    #[arg(long, env = "KIWI_PG_BIN", hide = true)]
    pg_bin: Option<PathBuf>,
    /// An own database instead of the private one.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[arg(long, env = "KIWI_DB_HOST", hide = true)]
    db_host: Option<String>,
    #[arg(long, env = "KIWI_DB_PORT", hide = true, default_value_t = 5432)]
    db_port: u16,
    #[arg(long, env = "KIWI_DB_NAME", hide = true, default_value = "kiwi")]
    db_name: String,
    #[arg(long, env = "KIWI_DB_USER", hide = true, default_value = "kiwi")]
    db_user: String,
    #[arg(long, env = "KIWI_DB_PASSWORD", hide = true, hide_env_values = true)]
    db_password: Option<String>,
    #[arg(long, env = "KIWI_TENANTS_DOMAIN", hide = true)]
    tenants_domain: Option<String>,
}

impl Arguments {
    /// Opens the database; a private one is started, or joined when it runs.
    pub(crate) async fn open(self) -> anyhow::Result<Tenancy> {
        let data_dir = self.data_dir.unwrap_or_else(|| {
            let image = Path::new("/Kiwi");
            if image.is_dir() {
                image.to_path_buf()
            } else {
                PathBuf::from("var")
            }
        });
        let mut config = Config::new(data_dir);
        config.postgres_bin = self.pg_bin;
        config.tenants_domain = self.tenants_domain;
        config.database = match (self.database_url, self.db_host) {
            (Some(url), _) => Database::Url(url),
            (None, Some(host)) => Database::Parts {
                host,
                port: self.db_port,
                name: self.db_name,
                user: self.db_user,
                password: self.db_password,
            },
            (None, None) => Database::Private,
        };
        Tenancy::open(config)
            .await
            .context("cannot open the database")
    }
}
