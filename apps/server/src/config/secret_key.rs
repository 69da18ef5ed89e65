//! The installation's secret key, kept in a file that only its owner can read.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rand::TryRngCore as _;

/// Reads the key, or makes one at the first start.
pub(crate) fn load_or_create(path: &Path) -> Result<Vec<u8>, String> {
    let explain = |error: std::io::Error| format!("secret key {}: {error}", path.display());
    match fs::read_to_string(path) {
        Ok(key) if key.trim().len() >= 32 => return Ok(key.trim().as_bytes().to_vec()),
        Ok(_) => {
            return Err(format!(
                "secret key {}: at least 32 characters are needed; remove the file to get a new one",
                path.display()
            ));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(explain(error)),
    }
    let key = generate()?;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(explain)?;
    }
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(mut file) => {
            file.write_all(key.as_bytes()).map_err(explain)?;
            Ok(key.into_bytes())
        }
        // another program of the same installation was faster
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => fs::read_to_string(path)
            .map(|key| key.trim().as_bytes().to_vec())
            .map_err(explain),
        Err(error) => Err(explain(error)),
    }
}

/// A new key.
pub(crate) fn generate() -> Result<String, String> {
    let mut bytes = [0_u8; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| format!("no random numbers from the system: {error}"))?;
    let mut key = String::with_capacity(64);
    for byte in bytes {
        // writing to a String cannot fail
        let _ = write!(key, "{byte:02x}");
    }
    Ok(key)
}

/// Writes another key over the one of the file.
pub(crate) fn replace(path: &Path, key: &str) -> Result<(), String> {
    let fresh = path.with_extension("new");
    let write = || {
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&fresh)?.write_all(key.as_bytes())?;
        fs::rename(&fresh, path)
    };
    write().map_err(|error: std::io::Error| format!("secret key {}: {error}", path.display()))
}
