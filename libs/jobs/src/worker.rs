//! The loop that carries jobs out, and what is done regularly.

use std::time::Duration;

use domain::Domain;
use futures_util::future::join_all;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::KINDS;
use crate::queue::{self, Claimed};

const BATCH: i64 = 20;
const POLL: Duration = Duration::from_secs(5);
const HOUSEKEEPING: Duration = Duration::from_hours(1);

/// Works until `stop` becomes true; a batch that has begun is finished first.
pub async fn run(domain: Domain, mut stop: watch::Receiver<bool>) {
    let mut polls = interval(POLL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next_cleaning = Instant::now() + HOUSEKEEPING;
    tracing::info!(event = "worker_started", "worker started");
    while !*stop.borrow() {
        tokio::select! {
            _ = polls.tick() => {}
            changed = stop.changed() => if changed.is_err() { break } else { continue },
        }
        while work(&domain).await && !*stop.borrow() {}
        if Instant::now() >= next_cleaning {
            next_cleaning = Instant::now() + HOUSEKEEPING;
            clean(&domain).await;
        }
    }
    tracing::info!(event = "worker_stopped", "worker stopped");
}

/// Carries out one batch; true if there may be more.
async fn work(domain: &Domain) -> bool {
    match queue::claim(domain, BATCH).await {
        Ok(jobs) => {
            join_all(jobs.iter().map(|job| carry_out(domain, job))).await;
            jobs.len() as i64 == BATCH
        }
        Err(error) => {
            tracing::warn!(event = "jobs_not_claimed", error = %error, "cannot look for jobs");
            false
        }
    }
}

async fn carry_out(domain: &Domain, job: &Claimed) {
    let outcome = match KINDS.iter().find(|(kind, _)| *kind == job.kind) {
        Some((_, handler)) => handler(domain, job)
            .await
            .map_err(|error| error.to_string()),
        None => Err(format!("unknown kind of job: {}", job.kind)),
    };
    let noted = match &outcome {
        Ok(()) => queue::done(domain, job).await,
        Err(error) => {
            let last = job.attempt >= queue::MOST_ATTEMPTS;
            tracing::warn!(
                event = "job_failed",
                job.id = job.id,
                job.kind = %job.kind,
                tenant = %job.tenant,
                attempt = job.attempt,
                last,
                error = %error,
                "job failed"
            );
            queue::failed(domain, job, error).await
        }
    };
    if let Err(error) = noted {
        // the lease ends by itself, and the job is done again
        tracing::warn!(event = "job_not_noted", job.id = job.id, error = %error, "job not noted");
    }
}

async fn clean(domain: &Domain) {
    match domain::session::delete_expired(domain).await {
        Ok(count) => tracing::info!(
            event = "sessions_cleaned",
            count,
            "expired sessions deleted"
        ),
        Err(error) => {
            tracing::warn!(event = "sessions_not_cleaned", error = %error, "cannot clean sessions");
        }
    }
    if let Err(error) = domain::accounts::delete_stale_attempts(domain).await {
        tracing::warn!(event = "attempts_not_cleaned", error = %error, "cannot forget old failures");
    }
}
