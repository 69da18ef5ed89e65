//! What an operator can set about databases and tenants.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::{Error, Metrics, Result, host};

/// Which database holds the platform and, in a small installation, all tenants.
#[derive(Clone)]
pub enum Database {
    /// A server of our own in the data directory, started and stopped with the program.
    Private,
    /// `postgres://user:password@host:port/name?…`
    Url(String),
    /// The same in parts.
    Parts {
        /// Host name, address, or directory of a Unix socket.
        host: String,
        /// Port.
        port: u16,
        /// Name of the database.
        name: String,
        /// Role.
        user: String,
        /// Its password.
        password: Option<String>,
    },
}

/// Never shows a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Private => f.write_str("Private"),
            Self::Url(_) => f.write_str("Url(***)"),
            Self::Parts {
                host, port, name, ..
            } => write!(f, "Parts({host}:{port}/{name})"),
        }
    }
}

/// Where a database is reached past its pooler, by the same user.
#[derive(Debug, Clone)]
pub struct Direct {
    /// Host name, address, or directory of a Unix socket.
    pub host: String,
    /// Port.
    pub port: u16,
}

/// A further database that holds tenants.
#[derive(Debug, Clone)]
pub struct CellConfig {
    /// Name in the tenants' records.
    pub name: String,
    /// Where it is.
    pub database: Database,
    /// The way past its pooler, if it has one.
    pub direct: Option<Direct>,
}

/// Everything that [`crate::Tenancy::open`] needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Directory that holds the private database.
    pub data_dir: PathBuf,
    /// The database of the platform; as a cell it is called `main`.
    pub database: Database,
    /// The way past its pooler, if it has one, for events, migrations and whatever takes long.
    pub direct: Option<Direct>,
    /// Further databases.
    pub cells: Vec<CellConfig>,
    /// Parent of the tenants' host names; without it there is one tenant for every host.
    pub tenants_domain: Option<String>,
    /// Port in links, if it is not 443.
    pub public_port: Option<u16>,
    /// Most connections to one database, besides one for events.
    pub max_connections: u32,
    /// False behind a pooler that cannot keep prepared statements.
    pub prepared: bool,
    /// Where `initdb`, `pg_ctl` and `postgres` are, if the usual places are wrong.
    pub postgres_bin: Option<PathBuf>,
    /// False only for tests: the private database then forgets in a crash, and is faster.
    pub durable: bool,
    /// Longest wait for a free connection.
    pub acquire_timeout: Duration,
    /// Connections that nobody needed for this long are closed.
    pub idle_timeout: Duration,
    /// Connections are closed at about this age, because they remember every table they saw.
    pub max_lifetime: Duration,
    /// Longest time of one statement of a request.
    pub statement_timeout: Duration,
    /// Whether statements are logged, without values, at the level debug.
    pub log_statements: bool,
    /// Names that no tenant may have, besides the built-in ones.
    pub reserved_names: Vec<String>,
    /// Days for which names and domains of a deleted tenant cannot be taken.
    pub quarantine_days: u32,
    /// Where it is counted what happens.
    pub metrics: Metrics,
}

impl Config {
    /// A private database in this directory and the usual values.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            database: Database::Private,
            direct: None,
            cells: Vec::new(),
            tenants_domain: None,
            public_port: None,
            max_connections: 16,
            prepared: true,
            postgres_bin: None,
            durable: true,
            acquire_timeout: Duration::from_secs(2),
            idle_timeout: Duration::from_mins(5),
            max_lifetime: Duration::from_mins(10),
            statement_timeout: Duration::from_secs(30),
            log_statements: false,
            reserved_names: Vec::new(),
            quarantine_days: 180,
            metrics: Metrics::default(),
        }
    }

    pub(crate) fn mode(&self) -> Result<Mode> {
        match &self.tenants_domain {
            None => Ok(Mode::Single),
            Some(domain) if domain.trim().is_empty() => Err(Error::Config(
                "KIWI_TENANTS_DOMAIN environment variable is not set!".to_owned(),
            )),
            Some(domain) => {
                let domain = host::normalise_domain(domain).ok_or_else(|| {
                    Error::Config(format!("KIWI_TENANTS_DOMAIN: {domain} is not a host name"))
                })?;
                Ok(Mode::Multi { domain })
            }
        }
    }
}

/// Whether there is more than one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Every host name is the public tenant.
    Single,
    /// The host name decides.
    Multi {
        /// Parent of the tenants' host names.
        domain: String,
    },
}

impl Mode {
    /// The domain of a tenant that has none of its own.
    pub(crate) fn default_domain(&self, schema: &str) -> String {
        match self {
            Self::Single => "localhost".to_owned(),
            Self::Multi { domain } => format!("{schema}.{domain}"),
        }
    }
}
