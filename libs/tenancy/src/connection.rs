//! How a connection to a database is opened.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tracing::log::LevelFilter;

use crate::{Config, Database, Error, Result, private_cluster};

/// Statements whose plans are kept per connection.
const STATEMENT_CACHE: usize = 400;

/// Options for a database that is not ours to start.
pub(crate) fn external(
    setting: &str,
    database: &Database,
    config: &Config,
) -> Result<PgConnectOptions> {
    Ok(common(address(setting, database)?, config, config.prepared))
}

/// Options for the same database past its pooler; those for the pool if there is none.
pub(crate) fn direct(
    setting: &str,
    database: Option<&Database>,
    config: &Config,
    pooled: &PgConnectOptions,
) -> Result<PgConnectOptions> {
    match database {
        Some(database) => Ok(common(address(setting, database)?, config, true)),
        None => Ok(pooled.clone()),
    }
}

fn address(setting: &str, database: &Database) -> Result<PgConnectOptions> {
    let options = match database {
        Database::Private => return Err(Error::Config(format!("{setting}: no address given"))),
        Database::Url(url) => PgConnectOptions::from_str(url)
            .map_err(|error| Error::Config(format!("{setting}: {error}")))?,
        Database::Parts {
            host,
            port,
            name,
            user,
            password,
        } => {
            let options = PgConnectOptions::new_without_pgpass()
                .host(host)
                .port(*port)
                .database(name)
                .username(user);
            match password {
                Some(password) => options.password(password),
                None => options,
            }
        }
    };
    Ok(options)
}

/// Options for the private database behind this socket directory.
pub(crate) fn private(socket: &std::path::Path, config: &Config) -> PgConnectOptions {
    let options = PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(private_cluster::PORT)
        .database(private_cluster::DATABASE)
        .username(private_cluster::ROLE)
        .ssl_mode(PgSslMode::Disable);
    common(options, config, config.prepared)
}

fn common(options: PgConnectOptions, config: &Config, prepared: bool) -> PgConnectOptions {
    let options = options
        .application_name("kiwi")
        .statement_cache_capacity(if prepared { STATEMENT_CACHE } else { 0 })
        .log_statements(if config.log_statements {
            LevelFilter::Debug
        } else {
            LevelFilter::Off
        })
        .log_slow_statements(LevelFilter::Warn, Duration::from_secs(2));
    if !prepared {
        // a pooler refuses start-up settings; each transaction brings its own
        return options;
    }
    options.options([
        ("search_path", String::new()),
        ("jit", "off".to_owned()),
        (
            "statement_timeout",
            config.statement_timeout.as_millis().to_string(),
        ),
        ("idle_in_transaction_session_timeout", "30000".to_owned()),
    ])
}
