//! Where files lie: a folder, a bucket of an S3-compatible service, or the memory of a test.
//!
//! A file of a [`BlobStore`] is named by two numbers, its tenant and itself; one of a [`Shelf`] by
//! whoever puts it there. It is written as a whole or not at all. Must not know what a file means,
//! who may see it, or what it is called by those who made it. To add a place: a constructor.

mod blob;
mod shelf;
mod store;

pub use blob::{Blob, Part};
pub use object_store::ObjectStore;
pub use shelf::{Shelf, Upload};
pub use store::{BlobStore, Error, Result, S3};
