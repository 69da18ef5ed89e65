//! Tests of this crate against a real server, on entities that mirror those of the product.

mod cluster;
mod errors;
mod golden;
mod lookups;
mod properties;
mod repository;
mod world;
