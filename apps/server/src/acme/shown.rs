//! Which certificates this server shows: those that the database has, as soon as it has them.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use domain::Domain;
use tenancy::KEEPSAKES;
use tokio::sync::Notify;
use tracing::warn;

use super::store::{PREFIX, Store};
use crate::seal::Seal;
use crate::tls::{Certificates, Fetched};

/// How often it is looked without being told.
const LOOK: Duration = Duration::from_mins(1);

/// Shows what the database has, for ever.
pub(crate) async fn follow(seal: Option<Seal>, domain: Domain, certificates: Arc<Certificates>) {
    let changed = Arc::new(Notify::new());
    let notify = Arc::clone(&changed);
    let tenancy = domain.tenancy();
    tenancy.on_invalidate(KEEPSAKES, move |name| {
        if name == "*" || name.starts_with(PREFIX) {
            notify.notify_one();
        }
    });
    let store = Store::new(tenancy.clone(), seal);
    let mut failed = false;
    loop {
        let outcome = show(&store, &certificates).await;
        if let (Err(why), false) = (&outcome, failed) {
            warn!(event = "acme_certificates_not_read", "{why:#}");
        }
        failed = outcome.is_err();
        let _ = tokio::time::timeout(LOOK, changed.notified()).await;
    }
}

async fn show(store: &Store, certificates: &Certificates) -> Result<()> {
    let mut fetched = Fetched::default();
    for issued in store.certificates().await? {
        if let Err(why) = fetched.add(&issued.names, &issued.chain, &issued.key) {
            warn!(
                event = "certificate_unusable",
                host = issued.names[0],
                "{why:#}"
            );
        }
    }
    for answer in store.answers().await? {
        if let Some(digest) = &answer.digest
            && let Err(why) = fetched.add_answer(&answer.host, digest)
        {
            warn!(
                event = "acme_answer_unusable",
                host = answer.host,
                "{why:#}"
            );
        }
    }
    certificates.show(fetched);
    Ok(())
}
