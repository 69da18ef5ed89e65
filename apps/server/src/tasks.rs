//! What this program does regularly besides the tasks of every installation.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use domain::Domain;
use futures_util::FutureExt as _;
use jobs::{Mailer, Rhythm, Task, Worker, work};
use tokio::sync::watch;

use crate::acme::Fetching;
use crate::commands::backup;
use crate::config::Config;
use crate::metrics::Backups;

/// Longest time for a backup, and for trying one out.
const DAY: Duration = Duration::from_hours(24);
/// Longest time for fetching certificates.
const FETCHING: Duration = Duration::from_hours(3);

/// Name of the task that fetches certificates.
pub(crate) const CERTIFICATES: &str = "certificates";

/// The tasks that the settings ask for.
pub(crate) fn of(config: &Config) -> Vec<Task> {
    [backup(config), verification(config), certificates(config)]
        .into_iter()
        .flatten()
        .collect()
}

/// A worker that does them, and counts what the program alone knows.
pub(crate) fn worker(
    config: &Config,
    domain: Domain,
    mailer: watch::Receiver<Option<Mailer>>,
    counted: jobs::Metrics,
    backups: Backups,
) -> Worker {
    let worker = Worker::new(domain, mailer, counted).with_tasks(of(config));
    if let Some(file) = config.backup_age_file() {
        let file: Arc<Path> = file.into();
        return worker.counting(Arc::new(move |_| {
            let (backups, file) = (backups.clone(), Arc::clone(&file));
            async move {
                backups.watch(&file).await;
                Ok(())
            }
            .boxed()
        }));
    }
    if !config.takes_backups() {
        return worker;
    }
    let plan = config.backup_plan.as_ref();
    let target = plan.map(|plan| plan.target.to_string());
    let target: Arc<str> = target.unwrap_or_default().into();
    worker.counting(Arc::new(move |domain| {
        let (backups, target) = (backups.clone(), Arc::clone(&target));
        async move { backups.count(&domain, &target).await }.boxed()
    }))
}

fn backup(config: &Config) -> Option<Task> {
    let plan = config.backup_plan.clone();
    let plan = Arc::new(plan.filter(|plan| !plan.schedule.is_empty())?);
    Some(Task {
        name: "backup",
        about: "take a backup and remove old ones",
        rhythm: Rhythm::At(plan.schedule.clone()),
        limit: DAY,
        work: work(move |domain| {
            let plan = Arc::clone(&plan);
            async move { backup::by_itself(&domain, &plan).await }
        }),
    })
}

fn verification(config: &Config) -> Option<Task> {
    let plan = config.backup_plan.clone();
    let plan = Arc::new(plan.filter(|plan| !plan.verify.is_empty())?);
    Some(Task {
        name: "verify_backup",
        about: "prove that the newest backup can be restored",
        rhythm: Rhythm::At(plan.verify.clone()),
        limit: DAY,
        work: work(move |domain| {
            let plan = Arc::clone(&plan);
            async move { backup::verify_newest(&domain, &plan).await }
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
