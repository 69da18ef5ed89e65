//! What this program does regularly besides the tasks of every installation.

use std::sync::Arc;
use std::time::Duration;

use jobs::{Rhythm, Task, work};

use crate::commands::backup;
use crate::config::Config;

/// Longest time for a backup.
const DAY: Duration = Duration::from_hours(24);

/// The tasks that the settings ask for.
pub(crate) fn of(config: &Config) -> Vec<Task> {
    let Some(plan) = config.backup_plan.clone() else {
        return vec![];
    };
    let times = plan.times.clone();
    let plan = Arc::new(plan);
    vec![Task {
        name: "backup",
        about: "take a backup and remove old ones",
        rhythm: Rhythm::Daily(times),
        limit: DAY,
        work: work(move |domain| {
            let plan = Arc::clone(&plan);
            async move { backup::by_itself(&domain, &plan).await }
        }),
    }]
}
