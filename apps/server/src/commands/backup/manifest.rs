//! What a backup says about itself: `manifest.json`, and its digest beside it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tenancy::{ArchivedTable, ArchivedTenant};

use super::waiting;
use crate::output::Failure;
use crate::place::{LAST, Place};

/// Changes whenever older programs could not read a backup any more.
const FORMAT: u32 = 1;
/// The file.
const MANIFEST: &str = LAST;
/// Its digest, in the form of `sha256sum`.
const DIGEST: &str = "manifest.json.sha256";

/// A whole backup.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// Form of the backup.
    pub(super) format: u32,
    /// Release that wrote it.
    pub(super) program: String,
    /// When it was begun.
    pub(super) taken_at: String,
    /// False when only some tenants were chosen.
    pub(super) is_whole: bool,
    /// The tables that exist once.
    pub(super) platform: Part,
    /// The tenants in it.
    pub(super) tenants: Vec<TenantPart>,
}

/// Tables that belong together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// Migration that they had seen.
    pub(super) version: i32,
    /// Each after those it refers to.
    pub(super) tables: Vec<TableFile>,
}

/// The rows of a table.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TableFile {
    #[serde(flatten)]
    pub(super) table: ArchivedTable,
    /// Below the folder of the backup.
    pub(super) file: PathBuf,
    /// How many there are.
    pub(super) rows: u64,
    /// SHA-256 of the rows as they are, uncompressed.
    pub(super) sha256: String,
}

/// A tenant with its files.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TenantPart {
    #[serde(flatten)]
    pub(super) tenant: ArchivedTenant,
    pub(super) part: Part,
    pub(super) uploads: Vec<Upload>,
}

/// An uploaded file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Upload {
    /// Id of its attachment.
    pub(super) id: i32,
    pub(super) size: u64,
    /// Of the content; files with the same content are kept once.
    pub(super) sha256: String,
}

impl Manifest {
    /// An empty one.
    pub(super) fn new(taken_at: String, is_whole: bool, platform: Part) -> Self {
        Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at,
            is_whole,
            platform,
            tenants: Vec::new(),
        }
    }

    /// Writes it, and with it completes the backup.
    pub(super) async fn write(&self, folder: &Place) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self);
        let mut text = text.map_err(|error| Failure::Failed(error.into()))?;
        text.push('\n');
        let digest = format!("{}  {MANIFEST}\n", hex(&Sha256::digest(&text)));
        let folder = folder.clone();
        waiting(move || {
            folder.write(Path::new(DIGEST), digest.as_bytes())?;
            folder.write(Path::new(MANIFEST), text.as_bytes())
        })
        .await
    }

    /// Reads that of a complete backup.
    pub(super) async fn read(folder: &Place) -> Result<Self, Failure> {
        let place = folder.clone();
        let read = move || {
            if !place.exists(Path::new(MANIFEST))? {
                return Ok(None);
            }
            for name in [MANIFEST, DIGEST] {
                if let Err(why) = place.check(Path::new(name)) {
                    return Ok(Some(Err(why)));
                }
            }
            let text = place.read(Path::new(MANIFEST))?;
            let digest = place.read(Path::new(DIGEST))?;
            Ok(Some(Ok((text, digest))))
        };
        let Some(read) = waiting(read).await? else {
            return Err(Failure::NotFound(format!(
                "{folder} is no complete backup: {MANIFEST} is not there"
            )));
        };
        let (text, digest) = read.map_err(Failure::Refused)?;
        let wrong = |why: &str| Failure::Refused(format!("{folder}/{MANIFEST}: {why}"));
        if !digest.starts_with(hex(&Sha256::digest(&text)).as_bytes()) {
            return Err(wrong("it was changed after the backup"));
        }
        let form: serde_json::Value =
            serde_json::from_slice(&text).map_err(|error| wrong(&error.to_string()))?;
        if form["format"] != FORMAT {
            return Err(wrong(
                "this release does not know its form; use a newer one",
            ));
        }
        serde_json::from_value(form).map_err(|error| wrong(&error.to_string()))
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        let parts = self.tenants.iter().map(|tenant| &tenant.part);
        let tables = parts.chain([&self.platform]).flat_map(|part| &part.tables);
        tables.map(|table| table.rows).sum()
    }

    /// How many uploaded files there are.
    pub(super) fn uploads(&self) -> usize {
        self.tenants.iter().map(|tenant| tenant.uploads.len()).sum()
    }
}

/// Where the content of an uploaded file lies, below the folder of the backup.
pub(super) fn content(sha256: &str) -> PathBuf {
    let (first, _) = sha256.split_at_checked(2).unwrap_or((sha256, ""));
    Path::new("uploads").join(first).join(sha256)
}

/// Bytes as text.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // writing to a String cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
}
