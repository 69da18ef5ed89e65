//! Tests of this crate against a real server, on entities that mirror those of the product.

#![expect(clippy::unwrap_used, reason = "a test may fail")]

mod diff;
mod errors;
mod golden;
mod lookups;
mod properties;
mod repository;
mod schema;
mod world;
