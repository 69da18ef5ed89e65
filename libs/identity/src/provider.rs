//! What the operator says about providers.

use std::fmt;
use std::sync::Arc;

use crate::memory::Memory;
use crate::remote::Remote;

/// A provider, as the operator describes it.
#[derive(Clone, PartialEq, Eq)]
pub struct Provider {
    /// Short name, part of addresses.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Address under which the provider describes itself.
    pub issuer: String,
    /// Name of this installation at the provider.
    pub client_id: String,
    /// Secret of this installation at the provider; none for a public client.
    pub client_secret: Option<String>,
    /// What is asked for besides `openid`.
    pub scopes: Vec<String>,
    /// Audiences that a token may be meant for besides this installation.
    pub audiences: Vec<String>,
    /// Claim with the user name.
    pub username_claim: String,
    /// Claim with the e-mail address.
    pub email_claim: String,
    /// Claim with the groups; may be empty.
    pub groups_claim: String,
}

/// Without the secret.
impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// All providers, with what is remembered of each; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Providers(Arc<[Known]>);

/// A provider and what is remembered of it.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) provider: Provider,
    pub(crate) memory: Memory,
    pub(crate) remote: Remote,
}

impl Providers {
    /// These providers, each with connections of its own, so that one that hangs delays no other.
    pub fn new(providers: Vec<Provider>) -> Result<Self, crate::Error> {
        let known = providers.into_iter().map(|provider| {
            Ok(Known {
                provider,
                memory: Memory::default(),
                remote: Remote::new()?,
            })
        });
        Ok(Self(known.collect::<Result<_, _>>()?))
    }

    /// The providers in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter().map(|known| &known.provider)
    }

    /// The provider with this short name.
    pub fn get(&self, id: &str) -> Option<&Provider> {
        self.iter().find(|provider| provider.id == id)
    }

    pub(crate) fn known(&self, id: &str) -> Result<&Known, crate::Error> {
        self.0
            .iter()
            .find(|known| known.provider.id == id)
            .ok_or_else(|| crate::Error::Answer(format!("there is no provider {id}")))
    }
}
