//! Rows in compressed files, written and read beside the runtime, and always with their digest.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use axum::body::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::manifest::hex;
use crate::place::Place;

/// Pieces that may wait for the other side.
const WAITING: usize = 16;
/// Bytes of a piece that is read.
const PIECE: usize = 64 * 1024;

/// What went through.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) rows: u64,
    pub(super) sha256: String,
}

/// Sums up what goes through.
#[derive(Default)]
struct Sum {
    rows: u64,
    hash: Sha256,
}

impl Sum {
    fn add(&mut self, piece: &[u8]) {
        self.rows += piece.split(|byte| *byte == b'\n').skip(1).count() as u64;
        self.hash.update(piece);
    }

    fn digest(self) -> Digest {
        Digest {
            rows: self.rows,
            sha256: hex(&self.hash.finalize()),
        }
    }
}

/// Writes what is sent into a new file.
pub(super) fn write(
    place: Place,
    entry: PathBuf,
) -> (mpsc::Sender<Bytes>, JoinHandle<io::Result<Digest>>) {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(WAITING);
    let writing = spawn_blocking(move || {
        let mut file = GzEncoder::new(place.create(&entry)?, Compression::default());
        let mut sum = Sum::default();
        while let Some(piece) = pieces.blocking_recv() {
            sum.add(&piece);
            file.write_all(&piece)?;
        }
        file.finish()?.finish()?;
        Ok(sum.digest())
    });
    (sender, writing)
}

/// Sums up what is sent, and keeps nothing.
pub(super) fn digest() -> (mpsc::Sender<Bytes>, JoinHandle<io::Result<Digest>>) {
    let (sender, mut pieces) = mpsc::channel::<Bytes>(WAITING);
    let summing = spawn_blocking(move || {
        let mut sum = Sum::default();
        while let Some(piece) = pieces.blocking_recv() {
            sum.add(&piece);
        }
        Ok(sum.digest())
    });
    (sender, summing)
}

/// Sends what a file holds.
pub(super) fn read(place: Place, entry: PathBuf) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, pieces) = mpsc::channel(WAITING);
    spawn_blocking(move || {
        let told = each(&place, &entry, |piece| {
            // nobody listens any more: the other side has failed, and says so
            sender
                .blocking_send(Ok(Bytes::copy_from_slice(piece)))
                .is_ok()
        });
        if let Err(error) = told {
            let _ = sender.blocking_send(Err(error));
        }
    });
    pieces
}

/// Sums up what a file holds.
pub(super) fn check(place: &Place, entry: &Path) -> io::Result<Digest> {
    let mut sum = Sum::default();
    each(place, entry, |piece| {
        sum.add(piece);
        true
    })?;
    Ok(sum.digest())
}

fn each(place: &Place, entry: &Path, mut take: impl FnMut(&[u8]) -> bool) -> io::Result<()> {
    let explain =
        |error: io::Error| io::Error::other(format!("{place}/{}: {error}", entry.display()));
    // to the end of the file: what was appended is noticed, too
    let mut file = MultiGzDecoder::new(place.open(entry)?);
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece).map_err(explain)? {
            0 => return Ok(()),
            read => {
                if !take(&piece[..read]) {
                    return Ok(());
                }
            }
        }
    }
}
