//! `kiwi support-bundle`: one archive for those who help, without secrets and without content.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;
use serde_json::{Value, json};

use super::{doctor, healthcheck, open, settings};
use crate::cli::SupportBundle;
use crate::config::Config;
use crate::output::{Failure, Output};

/// Lines of the log that are kept at most.
const LINES: usize = 2000;
/// Secrets that are shorter occur in texts by chance.
const SHORTEST_SECRET: usize = 6;

#[derive(Serialize)]
struct Written {
    archive: PathBuf,
    files: Vec<Member>,
}

#[derive(Serialize)]
struct Member {
    name: &'static str,
    about: &'static str,
    bytes: usize,
    #[serde(skip)]
    text: String,
}

/// Collects everything and writes the archive.
pub(super) async fn run(
    config: &Config,
    options: &SupportBundle,
    output: Output,
) -> Result<(), Failure> {
    let now = domain::now();
    let mut members = vec![
        member("version.json", "version and machine", &machine())?,
        member(
            "configuration.json",
            "settings and where they come from, secrets hidden",
            &settings::everything(config),
        )?,
        member(
            "doctor.json",
            "what `kiwi doctor` says",
            &doctor::examine(config, false).await?,
        )?,
    ];
    if let Ok(domain) = open(config).await {
        let told = database(&domain).await;
        super::close(domain).await;
        let told = told.unwrap_or_else(|error| json!({ "error": error.to_string() }));
        members.push(member(
            "database.json",
            "database, migrations, tables with estimated rows, scheduled tasks",
            &told,
        )?);
    }
    let metrics = match healthcheck::metrics(config).await {
        Ok(text) => text,
        Err(why) => format!("# no metrics: {why:#}\n"),
    };
    members.push(text(
        "metrics.txt",
        "metrics of the running server",
        metrics,
    ));
    if let Some(path) = &options.with_logs {
        let since = now - options.since;
        let lines = log(path, since).with_context(|| path.display().to_string())?;
        members.push(text("log.jsonl", "warnings and errors of the log", lines));
    }
    let secrets = secrets(config);
    for member in &mut members {
        for secret in &secrets {
            member.text = member.text.replace(secret.as_str(), "***");
        }
        member.bytes = member.text.len();
    }
    let archive = options.out.clone().unwrap_or_else(|| {
        PathBuf::from(format!(
            "kiwi-support-{}.tar.gz",
            now.format("%Y-%m-%dT%H-%M-%SZ")
        ))
    });
    let written = write(&archive, &members, now);
    written.with_context(|| archive.display().to_string())?;
    let written = Written {
        archive,
        files: members,
    };
    output.show(&written, |written| {
        let files = written.files.iter();
        let lines = files.map(|file| format!("  {}: {}", file.name, file.about));
        let lines: Vec<_> = lines.collect();
        format!("{}\n{}", written.archive.display(), lines.join("\n"))
    })
}

fn member(
    name: &'static str,
    about: &'static str,
    value: &impl Serialize,
) -> Result<Member, Failure> {
    let json = serde_json::to_string_pretty(value);
    let json = json.map_err(|error| Failure::Failed(error.into()))?;
    Ok(text(name, about, json))
}

fn text(name: &'static str, about: &'static str, text: String) -> Member {
    Member {
        name,
        about,
        bytes: text.len(),
        text,
    }
}

fn machine() -> Value {
    let read = |path: &str| {
        fs::read_to_string(path)
            .map(|text| text.trim().to_owned())
            .ok()
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "system": std::env::consts::OS,
        "architecture": std::env::consts::ARCH,
        "processors": std::thread::available_parallelism().map(usize::from).ok(),
        "kernel": read("/proc/sys/kernel/osrelease"),
        "memory_limit": read("/sys/fs/cgroup/memory.max"),
        "processor_limit": read("/sys/fs/cgroup/cpu.max"),
        "time": domain::now(),
    })
}

async fn database(domain: &domain::Domain) -> domain::Result<Value> {
    let tenancy = domain.tenancy();
    let facts = tenancy.facts().await?;
    let status = tenancy.migration_status().await?;
    let steps = status.steps.iter().map(
        |step| json!({ "stream": step.stream, "name": step.name, "applied": step.is_applied }),
    );
    let behind = status.behind.iter().map(|tenant| {
        json!({
            "tenant": tenant.tenant, "version": tenant.version, "state": tenant.state,
            "error": tenant.error,
        })
    });
    let sizes = tenancy.table_sizes().await?;
    let sizes = sizes
        .iter()
        .map(|size| json!({ "schema": size.schema, "table": size.table, "rows": size.rows }));
    let tasks = jobs::Scheduler::new(domain.clone(), []).records().await?;
    let tasks = tasks.iter().map(|task| {
        json!({
            "task": task.name, "rhythm": task.rhythm, "due": task.due_at,
            "started": task.started_at, "finished": task.finished_at,
            "outcome": task.outcome.map(jobs::Outcome::name), "failures": task.failures,
            "detail": task.detail,
        })
    });
    Ok(json!({
        "version": facts.version,
        "encoding": facts.encoding,
        "bytes": facts.size,
        "max_connections": facts.max_connections,
        "migrations": steps.collect::<Vec<_>>(),
        "tenants_by_version": status.versions,
        "tenants_behind": behind.collect::<Vec<_>>(),
        "tables": sizes.collect::<Vec<_>>(),
        "tasks": tasks.collect::<Vec<_>>(),
    }))
}

/// The last warnings and errors of a log; what is no JSON line is left out.
fn log(path: &Path, since: DateTime<Utc>) -> io::Result<String> {
    let lines: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path)?))
    };
    let mut kept = std::collections::VecDeque::new();
    for line in lines.lines() {
        let line = line?;
        if let Some(line) = wanted(line, since) {
            if kept.len() == LINES {
                kept.pop_front();
            }
            kept.push_back(line);
        }
    }
    Ok(kept.into_iter().map(|line| line + "\n").collect())
}

/// A line that is worth keeping, without the token of the first set-up.
fn wanted(line: String, since: DateTime<Utc>) -> Option<String> {
    let mut event: Value = serde_json::from_str(&line).ok()?;
    let is_bad = matches!(event["level"].as_str(), Some("WARN" | "ERROR"));
    let time = event["ts"].as_str();
    let time = time.and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    if !is_bad || time.is_none_or(|time| time < since) {
        return None;
    }
    match event.get_mut("token") {
        Some(token) => {
            *token = "***".into();
            Some(event.to_string())
        }
        None => Some(line),
    }
}

/// Every secret of this installation, the longest first; none of them may leave it.
fn secrets(config: &Config) -> Vec<String> {
    let mut secrets = config.secrets();
    if let Ok(Ok(key)) = config.secret_key().map(String::from_utf8) {
        secrets.push(key);
    }
    secrets.retain(|secret| secret.len() >= SHORTEST_SECRET);
    secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    secrets
}

fn write(archive: &Path, members: &[Member], now: DateTime<Utc>) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.write(true).create_new(true).open(archive)?;
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::default()));
    for member in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(member.text.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(now.timestamp().unsigned_abs());
        let name = format!("kiwi-support/{}", member.name);
        tar.append_data(&mut header, name, member.text.as_bytes())?;
    }
    tar.into_inner()?.finish()?.flush()
}
