//! Carries a changed account into the tenants that know it.

use domain::accounts;

use crate::{Claimed, Failure, Worker};

pub(crate) async fn run(worker: &Worker, job: &Claimed) -> Result<(), Failure> {
    Ok(accounts::run_projection(worker.domain(), job.payload.clone()).await?)
}
