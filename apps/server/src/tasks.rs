//! What this program does regularly besides the tasks of every installation.

use std::sync::Arc;
use std::time::Duration;

use jobs::{Rhythm, Task, work};

use crate::acme::Fetching;
use crate::commands::backup;
use crate::config::Config;

/// Longest time for a backup.
const DAY: Duration = Duration::from_hours(24);
/// Longest time for fetching certificates.
const FETCHING: Duration = Duration::from_hours(3);

/// Name of the task that fetches certificates.
pub(crate) const CERTIFICATES: &str = "certificates";

/// The tasks that the settings ask for.
pub(crate) fn of(config: &Config) -> Vec<Task> {
    [backup(config), certificates(config)]
        .into_iter()
        .flatten()
        .collect()
}

fn backup(config: &Config) -> Option<Task> {
    let plan = Arc::new(config.backup_plan.clone()?);
    Some(Task {
        name: "backup",
        about: "take a backup and remove old ones",
        rhythm: Rhythm::Daily(plan.times.clone()),
        limit: DAY,
        work: work(move |domain| {
            let plan = Arc::clone(&plan);
            async move { backup::by_itself(&domain, &plan).await }
        }),
    })
}

fn certificates(config: &Config) -> Option<Task> {
    let plan = config.acme_plan.clone()?;
    let fetching = Arc::new(Fetching::new(plan, config));
    Some(Task {
        name: CERTIFICATES,
        about: "fetch certificates that are missing or end soon",
        rhythm: Rhythm::Every(Duration::from_hours(1)),
        limit: FETCHING,
        work: work(move |domain| {
            let fetching = Arc::clone(&fetching);
            async move { fetching.with(&domain).renew().await }
        }),
    })
}
