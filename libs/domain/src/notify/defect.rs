//! Mail about faults of ours, to the people who run the server.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::mail::{self, Letter, Origin, moment};
use crate::{Domain, Result, site};

/// Time between two mails of one program; what fails meanwhile is counted.
const PAUSE: Duration = Duration::from_mins(10);

/// When a mail was last written, and how many faults were not told since.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<(Option<Instant>, u64)>);

impl Pace {
    /// How many faults were kept back, if it is time for another mail; else this one is, too.
    fn take(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, untold) = &mut *state;
        if last.is_some_and(|last| now.duration_since(last) < PAUSE) {
            *untold += 1;
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(untold))
    }
}

/// Tells the people who run the server that a request ended in a fault of ours: when and where, and
/// under which name the log has the rest. What the request held is not told, because it may hold
/// secrets. Whoever asks does not wait for it.
pub fn defect(domain: &Domain, place: &str, request_id: &str) {
    if domain.settings().admins.is_empty() {
        return;
    }
    let Some(untold) = domain.defects().take(Instant::now()) else {
        return;
    };
    let (domain, place, request_id) = (domain.clone(), place.to_owned(), request_id.to_owned());
    tokio::spawn(async move {
        if let Err(error) = post(&domain, place, request_id, untold).await {
            tracing::warn!(event = "defect_untold", %error, "a fault could not be told by mail");
        }
    });
}

async fn post(domain: &Domain, place: String, request_id: String, untold: u64) -> Result<()> {
    let public = domain.tenancy().by_name("public").await?;
    let site = match public {
        Some(public) => site::domain_of(domain, &public).await?,
        None => String::new(),
    };
    let letter = Letter::Defect {
        site: site.clone(),
        place,
        request_id,
        at: moment(crate::now()),
        untold,
    };
    let origin = Origin {
        tenant: "",
        site: &site,
    };
    let mut tx = domain.tenancy().begin_platform().await?;
    let to = &domain.settings().admins;
    mail::post(tx.conn(), origin, to, None, &letter).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_between_two_mails_are_counted() {
        let pace = Pace::default();
        let begin = Instant::now();
        assert_eq!(pace.take(begin), Some(0));
        for _ in 0..3 {
            assert_eq!(pace.take(begin + PAUSE / 2), None);
        }
        assert_eq!(pace.take(begin + PAUSE), Some(3));
        assert_eq!(pace.take(begin + PAUSE * 2), Some(0));
    }
}
