//! What the database keeps about ACME.

use std::collections::BTreeMap;

use anyhow::Result;
use instant_acme::AccountCredentials;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tenancy::Tenancy;
use tracing::warn;

use crate::seal::{Seal, sealed, unsealed};

/// What all names of these values begin with.
pub(super) const PREFIX: &str = "acme/";
const ACCOUNT: &str = "acme/account/";
const CERTIFICATE: &str = "acme/certificate/";
const ANSWER: &str = "acme/answer/";
const TROUBLE: &str = "acme/trouble/";

/// A certificate, its key and whom it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Issued {
    /// Host names; the certificate is kept under the first.
    pub(crate) names: Vec<String>,
    /// Certificates as PEM, the own one first.
    pub(super) chain: String,
    /// Key as PEM.
    pub(super) key: String,
    /// When it begins and ends, in seconds since 1970.
    pub(super) not_before: i64,
    pub(crate) not_after: i64,
}

impl Issued {
    /// Whether a third of its life or less is left.
    pub(super) fn is_due(&self, now: i64) -> bool {
        now - self.not_before >= (self.not_after - self.not_before) / 3 * 2
    }
}

/// What the authority is to be answered when it asks about a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Answer {
    /// What it asks for, by plain HTTP.
    pub(super) token: String,
    /// What it wants to hear.
    pub(super) proof: String,
    /// The name it asks about.
    pub(super) host: String,
    /// SHA-256 of the proof when it asks by a handshake.
    pub(super) digest: Option<Vec<u8>>,
    /// When nobody asks any more, in seconds since 1970.
    pub(super) until: i64,
}

/// Failures for a name since the last success.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Trouble {
    /// How many.
    pub(super) times: u32,
    /// When it is tried again, in seconds since 1970.
    pub(crate) not_before: i64,
    /// Why it failed the last time.
    pub(crate) error: String,
}

/// The values of ACME in the database.
pub(super) struct Store {
    tenancy: Tenancy,
    seal: Option<Seal>,
}

impl Store {
    pub(super) fn new(tenancy: Tenancy, seal: Option<Seal>) -> Self {
        Self { tenancy, seal }
    }

    /// The account with an authority; one that cannot be opened any more counts as none.
    pub(super) async fn account(&self, directory: &str) -> Result<Option<AccountCredentials>> {
        let kept = self.tenancy.kept(&format!("{ACCOUNT}{directory}")).await?;
        Ok(kept.and_then(|kept| self.opened(directory, &kept)))
    }

    fn opened<T: DeserializeOwned>(&self, name: &str, value: &Value) -> Option<T> {
        unsealed(self.seal.as_ref(), value)
            .inspect_err(|why| warn!(event = "acme_value_lost", name, "{why:#}"))
            .ok()
    }

    pub(super) async fn keep_account(
        &self,
        directory: &str,
        account: &AccountCredentials,
    ) -> Result<()> {
        let value = sealed(self.seal.as_ref(), account)?;
        Ok(self
            .tenancy
            .keep(&format!("{ACCOUNT}{directory}"), value)
            .await?)
    }

    /// All certificates; one that cannot be opened any more counts as none.
    pub(super) async fn certificates(&self) -> Result<Vec<Issued>> {
        let kept = self.tenancy.kept_below(CERTIFICATE).await?;
        let read = kept
            .iter()
            .filter_map(|(name, value)| self.opened(name, value));
        Ok(read.collect())
    }

    pub(super) async fn keep_certificate(&self, issued: &Issued) -> Result<()> {
        let name = &issued.names[0];
        let value = sealed(self.seal.as_ref(), issued)?;
        self.tenancy
            .keep(&format!("{CERTIFICATE}{name}"), value)
            .await?;
        Ok(self.tenancy.forget(&format!("{TROUBLE}{name}")).await?)
    }

    pub(super) async fn forget_certificate(&self, name: &str) -> Result<()> {
        Ok(self.tenancy.forget(&format!("{CERTIFICATE}{name}")).await?)
    }

    /// Lets every server answer.
    pub(super) async fn offer(&self, answer: &Answer) -> Result<()> {
        let name = format!("{ANSWER}{}", answer.token);
        Ok(self
            .tenancy
            .keep(&name, serde_json::to_value(answer)?)
            .await?)
    }

    pub(super) async fn withdraw(&self, token: &str) -> Result<()> {
        Ok(self.tenancy.forget(&format!("{ANSWER}{token}")).await?)
    }

    pub(super) async fn answers(&self) -> Result<Vec<Answer>> {
        let kept = self.tenancy.kept_below(ANSWER).await?;
        let read = kept
            .into_iter()
            .filter_map(|(_, value)| serde_json::from_value(value).ok());
        Ok(read.collect())
    }

    /// Removes answers of a program that did not live to do it.
    pub(super) async fn forget_old_answers(&self, now: i64) -> Result<()> {
        for answer in self.answers().await? {
            if answer.until < now {
                self.withdraw(&answer.token).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn troubles(&self) -> Result<BTreeMap<String, Trouble>> {
        let kept = self.tenancy.kept_below(TROUBLE).await?;
        let read = kept.into_iter().filter_map(|(name, value)| {
            let host = name.strip_prefix(TROUBLE)?.to_owned();
            Some((host, serde_json::from_value(value).ok()?))
        });
        Ok(read.collect())
    }

    pub(super) async fn keep_trouble(&self, name: &str, trouble: &Trouble) -> Result<()> {
        let value = serde_json::to_value(trouble)?;
        Ok(self
            .tenancy
            .keep(&format!("{TROUBLE}{name}"), value)
            .await?)
    }
}

/// The answer to a token, as any server finds it.
pub(super) async fn answer_to(tenancy: &Tenancy, token: &str) -> tenancy::Result<Option<Answer>> {
    let kept = tenancy.kept(&format!("{ANSWER}{token}")).await?;
    Ok(kept.and_then(|value| serde_json::from_value(value).ok()))
}

#[cfg(test)]
mod tests {
    use super::Issued;

    #[test]
    fn a_certificate_is_renewed_after_two_thirds_of_its_life() {
        let issued = Issued {
            names: vec!["a.example".to_owned()],
            chain: String::new(),
            key: String::new(),
            not_before: 1000,
            not_after: 1900,
        };
        assert!(!issued.is_due(1000) && !issued.is_due(1599));
        assert!(issued.is_due(1600) && issued.is_due(2000));
    }
}
