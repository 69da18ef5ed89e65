//! Sends a mail of the outbox.

use std::time::{Duration, Instant};

use domain::mail::Mail;
use domain::tenancy::State;

use crate::{Claimed, Failure, Worker};

/// When a mail is looked at again whose tenant is not served.
const UNTIL_SERVED: Duration = Duration::from_mins(10);

pub(crate) async fn run(worker: &Worker, job: &Claimed) -> Result<(), Failure> {
    let Some(mailer) = worker.mailer() else {
        return Err(Failure::Later(UNTIL_SERVED));
    };
    let unreadable = |error: serde_json::Error| Failure::Final(error.to_string().into());
    let mail: Mail = serde_json::from_value(job.payload.clone()).map_err(unreadable)?;
    if !job.tenant.is_empty() {
        let tenant = worker.domain().tenancy().by_name(&job.tenant).await?;
        match tenant.map(|tenant| tenant.state) {
            Some(State::Active) => {}
            Some(State::Provisioning | State::Suspended | State::Failed) => {
                return Err(Failure::Later(UNTIL_SERVED));
            }
            Some(State::Deleting | State::Deleted) | None => {
                tracing::info!(
                    event = "mail_discarded",
                    job.id = job.id,
                    tenant = %job.tenant,
                    "the tenant of a mail is gone"
                );
                return Ok(());
            }
        }
    }
    if let Some(pause) = mailer.pace().wait(&job.tenant, Instant::now()) {
        return Err(Failure::Later(pause));
    }
    let begun = Instant::now();
    mailer.send(&mail, job.created_at).await?;
    let seconds = begun.elapsed().as_secs_f64();
    worker.metrics().sent(seconds);
    tracing::info!(
        event = "mail_sent",
        job.id = job.id,
        tenant = %job.tenant,
        attempt = job.attempt,
        seconds,
        "mail sent"
    );
    Ok(())
}
