//! `kiwi secret …`: the key that signs what the server gives to browsers and seals credentials.

use std::fs;
use std::path::Path;

use domain::seal::{self, SecretKey};
use domain::tracker_token::Resealed;
use domain::{Domain, session};
use serde::Serialize;

use super::fault;
use crate::cli::Secret;
use crate::config::{Config, secret_key};
use crate::output::{Failure, Output};

#[derive(Serialize)]
struct Rotated {
    sessions: u64,
    credentials: u64,
    unreadable: u64,
}

#[derive(Serialize)]
struct Reencrypted {
    credentials: u64,
    unreadable: u64,
}

/// Runs one of the commands.
pub(super) async fn run(
    config: &Config,
    domain: &Domain,
    command: Secret,
    output: Output,
) -> Result<(), Failure> {
    match command {
        Secret::Rotate => rotate(config, domain, output).await,
        Secret::Reencrypt { old_key } => reencrypt(domain, &old_key, output).await,
    }
}

async fn rotate(config: &Config, domain: &Domain, output: Output) -> Result<(), Failure> {
    if config.given_secret_key().is_some() {
        return Err(Failure::Refused(
            "the key comes from the settings: replace SECRET_KEY there, restart every server and \
             run `kiwi secret reencrypt` with the old key"
                .to_owned(),
        ));
    }
    let key = secret_key::generate().map_err(Failure::failed)?;
    // servers hear of it, and take it over into their files
    let resealed = seal::rotate(domain, &key).await.map_err(fault)?;
    let file = config.secret_key_file();
    if file.exists() {
        secret_key::replace(&file, &key).map_err(Failure::failed)?;
    }
    let sessions = session::end_all(domain).await.map_err(fault)?;
    let rotated = Rotated {
        sessions,
        credentials: resealed.resealed,
        unreadable: resealed.unreadable,
    };
    output.show(&rotated, |rotated| {
        format!(
            "A new key signs from now on; {} sessions ended. {}",
            rotated.sessions,
            told(&resealed)
        )
    })
}

async fn reencrypt(
    domain: &Domain,
    olds: &[impl AsRef<Path>],
    output: Output,
) -> Result<(), Failure> {
    let olds: Result<Vec<SecretKey>, Failure> =
        olds.iter().map(|file| read(file.as_ref())).collect();
    let resealed = seal::reseal(domain, &olds?).await.map_err(fault)?;
    let done = Reencrypted {
        credentials: resealed.resealed,
        unreadable: resealed.unreadable,
    };
    output.show(&done, |_| told(&resealed))?;
    if resealed.unreadable > 0 {
        return Err(Failure::Partly(
            "some credentials were sealed with another key: give it with --old-key, or let their \
             owners enter them again"
                .to_owned(),
        ));
    }
    Ok(())
}

fn read(file: &Path) -> Result<SecretKey, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("--old-key {}: {error}", file.display())))?;
    Ok(SecretKey::new(text.trim()))
}

fn told(resealed: &Resealed) -> String {
    let Resealed {
        resealed,
        unreadable,
    } = resealed;
    format!("{resealed} stored credentials were sealed anew, {unreadable} cannot be read.")
}
