//! Everything done later: the queue, its worker, and what is done regularly.
//!
//! A job is noted in the transaction of the change that needs it (`domain::job::enqueue`,
//! `domain::mail`) and carried out here, at least once: jobs are idempotent. Must not know HTTP.
//! To add a job: a function in `jobs/<name>.rs` and its line in [`KINDS`]. To add something that is
//! done regularly: a [`Task`] in `schedule/tasks.rs`.

mod failure;
mod jobs;
mod mail;
mod metrics;
mod queue;
mod schedule;
mod worker;

use std::time::Duration;

use futures_util::future::BoxFuture;

pub use failure::Failure;
pub use mail::{Backend, MailSettings, Mailer, Security, Sender, Smtp};
pub use metrics::Metrics;
pub use queue::Claimed;
pub use schedule::{NoTurn, Outcome, Record, Rhythm, Scheduler, Task, Turn, Work, work};
pub use worker::{Counting, Worker};

/// Carries out one job.
pub type Handler = for<'a> fn(&'a Worker, &'a Claimed) -> BoxFuture<'a, Result<(), Failure>>;

/// A kind of job.
#[derive(Debug)]
pub struct Kind {
    /// As it is stored.
    pub name: &'static str,
    /// Which loop of the worker takes it.
    pub lane: Lane,
    /// What happens after a failure.
    pub patience: Patience,
    /// Carries one out.
    pub run: Handler,
}

/// The loops of a worker; what waits for one does not wait for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Work inside of the installation.
    Inside,
    /// Mail, as slow as somebody else's server.
    Mail,
}

/// How often a job is tried, and how long the pauses are.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Pause after the first failure.
    pub first: Duration,
    /// How much longer each pause is than the one before.
    pub factor: u32,
    /// The longest pause.
    pub longest: Duration,
    /// After so many tries a job is left for the operator.
    pub attempts: i32,
}

/// For work on the own database and the own files.
const INSIDE: Patience = Patience {
    first: Duration::from_secs(5),
    factor: 2,
    longest: Duration::from_hours(1),
    attempts: 10,
};

/// Every kind of job and what carries it out.
pub const KINDS: &[Kind] = &[
    Kind {
        name: domain::job::DELETE_ACCOUNT,
        lane: Lane::Inside,
        patience: INSIDE,
        run: |worker, job| Box::pin(jobs::delete_account::run(worker, job)),
    },
    Kind {
        name: domain::job::PROJECT_MEMBER,
        lane: Lane::Inside,
        patience: INSIDE,
        run: |worker, job| Box::pin(jobs::project_member::run(worker, job)),
    },
    Kind {
        name: domain::job::REMOVE_FILES,
        lane: Lane::Inside,
        patience: INSIDE,
        run: |worker, job| Box::pin(jobs::remove_files::run(worker, job)),
    },
    Kind {
        name: domain::job::RESET_PASSWORD,
        lane: Lane::Inside,
        patience: INSIDE,
        run: |worker, job| Box::pin(jobs::reset_password::run(worker, job)),
    },
    Kind {
        name: domain::job::SEND_MAIL,
        lane: Lane::Mail,
        // 1, 4, 16 minutes … a day: two days in all
        patience: Patience {
            first: Duration::from_mins(1),
            factor: 4,
            longest: Duration::from_hours(24),
            attempts: 8,
        },
        run: |worker, job| Box::pin(jobs::send_mail::run(worker, job)),
    },
];

impl Patience {
    /// Pause after this try, counted from 1.
    fn pause(&self, attempt: i32) -> Duration {
        let doublings = u32::try_from(attempt - 1).unwrap_or_default();
        let pause = self
            .first
            .saturating_mul(self.factor.saturating_pow(doublings));
        pause.min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(kind: &str) -> Vec<u64> {
        let kind = KINDS.iter().find(|known| known.name == kind);
        let patience = kind.expect("a kind").patience;
        (1..patience.attempts)
            .map(|attempt| patience.pause(attempt).as_secs())
            .collect()
    }

    #[test]
    fn waits_longer_each_time() {
        let inside = [5, 10, 20, 40, 80, 160, 320, 640, 1280];
        assert_eq!(pauses(domain::job::PROJECT_MEMBER), inside);
        let mail = [60, 240, 960, 3840, 15_360, 61_440, 86_400];
        assert_eq!(pauses(domain::job::SEND_MAIL), mail);
    }

    #[test]
    fn a_pause_is_never_longer_than_the_longest() {
        let kind = &KINDS[0];
        assert_eq!(kind.patience.pause(50), kind.patience.longest);
    }
}
