//! Hides what the database keeps for the installation from those who have a copy of it.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::config::Config;

/// A value as the database keeps it: sealed where there is a key from outside.
pub(crate) fn sealed(seal: Option<&Seal>, value: &impl Serialize) -> Result<Value> {
    match seal {
        None => Ok(serde_json::to_value(value)?),
        Some(seal) => Ok(json!({ "sealed": seal.close(&serde_json::to_vec(value)?)? })),
    }
}

/// What [`sealed`] made.
pub(crate) fn unsealed<T: DeserializeOwned>(seal: Option<&Seal>, value: &Value) -> Result<T> {
    match (value.get("sealed"), seal) {
        (None, _) => Ok(serde_json::from_value(value.clone())?),
        (Some(sealed), Some(seal)) => {
            let sealed: Vec<u8> = serde_json::from_value(sealed.clone())?;
            Ok(serde_json::from_slice(&seal.open(&sealed)?)?)
        }
        (Some(_), None) => bail!("it was sealed with a SECRET_KEY that is not given now"),
    }
}

/// Hides a value from those who have the database and not the key.
#[derive(Clone)]
pub(crate) struct Seal(Arc<LessSafeKey>);

impl Seal {
    /// With the key of the settings; none when the key lies in the database as well.
    pub(crate) fn of(config: &Config) -> Option<Self> {
        config
            .given_secret_key()
            .map(|key| Self::new(key.as_bytes()))
    }

    fn new(key: &[u8]) -> Self {
        // the key of the settings signs other things too
        let derived = Sha256::new()
            .chain_update(b"kiwi keepsakes 1\0")
            .chain_update(key)
            .finalize();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &derived);
        let key = key.expect("a hash has the length of a key");
        Self(Arc::new(LessSafeKey::new(key)))
    }

    /// The nonce, then the text and its tag.
    fn close(&self, text: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        let filled = SystemRandom::new().fill(&mut nonce);
        filled.map_err(|_| anyhow::anyhow!("no random numbers from the system"))?;
        let mut sealed = text.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, Aad::empty(), &mut sealed)
            .map_err(|_| anyhow::anyhow!("it is too long"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .context("it is too short")?;
        let mut text = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.0.open_in_place(nonce, Aad::empty(), &mut text);
        let opened =
            opened.map_err(|_| anyhow::anyhow!("it was sealed with another SECRET_KEY"))?;
        Ok(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::Seal;

    #[test]
    fn only_the_same_key_opens() {
        let seal = Seal::new(b"one key");
        let closed = seal.close(b"text").expect("works");
        assert_eq!(seal.open(&closed).expect("works"), b"text");
        assert_ne!(seal.close(b"text").expect("works"), closed);
        assert!(!closed.windows(4).any(|part| part == b"text"));
        assert!(Seal::new(b"another").open(&closed).is_err());
        assert!(seal.open(&closed[..5]).is_err());
        let mut changed = closed;
        changed[NONCE] ^= 1;
        assert!(seal.open(&changed).is_err());
    }

    const NONCE: usize = super::NONCE_LEN;
}
