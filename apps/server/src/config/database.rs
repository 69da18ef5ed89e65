//! The settings of the database, put together.

use std::collections::BTreeMap;

use tenancy::{Database, Direct};

use super::catalogue::database as setting;
use super::layers::Values;
use super::not_valid;

/// Which database the settings name; the private one when they name none.
pub(super) fn read(
    values: &Values,
    environment: &BTreeMap<String, String>,
    remarks: &mut Vec<String>,
) -> Result<Database, String> {
    let single = [
        &setting::HOST,
        &setting::PORT,
        &setting::NAME,
        &setting::USER,
        &setting::PASSWORD,
    ];
    let some_given = single
        .into_iter()
        .any(|setting| values.text(setting).is_some());
    if let Some(url) = values.text(&setting::URL) {
        if some_given {
            remarks.push("db.url is set, so the single database values are ignored".to_owned());
        }
        return if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Database::Url(url))
        } else {
            Err("db.url: expected an address that begins with postgres://".to_owned())
        };
    }
    if !some_given {
        return Ok(Database::Private);
    }
    let port = match values.text(&setting::PORT) {
        Some(text) => text.parse().map_err(|_| not_valid(&setting::PORT))?,
        None => 5432,
    };
    if let Some(engine) = environment
        .get("KIWI_DB_ENGINE")
        .filter(|e| !e.contains("postgres"))
    {
        if port == 3306 {
            return Err(format!(
                "KIWI_DB_ENGINE is {engine} and the port is 3306: only PostgreSQL is supported"
            ));
        }
        remarks.push(format!(
            "KIWI_DB_ENGINE {engine} is ignored: only PostgreSQL is supported"
        ));
    }
    let or = |setting, default: &str| values.text(setting).unwrap_or_else(|| default.to_owned());
    Ok(Database::Parts {
        host: or(&setting::HOST, "/var/run/postgresql"),
        port,
        name: or(&setting::NAME, "kiwi"),
        user: or(&setting::USER, "kiwi"),
        password: values.text(&setting::PASSWORD),
    })
}

/// The way past a pooler, if there is one.
pub(super) fn direct(values: &Values, database: &Database) -> Result<Option<Direct>, String> {
    let Some(host) = values.text(&setting::DIRECT_HOST) else {
        return Ok(None);
    };
    if matches!(database, Database::Private) {
        return Err(
            "db.direct_host is set, but no pooler: set db.host to the pooler's host".to_owned(),
        );
    }
    let port = values.number(&setting::DIRECT_PORT);
    let port = u16::try_from(port).map_err(|_| not_valid(&setting::DIRECT_PORT))?;
    Ok(Some(Direct { host, port }))
}
