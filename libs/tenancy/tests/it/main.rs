//! The crate against a real PostgreSQL, which it starts itself: one cluster for all tests, a
//! database for each.

mod cluster;
mod schema;
