//! Everything done later: the queue, its worker, and what is done regularly.
//!
//! A job is noted in the transaction of the change that needs it (`domain::job::enqueue`) and
//! carried out here, at least once: jobs are idempotent. Must not know HTTP.
//! To add a job: a function in `jobs/<name>.rs` and its line in [`KINDS`].

mod jobs;
mod queue;
mod worker;

use domain::Domain;
use futures_util::future::BoxFuture;

pub use queue::Claimed;
pub use worker::run;

/// Carries out one job.
pub type Handler = for<'a> fn(&'a Domain, &'a Claimed) -> BoxFuture<'a, domain::Result<()>>;

/// Every kind of job and what carries it out.
pub const KINDS: &[(&str, Handler)] = &[(domain::job::PROJECT_MEMBER, |domain, job| {
    Box::pin(jobs::project_member::run(domain, job))
})];
