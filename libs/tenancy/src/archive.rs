//! All rows of a tenant or of the platform, out of the database and back into it.
//!
//! Rows travel as JSON objects, one on each line, whatever their number in constant memory. What
//! is read is as it was at one moment and hinders nobody; what is written is there as a whole at
//! the end, or not at all.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bytes::Bytes;
use entity::sql;
use futures_util::StreamExt as _;
use serde::{Deserialize, Serialize};
use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::sync::mpsc;

use crate::pool::{quoted, trusted};
use crate::steps::Stream;
use crate::{Error, Result, Tenancy, Tenant, seed, snapshot};

/// Lines as they are: control characters that JSON never holds instead of quotes and separators.
const LINES: &str = "(FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')";
/// Values look the same wherever they are written, and rows come in the order they lie in.
const SETTINGS: &str = "SET LOCAL statement_timeout = 0; \
     SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL TimeZone = 'UTC'; \
     SET LOCAL IntervalStyle = 'postgres'; SET LOCAL synchronize_seqscans = off; \
     SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL lock_timeout = '30s'";
/// The schema of the tables that exist once.
const PLATFORM: &str = "platform";
/// Tables of the platform that say something about this database and about now: steps and
/// failures of migrations, sessions, wrong passwords, jobs, and what the installation keeps for
/// itself: its key, which would open what the other tables seal, certificates, maintenance.
const NOT_ARCHIVED: [&str; 6] = [
    "job",
    "login_attempt",
    "schema_step",
    "session",
    "setting",
    "tenant_migration",
];
/// The table that every tenant's schema gets with its tables.
const VERSION: &str = "schema_state";

/// A table of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedTable {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// Columns that count by themselves, and where they stand.
    pub counters: Vec<Counter>,
}

/// A column that counts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Its name.
    pub column: String,
    /// The last number given, or the first one to give.
    pub last: i64,
    /// Whether it was given already.
    pub is_given: bool,
}

/// The state of a tenant that is archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchivedTenant {
    /// Id of the record; files are kept by it.
    pub id: i32,
    /// Name of the schema.
    pub schema: String,
    /// What it was in.
    pub state: String,
    /// Migration that its tables had seen.
    pub version: i32,
}

/// Tables being read, all as they were at one moment.
pub struct Reading {
    connection: PgConnection,
    tables: Vec<ArchivedTable>,
    version: i32,
}

/// Tables being written; dropping it undoes everything.
pub struct Writing {
    connection: PgConnection,
    target: Target,
}

enum Target {
    Platform,
    /// A tenant's tables, in a schema that takes the place of the other one at the end.
    Tenant {
        tenant: i32,
        schema: String,
        beside: String,
        state: String,
        version: i32,
    },
    /// Tables to look at, which nobody will ever see.
    Trial,
}

impl Tenancy {
    /// Opens the tables of a tenant for reading.
    pub async fn read_tenant(&self, tenant: &Tenant) -> Result<Reading> {
        let mut connection = self.cells().get(&tenant.cell)?.direct().await?;
        begin_reading(&mut connection, &tenant.schema).await?;
        let version: i32 = sql::query_scalar("SELECT version FROM schema_state")
            .fetch_one(&mut connection)
            .await?;
        let tables = tables(&mut connection, &tenant.schema).await?;
        Ok(Reading {
            connection,
            tables,
            version,
        })
    }

    /// Opens the tables that exist once for reading, without what belongs to this database alone.
    pub async fn read_platform(&self) -> Result<(Reading, Vec<ArchivedTenant>)> {
        let mut connection = self.cells().main().direct().await?;
        begin_reading(&mut connection, PLATFORM).await?;
        let rows = sql::query(
            "SELECT id, schema_name::text AS schema, state, schema_version AS version FROM tenant \
             WHERE state IN ('active', 'suspended') ORDER BY schema_name <> 'public', id",
        )
        .fetch_all(&mut connection)
        .await?;
        let mut tenants = Vec::new();
        for row in rows {
            tenants.push(ArchivedTenant {
                id: row.try_get("id")?,
                schema: row.try_get("schema")?,
                state: row.try_get("state")?,
                version: row.try_get("version")?,
            });
        }
        let tables = tables(&mut connection, PLATFORM).await?;
        let reading = Reading {
            connection,
            tables,
            version: Stream::Platform.newest(),
        };
        Ok((reading, tenants))
    }

    /// Empties the tables that exist once, to be filled again. Tenants that are not among those
    /// that are kept lose their schemas at once.
    pub async fn write_platform(&self, version: i32, kept: &[ArchivedTenant]) -> Result<Writing> {
        refuse_newer(version, Stream::Platform)?;
        for record in self.list().await? {
            let tenant = record.tenant;
            if !kept.iter().any(|kept| kept.schema == tenant.schema) {
                self.drop_schema(&tenant).await?;
            }
        }
        let mut connection = self.cells().main().direct().await?;
        begin_writing(&mut connection, PLATFORM).await?;
        let names: Vec<String> = snapshot::read_catalog(&mut connection, PLATFORM)
            .await?
            .into_iter()
            .filter(|table| table.name != "schema_step")
            .map(|table| quoted(&table.name))
            .collect();
        let truncate = trusted(format!("TRUNCATE {} CASCADE", names.join(", ")));
        sqlx::raw_sql(truncate).execute(&mut connection).await?;
        Ok(Writing {
            connection,
            target: Target::Platform,
        })
    }

    /// Makes empty tables for a tenant; at the end they take the place of those it has.
    pub async fn write_tenant(&self, archived: &ArchivedTenant) -> Result<Writing> {
        refuse_newer(archived.version, Stream::Tenant)?;
        let cell: String = {
            let mut tx = self.begin_platform().await?;
            let cell = sql::query_scalar(
                "SELECT cell FROM platform.tenant WHERE id = $1 AND schema_name = $2",
            )
            .bind(archived.id)
            .bind(&archived.schema)
            .fetch_optional(tx.conn())
            .await?;
            tx.commit().await?;
            cell.ok_or_else(|| Error::UnknownTenant(archived.schema.clone()))?
        };
        let mut connection = self.cells().get(&cell)?.direct().await?;
        let beside = format!("kiwi_restoring_{}", archived.id);
        make_tables(&mut connection, &beside, archived.version).await?;
        Ok(Writing {
            connection,
            target: Target::Tenant {
                tenant: archived.id,
                schema: archived.schema.clone(),
                beside,
                state: archived.state.clone(),
                version: archived.version,
            },
        })
    }

    /// Makes empty tables of a tenant that nobody will ever see.
    pub async fn try_tenant(&self, version: i32) -> Result<Writing> {
        refuse_newer(version, Stream::Tenant)?;
        let mut connection = self.cells().main().direct().await?;
        make_tables(&mut connection, "kiwi_trial", version).await?;
        Ok(Writing {
            connection,
            target: Target::Trial,
        })
    }

    /// The same for the tables that exist once; keys between them are not checked.
    pub async fn try_platform(&self, version: i32) -> Result<Writing> {
        refuse_newer(version, Stream::Platform)?;
        let mut connection = self.cells().main().direct().await?;
        begin_writing(&mut connection, "kiwi_trial").await?;
        let mut script = "CREATE SCHEMA kiwi_trial;".to_owned();
        for table in snapshot::read_catalog(&mut connection, PLATFORM).await? {
            let name = quoted(&table.name);
            let _ = write!(
                script,
                "CREATE TABLE {name} (LIKE {PLATFORM}.{name} INCLUDING ALL);"
            );
        }
        sqlx::raw_sql(trusted(script))
            .execute(&mut connection)
            .await?;
        Ok(Writing {
            connection,
            target: Target::Trial,
        })
    }

    /// Whether somebody has begun to use this installation: an account besides the one for
    /// visitors, or a tenant besides the public one.
    pub async fn is_in_use(&self) -> Result<bool> {
        let mut tx = self.begin_platform().await?;
        let used = sql::query_scalar(
            "SELECT EXISTS (SELECT FROM platform.account WHERE username <> 'AnonymousUser') \
             OR EXISTS (SELECT FROM platform.tenant \
             WHERE schema_name <> 'public' AND state <> 'deleted')",
        )
        .fetch_one(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(used)
    }

    /// Whether the record of an archived tenant is in this database, and in which state.
    pub async fn archived_state(&self, archived: &ArchivedTenant) -> Result<Option<String>> {
        let mut tx = self.begin_platform().await?;
        let state = sql::query_scalar(
            "SELECT state FROM platform.tenant WHERE id = $1 AND schema_name = $2",
        )
        .bind(archived.id)
        .bind(&archived.schema)
        .fetch_optional(tx.conn())
        .await?;
        tx.commit().await?;
        Ok(state)
    }
}

impl Reading {
    /// All tables, each after those it refers to.
    pub fn tables(&self) -> &[ArchivedTable] {
        &self.tables
    }

    /// Migration that they have seen.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Sends the rows of a table, in pieces that may end within a line.
    pub async fn rows(&mut self, table: &str, to: &mpsc::Sender<Bytes>) -> Result<()> {
        send_rows(&mut self.connection, table, to).await
    }

    /// Ends it.
    pub async fn finish(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

impl Writing {
    /// Writes the rows that arrive; how many there were. Columns that the archive does not have
    /// get their defaults, those that only the archive has are an error.
    pub async fn load(
        &mut self,
        table: &ArchivedTable,
        from: &mut mpsc::Receiver<std::io::Result<Bytes>>,
    ) -> Result<u64> {
        let name = quoted(&table.name);
        let make = "CREATE TEMP TABLE IF NOT EXISTS restored_line (line json) ON COMMIT DROP";
        sqlx::raw_sql(make).execute(&mut self.connection).await?;
        let copy = format!("COPY pg_temp.restored_line FROM STDIN WITH {LINES}");
        let mut copying = self.connection.copy_in_raw(&copy).await?;
        while let Some(piece) = from.recv().await {
            match piece {
                Ok(piece) => {
                    copying.send(piece).await?;
                }
                Err(error) => {
                    copying.abort(error.to_string()).await?;
                    return Err(Error::Refused(error.to_string()));
                }
            }
        }
        let rows = copying.finish().await?;
        let quoted_columns = table.columns.iter().map(|column| quoted(column));
        let columns = quoted_columns.clone().collect::<Vec<_>>().join(", ");
        let values = quoted_columns.map(|column| format!("r.{column}"));
        let values = values.collect::<Vec<_>>().join(", ");
        let fill = trusted(format!(
            "INSERT INTO {name} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} \
             FROM pg_temp.restored_line l, json_populate_record(NULL::{name}, l.line) r; \
             TRUNCATE pg_temp.restored_line"
        ));
        sqlx::raw_sql(fill).execute(&mut self.connection).await?;
        for counter in &table.counters {
            let set = trusted(format!(
                "SELECT setval(pg_get_serial_sequence({}, {}), {}, {})",
                seed::quote(&name),
                seed::quote(&counter.column),
                counter.last,
                counter.is_given,
            ));
            sqlx::raw_sql(set).execute(&mut self.connection).await?;
        }
        Ok(rows)
    }

    /// Sends the rows of a table as they were written.
    pub async fn rows(&mut self, table: &str, to: &mpsc::Sender<Bytes>) -> Result<()> {
        send_rows(&mut self.connection, table, to).await
    }

    /// Makes everything permanent. The platform's tenants are closed until their tables are back.
    pub async fn finish(mut self, tenancy: &Tenancy) -> Result<()> {
        let connection = &mut self.connection;
        match self.target {
            Target::Trial => {
                sqlx::raw_sql("ROLLBACK").execute(connection).await?;
                return Ok(());
            }
            Target::Platform => {
                let close = "UPDATE tenant SET state = 'provisioning', state_reason = 'restoring', \
                             state_since = now() WHERE state IN ('active', 'suspended'); COMMIT";
                sqlx::raw_sql(close).execute(connection).await?;
            }
            Target::Tenant {
                tenant,
                ref schema,
                ref beside,
                ref state,
                version,
            } => {
                let swap = trusted(format!(
                    "DROP SCHEMA IF EXISTS {0} CASCADE; ALTER SCHEMA {1} RENAME TO {0}; COMMIT",
                    quoted(schema),
                    quoted(beside),
                ));
                let query = "SELECT id FROM member WHERE is_authorised";
                let members: Vec<i32> = sql::query_scalar(query)
                    .persistent(false)
                    .fetch_all(&mut *connection)
                    .await?;
                sqlx::raw_sql(swap).execute(connection).await?;
                let mut tx = tenancy.begin_platform().await?;
                sql::query(
                    "UPDATE platform.tenant SET state = $2, state_reason = '', \
                     state_since = now(), deleted_on = NULL, epoch = epoch + 1, \
                     schema_version = $3 WHERE id = $1",
                )
                .bind(tenant)
                .bind(state)
                .bind(version)
                .execute(tx.conn())
                .await?;
                // a tenant that was deleted has lost its members
                sql::query(
                    "INSERT INTO platform.tenant_member (tenant_id, account_id) \
                     SELECT $1, a.id FROM platform.account a \
                     WHERE a.id = ANY($2) AND $3 <> 'public' ON CONFLICT DO NOTHING",
                )
                .bind(tenant)
                .bind(members)
                .bind(schema)
                .execute(tx.conn())
                .await?;
                tx.forget_everything();
                return tx.commit().await;
            }
        }
        let mut tx = tenancy.begin_platform().await?;
        tx.forget_everything();
        tx.commit().await
    }
}

async fn begin_reading(connection: &mut PgConnection, schema: &str) -> Result<()> {
    let begin = trusted(format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {SETTINGS}; \
         SET LOCAL search_path TO {}",
        quoted(schema)
    ));
    sqlx::raw_sql(begin).execute(connection).await?;
    Ok(())
}

async fn begin_writing(connection: &mut PgConnection, schema: &str) -> Result<()> {
    let begin = trusted(format!(
        "BEGIN; {SETTINGS}; SET LOCAL search_path TO {}",
        quoted(schema)
    ));
    sqlx::raw_sql(begin).execute(connection).await?;
    Ok(())
}

/// A tenant's tables without rows, as they were after a migration.
async fn make_tables(connection: &mut PgConnection, schema: &str, version: i32) -> Result<()> {
    begin_writing(connection, schema).await?;
    let failed = |step: &str| {
        let step = step.to_owned();
        |source| Error::Migration {
            tenant: "the restored tenant".to_owned(),
            step,
            source,
        }
    };
    let create = trusted(format!("CREATE SCHEMA {}", quoted(schema)));
    sqlx::raw_sql(create).execute(&mut *connection).await?;
    if version == Stream::Tenant.newest() {
        sqlx::raw_sql(snapshot::SCHEMA)
            .execute(&mut *connection)
            .await
            .map_err(failed("the script of new tenants"))?;
    } else {
        for step in steps_until(version) {
            sqlx::raw_sql(step.sql)
                .execute(&mut *connection)
                .await
                .map_err(failed(step.name))?;
        }
        let names: Vec<String> = snapshot::read_catalog(connection, schema)
            .await?
            .iter()
            .map(|table| quoted(&table.name))
            .collect();
        let empty = trusted(format!("TRUNCATE {} CASCADE", names.join(", ")));
        sqlx::raw_sql(empty).execute(&mut *connection).await?;
    }
    let checksum = steps_until(version)
        .last()
        .map_or("", |step| &step.checksum);
    sql::query("INSERT INTO schema_state (version, checksum) VALUES ($1, $2)")
        .bind(version)
        .bind(checksum)
        .persistent(false)
        .execute(connection)
        .await?;
    Ok(())
}

fn steps_until(version: i32) -> impl Iterator<Item = &'static crate::steps::Step> {
    let steps = Stream::Tenant.steps().iter();
    steps.filter(move |step| step.version <= version)
}

fn refuse_newer(version: i32, stream: Stream) -> Result<()> {
    let newest = stream.newest();
    if version <= newest {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "the archive has migration {version} of {}, this program knows {newest}: use the release \
         that wrote it, or a newer one",
        stream.name()
    )))
}

/// The tables of a schema that are archived, with their columns and where they count.
async fn tables(connection: &mut PgConnection, schema: &str) -> Result<Vec<ArchivedTable>> {
    let left_out: BTreeSet<&str> = if schema == PLATFORM {
        NOT_ARCHIVED.into_iter().collect()
    } else {
        BTreeSet::from([VERSION])
    };
    let mut tables = Vec::new();
    for table in snapshot::read_catalog(connection, schema).await? {
        if left_out.contains(table.name.as_str()) {
            continue;
        }
        let mut counters = Vec::new();
        for column in table.columns.iter().filter(|column| column.is_identity) {
            let sequence: String = sql::query_scalar("SELECT pg_get_serial_sequence($1, $2)")
                .bind(quoted(&table.name))
                .bind(&column.name)
                .persistent(false)
                .fetch_one(&mut *connection)
                .await?;
            let standing = trusted(format!("SELECT last_value, is_called FROM {sequence}"));
            let row = sql::query(standing)
                .persistent(false)
                .fetch_one(&mut *connection)
                .await?;
            counters.push(Counter {
                column: column.name.clone(),
                last: row.try_get("last_value")?,
                is_given: row.try_get("is_called")?,
            });
        }
        tables.push(ArchivedTable {
            columns: table
                .columns
                .into_iter()
                .map(|column| column.name)
                .collect(),
            name: table.name,
            counters,
        });
    }
    Ok(tables)
}

async fn send_rows(
    connection: &mut PgConnection,
    table: &str,
    to: &mpsc::Sender<Bytes>,
) -> Result<()> {
    let name = quoted(table);
    let copy =
        format!("COPY (SELECT row_to_json(one_row) FROM {name} one_row) TO STDOUT WITH {LINES}");
    let mut rows = connection.copy_out_raw(&copy).await?;
    while let Some(piece) = rows.next().await {
        // nobody listens any more: the reader has failed, and says so
        if to.send(piece?).await.is_err() {
            break;
        }
    }
    Ok(())
}
