//! XML-RPC: the envelope, a tolerant reader and a strict writer.

mod reader;
mod scalar;
mod writer;

pub use reader::{MAX_DEPTH, MethodCall, read};
pub(crate) use writer::check;
pub use writer::{write_fault, write_result, write_value};

#[cfg(test)]
mod tests;
