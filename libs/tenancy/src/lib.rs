//! Gives you a transaction inside the right tenant.
//!
//! * [`Tenancy`] is the way in: [`Tenancy::open`], then [`Tenancy::by_host`] and
//!   [`Tenancy::begin`] for each request.
//! * [`TenantTx`] is the only way to a tenant's tables, [`PlatformTx`] to the tables that exist
//!   once. Both begin with one message and end the way they are told: a transaction that is
//!   dropped is rolled back.
//! * `archive` reads and writes all rows of a tenant, for backups.
//! * `migrate`, `provision`, `lifecycle`, `maintenance`, `domains` and `records` are what administration does.
//!
//! Only this crate names a schema; everybody else writes unqualified names, or `platform.` in a
//! [`PlatformTx`]. It must not know products, test cases or HTTP.
//!
//! To add a table: SQL in `migrations/`, then `devtool snapshot`. To add a way of finding a
//! tenant: `resolve`.
//!
//! A platform transaction is not a tenant transaction:
//!
//! ```compile_fail,E0308
//! async fn rename(tx: &mut tenancy::TenantTx) { let _ = tx.conn(); }
//! async fn wrong(mut tx: tenancy::PlatformTx) { rename(&mut tx).await }
//! ```
//!
//! and a connection cannot be made into one:
//!
//! ```compile_fail,E0277
//! fn wrong(connection: sqlx::PgConnection) -> tenancy::TenantTx { connection.into() }
//! ```
//!
//! The right way compiles:
//!
//! ```
//! async fn rename(tx: &mut tenancy::TenantTx) { let _ = tx.conn(); }
//! async fn right(tenancy: tenancy::Tenancy, tenant: std::sync::Arc<tenancy::Tenant>) {
//!     let mut tx = tenancy.begin(&tenant).await.unwrap();
//!     rename(&mut tx).await
//! }
//! ```

mod archive;
mod cells;
mod census;
mod clone;
mod config;
mod connection;
mod domains;
mod error;
mod events;
mod examine;
mod host;
mod keepsakes;
mod lifecycle;
mod maintenance;
mod metrics;
mod migrate;
mod names;
mod pool;
mod postgres_programs;
mod private_cluster;
mod provision;
mod records;
mod resolve;
mod seed;
mod snapshot;
mod steps;
mod tenancy;
mod tenant;
mod transaction;

pub use archive::{ArchivedTable, ArchivedTenant, Counter, Reading, Writing};
pub use census::Census;
pub use config::{CellConfig, Config, Database, Direct, Mode};
pub use domains::DomainRecord;
pub use error::{Error, Result, is_unavailable};
pub use examine::{Facts, Strays, TableSize};
pub use host::normalise as normalise_host;
pub use keepsakes::{KEEPSAKES, keep_in};
pub use metrics::Metrics;
pub use migrate::{Failure, MigrateOptions, Progress, Report, Status, StepStatus, TenantStatus};
pub use pool::PoolStatus;
pub use provision::NewTenant;
pub use records::{Changes, TenantRecord};
pub use tenancy::Tenancy;
pub use tenant::{State, Tenant, TenantId};
pub use transaction::{PlatformTx, TenantTx};
