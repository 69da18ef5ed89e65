//! Where files lie: a folder, a bucket of an S3-compatible service, or the memory of a test.
//!
//! A file is named by two numbers, its tenant and itself, and is written as a whole or not at all.
//! Must not know what a file means, who may see it, or what it is called. To add a place: a
//! constructor of [`BlobStore`].

mod blob;
mod store;

pub use blob::{Blob, Part};
pub use object_store::ObjectStore;
pub use store::{BlobStore, Error, Result, S3};
