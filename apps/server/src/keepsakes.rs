//! The generated key and certificate survive the container that made them: the database keeps both.
//!
//! A key that the settings give, and a certificate of the operator, are never kept. What is kept is
//! sealed with the key of the settings when there is one, so that a copy of the database alone
//! impersonates nobody.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use domain::Domain;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tenancy::{KEEPSAKES, Tenancy};
use tokio::sync::Notify;
use tracing::{info, warn};
use web::App;

use crate::config::{Config, secret_key};
use crate::tls::{Certificates, Generated};

/// Names of what is kept.
pub(crate) const SECRET_KEY: &str = "secret_key";
const CERTIFICATE: &str = "certificate";
/// How often it is tried while the database is away or has no tables.
const RETRY: Duration = Duration::from_secs(2);
/// How often it is looked whether the certificate was renewed.
const LOOK: Duration = Duration::from_mins(1);

/// Keeps files and database in agreement while a server runs.
pub(crate) struct Keeper {
    domain: Domain,
    app: App,
    certificates: Arc<Certificates>,
    /// Where a generated key lies; none when the settings give the key.
    key_file: Option<std::path::PathBuf>,
    seal: Option<Seal>,
    changed: Arc<Notify>,
}

impl Keeper {
    /// For a server on this database.
    pub(crate) fn new(
        config: &Config,
        domain: Domain,
        app: App,
        certificates: Arc<Certificates>,
    ) -> Self {
        let changed = Arc::new(Notify::new());
        let notify = Arc::clone(&changed);
        let tenancy = domain.tenancy();
        tenancy.on_invalidate(KEEPSAKES, move |_| notify.notify_one());
        let given = config.given_secret_key();
        Self {
            key_file: given.is_none().then(|| config.secret_key_file()),
            seal: given.map(|key| Seal::new(key.as_bytes())),
            domain,
            app,
            certificates,
            changed,
        }
    }

    /// Settles once, for the time before anybody is served; what fails is tried again later.
    pub(crate) async fn settle_first(&self) -> bool {
        match self.settle().await {
            Ok(is_settled) => is_settled,
            Err(why) => {
                warn!(event = "keepsakes_not_settled", "{why:#}");
                false
            }
        }
    }

    /// Settles again whenever something may have changed, for ever.
    pub(crate) async fn follow(self, mut is_settled: bool) {
        loop {
            let pause = if is_settled { LOOK } else { RETRY };
            let _ = tokio::time::timeout(pause, self.changed.notified()).await;
            match self.settle().await {
                Ok(settled) => is_settled = settled,
                Err(why) => {
                    if is_settled {
                        warn!(event = "keepsakes_not_settled", "{why:#}");
                    }
                    is_settled = false;
                }
            }
        }
    }

    /// Brings files and database together; false while there are no tables.
    async fn settle(&self) -> Result<bool> {
        let tenancy = self.domain.tenancy();
        if tenancy.is_paused() || !tenancy.is_initialised().await? {
            return Ok(false);
        }
        self.settle_key(tenancy).await?;
        self.settle_certificate(tenancy).await?;
        Ok(true)
    }

    /// The database decides; the first server's key is the one that it has.
    async fn settle_key(&self, tenancy: &Tenancy) -> Result<()> {
        let Some(file) = &self.key_file else {
            return Ok(());
        };
        let ours = secret_key::load_or_create(file).map_err(anyhow::Error::msg)?;
        let ours = String::from_utf8(ours).context("the secret key is no text")?;
        let kept = tenancy.keep_first(SECRET_KEY, json!(ours)).await?;
        let kept = kept.as_str().context("the kept secret key is no text")?;
        if self.app.sign_with(kept.as_bytes()) {
            info!(
                event = "secret_key_taken",
                "the key of the database is used"
            );
        }
        if kept != ours
            && let Err(why) = secret_key::replace(file, kept)
        {
            warn!(event = "secret_key_not_written", "{why}");
        }
        Ok(())
    }

    /// The newest pair wins; but one that was made only because there was none gives way.
    async fn settle_certificate(&self, tenancy: &Tenancy) -> Result<()> {
        let Some(ours) = self.certificates.generated() else {
            return Ok(());
        };
        let kept = match tenancy.kept(CERTIFICATE).await? {
            Some(kept) => match self.unsealed(&kept) {
                Ok(kept) => Some(kept),
                Err(why) => {
                    warn!(
                        event = "certificate_not_taken",
                        "the kept certificate: {why:#}"
                    );
                    None
                }
            },
            None => None,
        };
        let gives_way =
            |kept: &Generated| self.certificates.is_fresh() || kept.is_newer_than(&ours);
        match kept {
            Some(kept) if kept == ours => {
                self.certificates.is_kept();
                Ok(())
            }
            Some(kept) if gives_way(&kept) && self.certificates.take(&kept) => {
                info!(
                    event = "certificate_taken",
                    "the certificate of the database is used"
                );
                Ok(())
            }
            _ => {
                let value = self.sealed(&ours)?;
                tenancy.keep(CERTIFICATE, value).await?;
                self.certificates.is_kept();
                info!(
                    event = "certificate_kept",
                    "the database keeps the certificate"
                );
                Ok(())
            }
        }
    }

    fn sealed(&self, pair: &Generated) -> Result<Value> {
        match &self.seal {
            None => Ok(serde_json::to_value(pair)?),
            Some(seal) => Ok(json!({ "sealed": seal.close(&serde_json::to_vec(pair)?)? })),
        }
    }

    fn unsealed(&self, value: &Value) -> Result<Generated> {
        match (value.get("sealed"), &self.seal) {
            (None, _) => Ok(serde_json::from_value(value.clone())?),
            (Some(sealed), Some(seal)) => {
                let sealed: Vec<u8> = serde_json::from_value(sealed.clone())?;
                Ok(serde_json::from_slice(&seal.open(&sealed)?)?)
            }
            (Some(_), None) => bail!("it was sealed with a SECRET_KEY that is not given now"),
        }
    }
}

/// Hides a value from those who have the database and not the key.
struct Seal(LessSafeKey);

impl Seal {
    fn new(key: &[u8]) -> Self {
        // the key of the settings signs other things too
        let derived = Sha256::new()
            .chain_update(b"kiwi keepsakes 1\0")
            .chain_update(key)
            .finalize();
        let key = UnboundKey::new(&CHACHA20_POLY1305, &derived);
        Self(LessSafeKey::new(
            key.expect("a hash has the length of a key"),
        ))
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
