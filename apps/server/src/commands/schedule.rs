//! `kiwi schedule …`: what is done regularly, and how it goes.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::Domain;
use jobs::{Outcome, Record, Scheduler, Task};
use serde::Serialize;

use super::fault;
use crate::cli::Schedule;
use crate::config::Config;
use crate::output::{Failure, Output, columns};
use crate::tasks;

#[derive(Serialize)]
struct Line {
    task: String,
    about: &'static str,
    rhythm: String,
    state: &'static str,
    started_at: Option<String>,
    finished_at: Option<String>,
    seconds: Option<f64>,
    succeeded_at: Option<String>,
    next_at: Option<String>,
    failures: i32,
    detail: String,
}

/// Runs one of the commands.
pub(super) async fn run(
    config: &Config,
    domain: &Domain,
    command: Schedule,
    output: Output,
) -> Result<(), Failure> {
    let scheduler = Scheduler::new(domain.clone(), tasks::of(config));
    match command {
        Schedule::List => list(&scheduler, output).await,
        Schedule::Run { task } => run_now(&scheduler, &task, output).await,
    }
}

async fn list(scheduler: &Scheduler, output: Output) -> Result<(), Failure> {
    let records = scheduler.records().await.map_err(fault)?;
    let lines = scheduler.tasks().iter().map(|task| {
        let record = records.iter().find(|record| record.name == task.name);
        line(task, record)
    });
    output.show(&lines.collect::<Vec<_>>(), |lines| {
        let rows: Vec<[String; 6]> = lines.iter().map(row).collect();
        columns(["TASK", "RHYTHM", "STATE", "LAST", "NEXT", "DETAIL"], &rows)
    })
}

async fn run_now(scheduler: &Scheduler, name: &str, output: Output) -> Result<(), Failure> {
    let Some(task) = scheduler.tasks().iter().find(|task| task.name == name) else {
        let known: Vec<_> = scheduler.tasks().iter().map(|task| task.name).collect();
        let known = known.join(", ");
        return Err(Failure::NotFound(format!(
            "there is no task {name}; there are {known}"
        )));
    };
    let record = scheduler.run_now(name).await.map_err(fault)?;
    output.show(&line(task, Some(&record)), |line| line.detail.clone())?;
    match record.outcome {
        Some(Outcome::Done) => Ok(()),
        _ => Err(Failure::failed(format!("{name} failed"))),
    }
}

fn line(task: &Task, record: Option<&Record>) -> Line {
    let time =
        |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
    let state = match record {
        Some(record) if record.is_running => "running",
        Some(Record {
            outcome: Some(outcome),
            ..
        }) => outcome.name(),
        _ => "new",
    };
    Line {
        task: task.name.to_owned(),
        about: task.about,
        rhythm: task.rhythm.to_string(),
        state,
        started_at: time(record.and_then(|record| record.started_at)),
        finished_at: time(record.and_then(|record| record.finished_at)),
        seconds: record.and_then(Record::seconds),
        succeeded_at: time(record.and_then(|record| record.succeeded_at)),
        next_at: time(record.map(|record| record.due_at)),
        failures: record.map_or(0, |record| record.failures),
        detail: record
            .map(|record| record.detail.clone())
            .unwrap_or_default(),
    }
}

fn row(line: &Line) -> [String; 6] {
    let or_never = |at: &Option<String>| at.clone().unwrap_or_else(|| "-".to_owned());
    [
        line.task.clone(),
        line.rhythm.clone(),
        line.state.to_owned(),
        or_never(&line.started_at),
        or_never(&line.next_at),
        if line.detail.is_empty() {
            line.about.to_owned()
        } else {
            line.detail.clone()
        },
    ]
}
