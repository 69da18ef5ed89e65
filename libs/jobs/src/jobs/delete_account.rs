//! Completes the deletion of an account that was interrupted.

use domain::accounts;

use crate::{Claimed, Failure, Worker};

pub(crate) async fn run(worker: &Worker, job: &Claimed) -> Result<(), Failure> {
    Ok(accounts::run_deletion(worker.domain(), job.payload.clone()).await?)
}
