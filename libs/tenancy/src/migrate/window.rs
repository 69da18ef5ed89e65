//! Which tables of a newer release this one can serve.
//!
//! Steps only add, so that the release before goes on working. What a release does not need any
//! more is taken away one release later, by a step whose name says so: the number is followed by
//! `contract`. A database that has seen such a step is outside of the window.

use entity::sql;
use sqlx::PgConnection;

use crate::steps::Stream;
use crate::{Error, Result, error};

/// The first word of steps that take something away.
pub(crate) const CONTRACT: &str = "contract";

/// A step that was applied and that this program does not hold.
#[derive(Debug)]
pub(super) struct Newer {
    stream: String,
    version: i32,
    name: String,
}

impl Newer {
    /// As `platform/0008_name`.
    pub(super) fn full_name(&self) -> String {
        format!("{}/{}", self.stream, self.name)
    }
}

/// True if a step with this name takes something away.
pub(crate) fn is_contract(name: &str) -> bool {
    name.split('_').nth(1) == Some(CONTRACT)
}

/// The steps of newer releases, in their order.
pub(super) async fn newer(connection: &mut PgConnection) -> Result<Vec<Newer>> {
    let streams = [Stream::Platform, Stream::Cell, Stream::Tenant];
    let rows = sql::query_as(
        "SELECT s.stream, s.version, s.name \
         FROM platform.schema_step s \
         JOIN unnest($1::text[], $2::int[]) AS known (stream, newest) USING (stream) \
         WHERE s.version > known.newest \
         ORDER BY s.stream, s.version",
    )
    .bind(streams.map(Stream::name).as_slice())
    .bind(streams.map(Stream::newest).as_slice())
    .persistent(false)
    .fetch_all(connection)
    .await;
    let rows: Vec<(String, i32, String)> = match rows {
        Ok(rows) => rows,
        Err(error) if error::is_missing(&error) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let newer = |(stream, version, name)| Newer {
        stream,
        version,
        name,
    };
    Ok(rows.into_iter().map(newer).collect())
}

/// Refuses a database from which a newer release has taken something away.
pub(crate) async fn refuse_contracted(connection: &mut PgConnection) -> Result<()> {
    let newer = newer(connection).await?;
    match newer.iter().find(|step| is_contract(&step.name)) {
        None => Ok(()),
        Some(step) => Err(Error::Refused(format!(
            "the database is too new: {} has taken away what this release needs; start the release \
             that applied it, or a newer one",
            step.full_name()
        ))),
    }
}

/// The newest version of tenants' tables that can be served: the newest step of this program, and
/// those of newer releases that follow it and only add.
pub(crate) async fn newest_served(connection: &mut PgConnection) -> Result<i32> {
    let mut newest = Stream::Tenant.newest();
    for step in newer(connection).await? {
        if step.stream == Stream::Tenant.name()
            && step.version == newest + 1
            && !is_contract(&step.name)
        {
            newest = step.version;
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::is_contract;

    #[test]
    fn steps_that_take_something_away_say_so() {
        assert!(is_contract("0009_contract_bugs"));
        assert!(is_contract("0009_contract"));
        assert!(!is_contract("0009_bugs_contract"));
        assert!(!is_contract("next"));
    }
}
