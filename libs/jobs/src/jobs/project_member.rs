//! Carries a changed account into the tenants that know it.

use domain::{Domain, Result, accounts};

use crate::Claimed;

pub(crate) async fn run(domain: &Domain, job: &Claimed) -> Result<()> {
    accounts::run_projection(domain, job.payload.clone()).await
}
