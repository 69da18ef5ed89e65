//! The rules against a real database, which this program starts itself: one cluster for all tests,
//! a database for each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cluster;
mod entry;
mod log_in;
mod projection;
mod rights;
mod throttle;
