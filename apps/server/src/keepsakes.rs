//! The generated key and certificate survive the container that made them: the database keeps both.
//!
//! A key that the settings give, and a certificate of the operator, are never kept. What is kept is
//! sealed with the key of the settings when there is one, so that a copy of the database alone
//! impersonates nobody.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use domain::Domain;
use domain::seal::KEPT_KEY;
use serde_json::json;
use tenancy::{KEEPSAKES, Tenancy};
use tokio::sync::Notify;
use tracing::{info, warn};
use web::App;

use crate::config::{Config, secret_key};
use crate::seal::{Seal, sealed, unsealed};
use crate::tls::{Certificates, Generated};

/// Name of what is kept beside the key.
const CERTIFICATE: &str = "certificate";
/// What to do about several keys.
pub(crate) const SAME_KEY: &str =
    "give all servers on this database the same SECRET_KEY and restart them";
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
    useless: Useless,
}

/// What becomes of a kept certificate that this server cannot use.
///
/// Only a server that starts replaces it. Two servers with different settings would otherwise
/// answer each other's certificates for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Useless {
    /// Nothing was settled yet: it comes from settings of the past.
    Replace,
    /// Another server has other settings, which nobody was told yet.
    Tell,
    /// It was told.
    Leave,
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
        let is_given = config.given_secret_key().is_some();
        Self {
            key_file: (!is_given).then(|| config.secret_key_file()),
            seal: Seal::of(config),
            domain,
            app,
            certificates,
            changed,
            useless: Useless::Replace,
        }
    }

    /// Settles once, for the time before anybody is served; what fails is tried again later.
    pub(crate) async fn settle_first(&mut self) -> bool {
        match self.settle().await {
            Ok(is_settled) => is_settled,
            Err(why) => {
                warn!(event = "keepsakes_not_settled", "{why:#}");
                false
            }
        }
    }

    /// Settles again whenever something may have changed, for ever.
    pub(crate) async fn follow(mut self, mut is_settled: bool) {
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
    async fn settle(&mut self) -> Result<bool> {
        let tenancy = self.domain.tenancy().clone();
        if tenancy.is_paused() || !tenancy.is_initialised().await? {
            return Ok(false);
        }
        self.settle_key(&tenancy).await?;
        self.settle_certificate(&tenancy).await?;
        Ok(true)
    }

    /// The database decides; the first server's key is the one that it has.
    async fn settle_key(&self, tenancy: &Tenancy) -> Result<()> {
        let Some(file) = &self.key_file else {
            return Ok(());
        };
        let ours = secret_key::load_or_create(file).map_err(anyhow::Error::msg)?;
        let ours = String::from_utf8(ours).context("the secret key is no text")?;
        let kept = tenancy.keep_first(KEPT_KEY, json!(ours)).await?;
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

    async fn settle_certificate(&mut self, tenancy: &Tenancy) -> Result<()> {
        let Some(ours) = self.certificates.generated() else {
            return Ok(());
        };
        let why = self.agree(tenancy, &ours).await?;
        self.useless = match (why, self.useless) {
            (None, _) => Useless::Tell,
            (Some(why), Useless::Replace) => {
                warn!(
                    event = "certificate_replaced",
                    "another certificate than the kept one is used: {why}"
                );
                self.keep(tenancy, &ours).await?;
                Useless::Tell
            }
            (Some(why), Useless::Tell) => {
                warn!(
                    event = "certificate_not_taken",
                    "the kept certificate was left alone: {why}"
                );
                Useless::Leave
            }
            (Some(_), Useless::Leave) => Useless::Leave,
        };
        Ok(())
    }

    /// The newest pair wins; but one that was made only because there was none gives way. Returns
    /// why the kept one cannot be used.
    async fn agree(&self, tenancy: &Tenancy, ours: &Generated) -> Result<Option<String>> {
        let Some(kept) = tenancy.kept(CERTIFICATE).await? else {
            self.keep(tenancy, ours).await?;
            return Ok(None);
        };
        let kept: Generated = match unsealed(self.seal.as_ref(), &kept) {
            Ok(kept) => kept,
            Err(why) => return Ok(Some(format!("{why:#}; {SAME_KEY}"))),
        };
        if kept == *ours {
            self.certificates.is_kept();
        } else if !self.certificates.is_fresh() && !kept.is_newer_than(ours) {
            self.keep(tenancy, ours).await?;
        } else if self.certificates.take(&kept) {
            info!(
                event = "certificate_taken",
                "the certificate of the database is used"
            );
        } else {
            let why = "it lacks a name that this server needs, or ends soon; give all servers the \
                       same KIWI_CERTIFICATE_NAMES and KIWI_TENANTS_DOMAIN";
            return Ok(Some(why.to_owned()));
        }
        Ok(None)
    }

    async fn keep(&self, tenancy: &Tenancy, ours: &Generated) -> Result<()> {
        let value = sealed(self.seal.as_ref(), ours)?;
        tenancy.keep(CERTIFICATE, value).await?;
        self.certificates.is_kept();
        info!(
            event = "certificate_kept",
            "the database keeps the certificate"
        );
        Ok(())
    }
}

/// Why the certificate that the database keeps cannot be read with the key of the settings.
pub(crate) async fn unreadable(
    config: &Config,
    tenancy: &Tenancy,
) -> tenancy::Result<Option<String>> {
    let kept = tenancy.kept(CERTIFICATE).await?;
    let read = kept.map(|kept| unsealed::<Generated>(Seal::of(config).as_ref(), &kept));
    Ok(read.and_then(Result::err).map(|why| format!("{why:#}")))
}
