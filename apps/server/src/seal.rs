//! Hides what the database keeps for the installation from those who have a copy of it.

use anyhow::{Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::Config;

/// What the key is used for here.
const PURPOSE: &[u8] = b"kiwi keepsakes 1\0";
/// These values are not told apart.
const ANY: &[u8] = b"";

/// A value as the database keeps it: sealed where there is a key from outside.
pub(crate) fn sealed(seal: Option<&Seal>, value: &impl Serialize) -> Result<Value> {
    match seal {
        None => Ok(serde_json::to_value(value)?),
        Some(seal) => Ok(json!({ "sealed": seal.0.close(&serde_json::to_vec(value)?, ANY)? })),
    }
}

/// What [`sealed`] made.
pub(crate) fn unsealed<T: DeserializeOwned>(seal: Option<&Seal>, value: &Value) -> Result<T> {
    match (value.get("sealed"), seal) {
        (None, _) => Ok(serde_json::from_value(value.clone())?),
        (Some(sealed), Some(seal)) => {
            let sealed: Vec<u8> = serde_json::from_value(sealed.clone())?;
            Ok(serde_json::from_slice(&seal.0.open(&sealed, ANY)?)?)
        }
        (Some(_), None) => bail!("it was sealed with a SECRET_KEY that is not given now"),
    }
}

/// Hides values of the installation from those who have the database and not the key.
#[derive(Clone)]
pub(crate) struct Seal(domain::seal::Seal);

impl Seal {
    /// With the key of the settings; none when the key lies in the database as well.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        let given = config.given_secret_key()?;
        Some(Self(domain::seal::Seal::new(PURPOSE, given.as_bytes())))
    }
}
