//! The crate against a real PostgreSQL, with a database for each test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cells;
mod clone;
mod credentials;
mod domains;
mod installation;
mod isolation;
mod lifecycle;
mod migrate;
mod private_cluster;
mod provision;
mod resolve;
mod schema;
