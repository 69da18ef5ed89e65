//! The crate against a real PostgreSQL, which it starts itself: one cluster for all tests, a
//! database for each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cells;
mod clone;
mod cluster;
mod domains;
mod isolation;
mod lifecycle;
mod migrate;
mod private_cluster;
mod provision;
mod resolve;
mod schema;
