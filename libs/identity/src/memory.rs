//! What is remembered of a provider: its description with its keys, for a while, and for a moment
//! that it did not answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use openidconnect::core::CoreProviderMetadata;
use openidconnect::{DiscoveryError, IssuerUrl};
use tokio::sync::Mutex;

use crate::Error;
use crate::provider::Known;

/// How long a description is believed.
const LIFE: Duration = Duration::from_hours(1);
/// How often unknown keys are a reason to read it again.
const PAUSE: Duration = Duration::from_mins(1);
/// How long nobody asks again after a failure.
const BREATH: Duration = Duration::from_secs(5);

/// What is remembered; whoever looks waits for whoever is asking the provider already.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    found: Option<(Arc<CoreProviderMetadata>, Instant)>,
    renewed: Option<Instant>,
    failed: Option<(Error, Instant)>,
}

impl Known {
    /// The provider's description and keys.
    pub(crate) async fn metadata(&self) -> Result<Arc<CoreProviderMetadata>, Error> {
        let mut inner = self.memory.0.lock().await;
        if let Some((found, at)) = &inner.found
            && at.elapsed() < LIFE
        {
            return Ok(Arc::clone(found));
        }
        self.read(&mut inner).await
    }

    /// The same, read again because a key is unknown; what is remembered if that was done just now.
    pub(crate) async fn metadata_anew(&self) -> Result<Arc<CoreProviderMetadata>, Error> {
        let mut inner = self.memory.0.lock().await;
        if let Some((found, _)) = &inner.found
            && inner.renewed.is_some_and(|at| at.elapsed() < PAUSE)
        {
            return Ok(Arc::clone(found));
        }
        inner.renewed = Some(Instant::now());
        self.read(&mut inner).await
    }

    async fn read(&self, inner: &mut Inner) -> Result<Arc<CoreProviderMetadata>, Error> {
        if let Some((error, at)) = &inner.failed
            && at.elapsed() < BREATH
        {
            return Err(error.clone());
        }
        match self.discover().await {
            Ok(found) => {
                let found = Arc::new(found);
                inner.failed = None;
                inner.found = Some((Arc::clone(&found), Instant::now()));
                Ok(found)
            }
            Err(error) => {
                inner.failed = Some((error.clone(), Instant::now()));
                Err(error)
            }
        }
    }

    /// Asks the provider.
    pub(crate) async fn discover(&self) -> Result<CoreProviderMetadata, Error> {
        let issuer = IssuerUrl::new(self.provider.issuer.clone())
            .map_err(|error| Error::Answer(format!("issuer: {error}")))?;
        let found = CoreProviderMetadata::discover_async(issuer, &self.remote).await;
        found.map_err(|error| match error {
            DiscoveryError::Request(why) => Error::Unreachable(why.to_string()),
            DiscoveryError::Response(status, ..) if status.is_server_error() => {
                Error::Unreachable(format!("it answers {status}"))
            }
            DiscoveryError::Response(_, _, why)
            | DiscoveryError::Validation(why)
            | DiscoveryError::Other(why) => Error::Answer(why),
            other => Error::Answer(other.to_string()),
        })
    }
}
