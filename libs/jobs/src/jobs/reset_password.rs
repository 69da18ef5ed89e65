//! Writes to whoever forgot a password.

use domain::accounts;

use crate::{Claimed, Failure, Worker};

pub(crate) async fn run(worker: &Worker, job: &Claimed) -> Result<(), Failure> {
    Ok(accounts::send_resets(worker.domain(), &job.tenant, job.payload.clone()).await?)
}
