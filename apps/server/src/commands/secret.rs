//! `kiwi secret …`: the key that signs what the server gives to browsers.

use domain::{Domain, session};
use serde::Serialize;
use serde_json::json;

use super::{failure, fault};
use crate::cli::Secret;
use crate::config::{Config, secret_key};
use crate::keepsakes::SECRET_KEY;
use crate::output::{Failure, Output};

#[derive(Serialize)]
struct Rotated {
    sessions: u64,
}

/// Runs one of the commands.
pub(super) async fn run(
    config: &Config,
    domain: &Domain,
    command: Secret,
    output: Output,
) -> Result<(), Failure> {
    let Secret::Rotate = command;
    if config.given_secret_key().is_some() {
        return Err(Failure::Refused(
            "the key comes from the settings: replace SECRET_KEY there and restart every server"
                .to_owned(),
        ));
    }
    let tenancy = domain.tenancy();
    let key = secret_key::generate().map_err(Failure::failed)?;
    // servers hear of it, and take it over into their files
    let kept = tenancy.keep(SECRET_KEY, json!(key)).await;
    kept.map_err(failure)?;
    let file = config.secret_key_file();
    if file.exists() {
        secret_key::replace(&file, &key).map_err(Failure::failed)?;
    }
    let sessions = session::end_all(domain).await.map_err(fault)?;
    output.show(&Rotated { sessions }, |rotated| {
        format!(
            "A new key signs from now on; {} sessions ended.",
            rotated.sessions
        )
    })
}
