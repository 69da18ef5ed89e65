//! The rules against a real database, one for each test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod entry;
mod log_in;
mod projection;
mod rights;
mod throttle;
mod world;
