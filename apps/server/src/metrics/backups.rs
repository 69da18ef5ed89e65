//! What is known of backups, for those who watch.

use std::path::Path;

use chrono::DateTime;
use domain::Domain;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::deeds::{self, Deed};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    target: String,
}

/// When backups went well.
#[derive(Debug, Clone)]
pub(crate) struct Backups {
    taken: Family<Of, Gauge>,
    verified: Family<Of, Gauge>,
    proof: Family<Of, Gauge>,
}

impl Backups {
    /// Creates them in a registry.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let backups = Self {
            taken: Family::default(),
            verified: Family::default(),
            proof: Family::default(),
        };
        registry.register(
            "backup_last_success_timestamp",
            "When the last backup of everything was taken, in seconds since 1970; 0 for never",
            backups.taken.clone(),
        );
        registry.register(
            "backup_verified_timestamp",
            "When it was last proved that a backup of everything can be restored, in seconds \
             since 1970; 0 for never",
            backups.verified.clone(),
        );
        registry.register(
            "restore_proof_oldest_seconds",
            "For how long it has not been proved that a tenant can be restored, of the tenant \
             for which that is longest",
            backups.proof.clone(),
        );
        backups
    }

    /// Looks when another tool took its last backup.
    pub(crate) async fn watch(&self, file: &Path) {
        let labels = Of {
            target: file.display().to_string(),
        };
        let taken = deeds::written_at(file).await;
        let taken = taken.map_or(0, |at| at.timestamp());
        self.taken.get_or_create(&labels).set(taken);
    }

    /// Looks what was noted.
    pub(crate) async fn count(&self, domain: &Domain, target: &str) -> domain::Result<()> {
        let taken = deeds::last(domain, Deed::Backup).await?;
        let taken = taken.and_then(|last| last.succeeded_at);
        let verification = deeds::last(domain, Deed::Verification).await?;
        let verified = verification.as_ref().and_then(|last| last.succeeded_at);
        let labels = Of {
            target: target.to_owned(),
        };
        let set = |family: &Family<Of, Gauge>, value: i64| {
            family.get_or_create(&labels).set(value);
        };
        set(&self.taken, taken.map_or(0, |at| at.timestamp()));
        set(&self.verified, verified.map_or(0, |at| at.timestamp()));
        // a tenant that was made later is not in the backup that was looked at
        let of = verification.and_then(|last| last.of);
        let of = of.unwrap_or(DateTime::UNIX_EPOCH);
        let made = domain.tenancy().first_made_after(of).await?;
        let oldest = verified.into_iter().chain(made).min();
        let waits = oldest.map_or(0, |oldest| (domain::now() - oldest).num_seconds().max(0));
        set(&self.proof, waits);
        Ok(())
    }
}
