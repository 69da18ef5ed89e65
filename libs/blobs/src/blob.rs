//! A file that is being read.

use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::BoxStream;

/// Which part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Everything.
    Whole,
    /// From one offset to before another, or to the end.
    From(u64, Option<u64>),
    /// The last bytes.
    Last(u64),
}

/// A file, or a part of one, that is being read.
pub struct Blob {
    /// Size of the whole file.
    pub size: u64,
    /// The part of it that is read.
    pub range: Range<u64>,
    /// The content, piece by piece.
    pub content: BoxStream<'static, std::io::Result<Bytes>>,
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blob")
            .field("size", &self.size)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}
