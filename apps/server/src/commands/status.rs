//! The page *System status*: what `kiwi doctor` finds, and what is so, for superusers in a browser.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::tenancy::Mode;
use domain::{Domain, Error, Result, mail, site};
use futures_util::FutureExt as _;
use jobs::{Outcome, Record, Rhythm, Scheduler, Task};
use views::page::{Fact, Finding, Subject, SystemPage, TaskRow, TaskState};
use web::Inspection;

use super::check::{Problem, Severity};
use super::doctor;
use crate::config::{Config, catalogue};
use crate::deeds::{self, Deed};
use crate::disk;
use crate::tasks;
use crate::tls;

/// What looks at the installation whenever somebody opens the page.
pub(crate) fn inspection(config: Arc<Config>) -> Inspection {
    let started_at = domain::now();
    Arc::new(move |domain| look(Arc::clone(&config), domain, started_at).boxed())
}

async fn look(
    config: Arc<Config>,
    domain: Domain,
    started_at: DateTime<Utc>,
) -> Result<SystemPage> {
    let found = doctor::examine_running(&config, &domain).await;
    let found = found.map_err(|failure| Error::Internal(anyhow::anyhow!("{failure}")))?;
    let findings = found.problems().iter().map(finding).collect();
    let (on_disk, config) = {
        let look = move || (on_disk(&config), config);
        let looked = tokio::task::spawn_blocking(look).await;
        looked.map_err(|error| Error::Internal(error.into()))?
    };
    let mut subjects = vec![
        program(&domain, started_at).await?,
        database(&domain).await?,
    ];
    subjects.push(mails(&domain).await?);
    subjects.extend(on_disk);
    subjects.push(backups(&config, &domain).await?);
    let scheduler = Scheduler::new(domain, tasks::of(&config));
    let records = scheduler.records().await?;
    let tasks = scheduler.tasks().iter().map(|task| {
        let record = records.iter().find(|record| record.name == task.name);
        row(task, record)
    });
    Ok(SystemPage {
        looked_at: domain::now(),
        findings,
        subjects,
        tasks: tasks.collect(),
    })
}

fn finding(problem: &Problem) -> Finding {
    let is_error = problem.severity == Severity::Error;
    Finding::new(is_error, &problem.setting, &problem.what, &problem.fix)
}

async fn program(domain: &Domain, started_at: DateTime<Utc>) -> Result<Subject> {
    let tenancy = domain.tenancy();
    let mut facts = vec![
        Fact::text("system-version", &domain.settings().version),
        Fact::moment("system-started", started_at, ""),
    ];
    if let Some(public) = tenancy.by_name("public").await? {
        let name = site::stored_of(domain, &public).await?;
        facts.push(Fact::text("system-domain", name));
    }
    if *tenancy.mode() != Mode::Single {
        let census = tenancy.census().await?;
        let counts = census
            .iter()
            .map(|counted| format!("{} {}", counted.tenants, counted.state));
        let counts = counts.collect::<Vec<_>>().join(", ");
        facts.push(Fact::text("system-tenants", counts));
    }
    let key = "system-program";
    Ok(Subject { key, facts })
}

async fn database(domain: &Domain) -> Result<Subject> {
    let tenancy = domain.tenancy();
    let about = tenancy.facts().await?;
    let status = tenancy.migration_status().await?;
    let (open, limit) = tenancy
        .pools()
        .iter()
        .fold((0, 0), |(open, limit), (_, pool)| {
            (open + pool.open, limit + pool.limit)
        });
    let missing = status.steps.iter().filter(|step| !step.is_applied).count();
    let behind = status.behind.len();
    let migrations = match (missing, behind) {
        (0, 0) => format!("all applied, the newest is {}", status.newest),
        _ => format!("{missing} to be applied, {behind} tenants behind"),
    };
    Ok(Subject {
        key: "system-database",
        facts: vec![
            Fact::text("system-database-version", about.version),
            Fact::text(
                "system-database-size",
                disk::size(about.size.unsigned_abs()),
            ),
            Fact::text("system-connections", format!("{open} of at most {limit}")),
            Fact::text("system-migrations", migrations),
        ],
    })
}

async fn mails(domain: &Domain) -> Result<Subject> {
    let counts = mail::counts(domain).await?;
    Ok(Subject {
        key: "system-mail",
        facts: vec![
            Fact::text("system-mail-waiting", counts.waiting.to_string()),
            Fact::text("system-mail-dead", counts.dead.to_string()),
            deed(domain, Deed::TestMail, "system-mail-test").await?,
        ],
    })
}

/// What files say; reads them.
fn on_disk(config: &Config) -> Vec<Subject> {
    let mut subjects = vec![];
    // what is wrong with a pair is among the findings
    if let Ok(Some(certificate)) = tls::look(&config.data_dir) {
        let days = format!("{} days left", certificate.days_left);
        let until = certificate.not_after.parse::<DateTime<Utc>>();
        let until = match until {
            Ok(until) => Fact::moment("system-certificate-until", until, days),
            Err(_) => Fact::text("system-certificate-until", days),
        };
        subjects.push(Subject {
            key: "system-certificate",
            facts: vec![
                Fact::text("system-certificate-subject", certificate.subject),
                Fact::text("system-certificate-issuer", certificate.issuer),
                until,
            ],
        });
    }
    let uploads = config.uploads_folder();
    let place = if let Some(folder) = &uploads {
        folder.display().to_string()
    } else {
        let bucket = config.values.text(&catalogue::uploads::S3_BUCKET);
        format!("s3, {}", bucket.unwrap_or_default())
    };
    let mut facts = vec![Fact::text("system-storage-place", place)];
    for (folder, disk) in config.disks() {
        let is_uploads = uploads.as_ref() == Some(&folder);
        let key = if is_uploads {
            "system-disk-uploads"
        } else {
            "system-disk"
        };
        facts.push(Fact::text(key, disk.to_string()));
    }
    subjects.push(Subject {
        key: "system-storage",
        facts,
    });
    subjects
}

async fn backups(config: &Config, domain: &Domain) -> Result<Subject> {
    let taken = match config.backup_age_file() {
        Some(file) => match deeds::written_at(&file).await {
            Some(at) => Fact::moment("system-backup", at, file.display().to_string()),
            None => Fact::text("system-backup", "–"),
        },
        None => deed(domain, Deed::Backup, "system-backup").await?,
    };
    let mut facts = vec![
        taken,
        deed(domain, Deed::Verification, "system-verification").await?,
    ];
    if let Some(plan) = &config.backup_plan {
        let target = &plan.target;
        for (key, turns) in [
            ("system-backup-plan", &plan.schedule),
            ("system-verification-plan", &plan.verify),
        ] {
            if !turns.is_empty() {
                let rhythm = Rhythm::At(turns.clone());
                facts.push(Fact::text(key, format!("{rhythm} UTC, {target}")));
            }
        }
    }
    let key = "system-backups";
    Ok(Subject { key, facts })
}

async fn deed(domain: &Domain, deed: Deed, key: &'static str) -> Result<Fact> {
    Ok(match deeds::last(domain, deed).await? {
        Some(last) => Fact::moment(key, last.at, last.outcome()),
        None => Fact::text(key, "–"),
    })
}

fn row(task: &Task, record: Option<&Record>) -> TaskRow {
    let state = match record {
        Some(record) if record.is_running => TaskState::RUNNING,
        Some(record) => match record.outcome {
            Some(Outcome::Done) => TaskState::DONE,
            Some(Outcome::Failed) => TaskState::FAILED,
            Some(Outcome::Interrupted) => TaskState::INTERRUPTED,
            None => TaskState::NEW,
        },
        None => TaskState::NEW,
    };
    TaskRow {
        name: task.name.to_owned(),
        about: task.about.to_owned(),
        rhythm: task.rhythm.to_string(),
        state,
        last: record.and_then(|record| record.started_at),
        seconds: record
            .and_then(Record::seconds)
            .map(|seconds| seconds as i64),
        next: record.map(|record| record.due_at),
        detail: record
            .map(|record| record.detail.clone())
            .unwrap_or_default(),
    }
}
