//! How a connection to a database is opened.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tracing::log::LevelFilter;

use crate::pool::Addresses;
use crate::{Config, Database, Direct, Error, Result, private_cluster};

/// Statements whose plans are kept per connection.
const STATEMENT_CACHE: usize = 400;

/// A transaction in which nothing happens for this long is given up.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(30);

/// Options for a database that is not ours to start: those of the pool, and those for what does
/// not go through a pooler.
pub(crate) fn external(
    setting: &str,
    database: &Database,
    direct: Option<&Direct>,
    config: &Config,
) -> Result<Addresses> {
    let address = address(setting, database)?;
    let Some(Direct { host, port }) = direct else {
        let pooled = common(address, config, !config.prepared);
        return Ok(Addresses {
            direct: pooled.clone(),
            pooled,
        });
    };
    if address.get_socket().is_some() {
        return Err(Error::Config(format!(
            "{setting}: the address names a socket, so there is no other way past it: write host, \
             name and user one by one"
        )));
    }
    Ok(Addresses {
        direct: common(address.clone().host(host).port(*port), config, false),
        pooled: common(address, config, true),
    })
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
    common(options, config, false)
}

/// `behind_pooler` leaves away what a pooler refuses when a connection is opened; each transaction
/// brings it then.
fn common(options: PgConnectOptions, config: &Config, behind_pooler: bool) -> PgConnectOptions {
    let options = options
        .application_name("kiwi")
        .statement_cache_capacity(if config.prepared { STATEMENT_CACHE } else { 0 })
        .log_statements(if config.log_statements {
            LevelFilter::Debug
        } else {
            LevelFilter::Off
        })
        .log_slow_statements(LevelFilter::Warn, Duration::from_secs(2));
    if behind_pooler {
        return options.extra_float_digits(None);
    }
    options.options([
        ("search_path", String::new()),
        ("jit", "off".to_owned()),
        (
            "statement_timeout",
            config.statement_timeout.as_millis().to_string(),
        ),
        (
            "idle_in_transaction_session_timeout",
            IDLE_IN_TRANSACTION.as_millis().to_string(),
        ),
    ])
}

/// What a connection was not told when it was opened, for the opening of each transaction.
pub(crate) fn limits(config: &Config) -> String {
    let poolers = config.cells.iter().map(|cell| &cell.direct);
    let has_pooler = poolers.chain([&config.direct]).any(Option::is_some);
    if config.prepared && !has_pooler {
        return String::new();
    }
    format!(
        "; SET LOCAL statement_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = {}; \
         SET LOCAL jit = off",
        config.statement_timeout.as_millis(),
        IDLE_IN_TRANSACTION.as_millis(),
    )
}
