//! Removes files whose rows are gone.

use domain::files;

use crate::{Claimed, Failure, Worker};

pub(crate) async fn run(worker: &Worker, job: &Claimed) -> Result<(), Failure> {
    Ok(files::remove(worker.domain(), job.payload.clone()).await?)
}
