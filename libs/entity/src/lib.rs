//! What an entity is, and how a question about it becomes SQL.
//!
//! * [`Value`] and [`Map`] are the one value language of forms, queries, history and both RPC codecs.
//! * [`Meta`], [`Field`] and [`Relation`] are the constant tables that `#[derive(Entity)]` emits.
//! * `lookup` compiles a Django-style query into SQL, on the allow-list of those tables.
//! * `repository` runs the statements that follow from a [`Meta`].
//! * [`sql`] begins every other statement.
//!
//! Must not know tenants, HTTP or users. To add an option of a field: a `const fn` on [`Field`].
//! To add a look-up: an arm in `lookup`.

mod column;
pub mod diff;
mod error;
mod field;
mod interval;
pub mod lookup;
mod meta;
mod probe;
pub mod python;
pub mod repository;
pub mod sql;
mod table;
mod value;

pub use column::{Column, Fk, Id};
pub use error::{Error, Result};
pub use field::{Field, Kind};
pub use interval::Interval;
pub use macros::Entity;
pub use meta::{Computed, Entity, Meta, Relation, Relations, Unique};
pub use probe::{Probe, probe};
pub use sqlx::postgres::PgRow;
pub use table::{Cell, Row, Table};
pub use value::{Key, Map, Value};
