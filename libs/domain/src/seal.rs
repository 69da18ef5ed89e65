//! What the database holds and does not show: sealed with the key of the installation, so that a
//! copy of the database alone is worth nothing.
//!
//! The key comes from the settings; without one it is the generated key that the database keeps for
//! its servers. Every sealed value carries the id of its key.

use std::fmt;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use entity::sql;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest as _, Sha256};
use sqlx::PgConnection;
use sqlx::types::Json;

use crate::tracker_token::{self, Resealed};
use crate::{Domain, Error, Result, random};

/// Name under which the database keeps a generated key.
pub const KEPT_KEY: &str = "secret_key";
/// What credentials are sealed for; no other purpose may begin like it.
const CREDENTIALS: &[u8] = b"kiwi credentials 1\0";

/// A key that the settings give.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

impl SecretKey {
    /// Takes the text of the key.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    fn credentials(&self) -> Seal {
        Seal::new(CREDENTIALS, self.0.as_bytes())
    }
}

/// Without the key.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}

/// Hides values from those who have the database and not the key.
#[derive(Clone)]
pub struct Seal {
    key: Arc<LessSafeKey>,
    id: String,
}

impl Seal {
    /// For a purpose, because the key of the installation does other things too.
    pub fn new(purpose: &[u8], key: &[u8]) -> Self {
        let derived = Sha256::new()
            .chain_update(purpose)
            .chain_update(key)
            .finalize();
        let id = Sha256::new()
            .chain_update(b"kiwi key id\0")
            .chain_update(derived)
            .finalize();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &derived);
        Self {
            key: Arc::new(LessSafeKey::new(
                key.expect("a hash has the length of a key"),
            )),
            id: random::hex(&id[..8]),
        }
    }

    /// Tells keys apart and says nothing about them.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals a text: the nonce, then the text and its tag. Only whoever says what it is `about` in the
    /// same words opens it again, so that it is worth nothing in another place.
    pub fn close(&self, text: &[u8], about: &[u8]) -> anyhow::Result<Vec<u8>> {
        let nonce = random::bytes::<NONCE_LEN>();
        let mut sealed = text.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.key
            .seal_in_place_append_tag(unique, Aad::from(about), &mut sealed)
            .map_err(|_| anyhow!("it is too long"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// The text that was sealed.
    pub fn open(&self, sealed: &[u8], about: &[u8]) -> anyhow::Result<Vec<u8>> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .context("it is too short")?;
        let mut text = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.key.open_in_place(nonce, Aad::from(about), &mut text);
        let opened = opened.map_err(|_| anyhow!("it was sealed with another SECRET_KEY"))?;
        Ok(opened.to_vec())
    }
}

/// The seal of credentials, for reading some.
pub(crate) async fn credentials(domain: &Domain, conn: &mut PgConnection) -> Result<Seal> {
    if let Some(key) = &domain.settings().secret_key {
        return Ok(key.credentials());
    }
    let kept: Option<Json<String>> =
        sql::query_scalar("SELECT value FROM platform.setting WHERE key = $1")
            .bind(KEPT_KEY)
            .fetch_optional(conn)
            .await?;
    seal_of(kept)
}

/// The seal of credentials, for writing some: until the end of the transaction no other key takes its
/// place.
pub(crate) async fn credentials_to_write(domain: &Domain, conn: &mut PgConnection) -> Result<Seal> {
    if let Some(key) = &domain.settings().secret_key {
        return Ok(key.credentials());
    }
    let kept: Option<Json<String>> =
        sql::query_scalar("SELECT value FROM platform.setting WHERE key = $1 FOR SHARE")
            .bind(KEPT_KEY)
            .fetch_optional(conn)
            .await?;
    seal_of(kept)
}

fn seal_of(kept: Option<Json<String>>) -> Result<Seal> {
    // the first server that reaches new tables keeps its key there within seconds
    let Json(key) = kept.ok_or(Error::Unavailable)?;
    Ok(SecretKey(key).credentials())
}

/// Lets the database keep another key, and seals anew what was sealed with the one before; both or
/// nothing. Servers hear of it.
pub async fn rotate(domain: &Domain, key: &str) -> Result<Resealed> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let old: Option<Json<String>> =
        sql::query_scalar("SELECT value FROM platform.setting WHERE key = $1 FOR UPDATE")
            .bind(KEPT_KEY)
            .fetch_optional(tx.conn())
            .await?;
    let olds: Vec<Seal> = old
        .map(|Json(old)| SecretKey(old).credentials())
        .into_iter()
        .collect();
    let new = SecretKey::new(key).credentials();
    let resealed = tracker_token::reseal(tx.conn(), &olds, &new).await?;
    tenancy::keep_in(&mut tx, KEPT_KEY, key.into()).await?;
    tx.commit().await?;
    Ok(resealed)
}

/// Seals everything with the key that counts now that was sealed with one of these, or with the key
/// that the database keeps.
pub async fn reseal(domain: &Domain, olds: &[SecretKey]) -> Result<Resealed> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let new = credentials_to_write(domain, tx.conn()).await?;
    let kept: Option<Json<String>> =
        sql::query_scalar("SELECT value FROM platform.setting WHERE key = $1")
            .bind(KEPT_KEY)
            .fetch_optional(tx.conn())
            .await?;
    let kept = kept.map(|Json(key)| SecretKey(key));
    let olds: Vec<Seal> = olds
        .iter()
        .chain(&kept)
        .map(SecretKey::credentials)
        .collect();
    let resealed = tracker_token::reseal(tx.conn(), &olds, &new).await?;
    tx.commit().await?;
    Ok(resealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_opens() {
        let seal = Seal::new(b"test\0", b"one key");
        let closed = seal.close(b"text", b"row 1").expect("works");
        assert_eq!(seal.open(&closed, b"row 1").expect("works"), b"text");
        assert_ne!(seal.close(b"text", b"row 1").expect("works"), closed);
        assert!(!closed.windows(4).any(|part| part == b"text"));
        let other = Seal::new(b"test\0", b"another");
        assert!(other.open(&closed, b"row 1").is_err());
        assert_ne!(other.id(), seal.id());
        let purpose = Seal::new(b"exam\0", b"one key");
        assert!(purpose.open(&closed, b"row 1").is_err());
        assert!(
            seal.open(&closed, b"row 2").is_err(),
            "it was moved elsewhere"
        );
        assert!(seal.open(&closed[..5], b"row 1").is_err());
        let mut changed = closed;
        changed[NONCE_LEN] ^= 1;
        assert!(seal.open(&changed, b"row 1").is_err());
    }

    #[test]
    fn keys_are_not_printed() {
        assert_eq!(format!("{:?}", SecretKey::new("abc")), "SecretKey");
    }
}
