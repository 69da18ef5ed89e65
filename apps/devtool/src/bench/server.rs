//! A server on a database of its own, with the data of the benchmark, under load.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use super::calls::Call;
use super::cpu;
use super::http::Connection;

pub(super) const USER: &str = "bench-user-01";
pub(super) const PASSWORD: &str = "bench-pass-123";

/// A running server and what is known about its data.
pub(super) struct Server {
    program: PathBuf,
    process: Child,
    folder: PathBuf,
    address: String,
    session: Arc<Session>,
    /// Time from start to the first accepted connection, on an existing database.
    pub(super) start: Duration,
    /// Resident memory right after that.
    pub(super) memory_mib: f64,
}

/// A logged-in user and the ids of the data.
pub(super) struct Session {
    key: String,
    ids: Value,
    /// How many requests were made of each kind so far, so that none comes twice.
    next: AtomicU64,
}

impl Session {
    /// How many ids of a kind there are.
    pub(super) fn count(&self, kind: &str) -> u64 {
        self.ids[kind]
            .as_array()
            .map_or(1, |ids| ids.len().max(1) as u64)
    }

    /// The n-th id of a kind, round and round.
    pub(super) fn nth(&self, kind: &str, n: u64) -> i64 {
        self.ids[kind][(n % self.count(kind)) as usize]
            .as_i64()
            .unwrap_or_default()
    }

    /// Ids of the n-th portion of all executions, round and round.
    pub(super) fn portion(&self, n: u64, size: u64) -> impl Iterator<Item = i64> {
        let per_run = self.ids["executions_per_run"].as_u64().unwrap_or(1);
        let portions = (self.count("runs") * per_run / size).max(1);
        let first = self.nth("executions", 0) + (n % portions * size) as i64;
        first..first + size as i64
    }

    /// A case that the n-th run does not hold: of the plans of another product, and another one
    /// each time the same run comes round.
    pub(super) fn foreign_case(&self, n: u64) -> i64 {
        let plans = self.count("plans");
        let per_plan = self.ids["cases_per_plan"].as_u64().unwrap_or(1);
        let products = self.count("products");
        let round = n / self.count("runs");
        let plan = (n % self.count("runs") + 1 + round / per_plan * products) % plans;
        self.ids["first_case"].as_i64().unwrap_or_default()
            + (plan * per_plan + round % per_plan) as i64
    }
}

/// What one turn of load did.
pub(super) struct Load {
    pub(super) requests: u64,
    pub(super) elapsed: Duration,
    pub(super) server: Duration,
    pub(super) database: Duration,
    pub(super) latencies: Vec<Duration>,
}

impl Server {
    /// Starts the program on a fresh database, fills it, and starts it again.
    pub(super) async fn start(program: &Path, number: usize) -> anyhow::Result<Self> {
        let prefix = format!("kiwi-bench-{number}-");
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir()?.keep();
        let (process, _, _) = launch(program, &folder).await?;
        let ids = fill(&folder).await?;
        terminate(process).await?;
        let (process, address, start) = launch(program, &folder).await?;
        let memory_mib = process.id().and_then(cpu::memory_mib).unwrap_or_default();
        let session = Arc::new(log_in(&address, ids).await?);
        let program = program.to_path_buf();
        Ok(Self {
            program,
            process,
            folder,
            address,
            session,
            start,
            memory_mib,
        })
    }

    /// The program's path, for the table.
    pub(super) fn name(&self) -> String {
        self.program.display().to_string()
    }

    /// Where the socket and the log of the database are.
    pub(super) fn database_folder(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    /// The first process of the database.
    pub(super) fn postmaster(&self) -> anyhow::Result<u32> {
        let path = self.database_folder().join("data/postmaster.pid");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        text.lines()
            .next()
            .unwrap_or_default()
            .parse()
            .context("postmaster.pid")
    }

    /// Makes one request and returns nothing of it.
    pub(super) async fn once(&self, call: &Call) -> anyhow::Result<()> {
        let mut connection = Connection::open(&self.address, Some(&self.session.key)).await?;
        let n = self.session.next.fetch_add(1, Ordering::Relaxed);
        connection.send(&(call.request)(&self.session, n)).await?;
        Ok(())
    }

    /// Sends requests over all connections for a while.
    pub(super) async fn load(
        &self,
        call: &Call,
        connections: usize,
        duration: Duration,
    ) -> anyhow::Result<Load> {
        let server_id = self.process.id().context("the server has ended")?;
        let postmaster = self.postmaster()?;
        let mut opened = Vec::new();
        for _ in 0..connections {
            opened.push(Connection::open(&self.address, Some(&self.session.key)).await?);
        }
        let before = (cpu::of_process(server_id), cpu::of_family(postmaster));
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for mut connection in opened {
            let session = Arc::clone(&self.session);
            let request = call.request;
            tasks.spawn(async move {
                let mut latencies = Vec::new();
                while started.elapsed() < duration {
                    let n = session.next.fetch_add(1, Ordering::Relaxed);
                    let sent = Instant::now();
                    let body = connection.send(&request(&session, n)).await?;
                    latencies.push(sent.elapsed());
                    if is_error(&body) {
                        bail!("{}", String::from_utf8_lossy(&body));
                    }
                }
                Ok(latencies)
            });
        }
        let mut latencies = Vec::new();
        while let Some(done) = tasks.join_next().await {
            latencies.extend(done??);
        }
        let elapsed = started.elapsed();
        let after = (cpu::of_process(server_id), cpu::of_family(postmaster));
        Ok(Load {
            requests: latencies.len() as u64,
            elapsed,
            server: after.0.saturating_sub(before.0),
            database: after.1.saturating_sub(before.1),
            latencies,
        })
    }

    /// Stops the server and removes its data.
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        terminate(self.process).await?;
        std::fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
}

/// Starts the program; returns its plain address and how long it took to accept connections.
async fn launch(program: &Path, folder: &Path) -> anyhow::Result<(Child, String, Duration)> {
    let started = Instant::now();
    let mut process = Command::new(program)
        .args([
            "serve",
            "--http=127.0.0.1:0",
            "--https=127.0.0.1:0",
            "--internal=127.0.0.1:0",
        ])
        .arg("--data-dir")
        .arg(folder)
        .env("KIWI_DONT_ENFORCE_HTTPS", "true")
        .env("KIWI_LOG", "info")
        // how often one client may ask is not what is measured
        .env("KIWI_RATELIMIT_ALLOW", "127.0.0.1,::1")
        .env_remove("DATABASE_URL")
        .env_remove("KIWI_TENANTS_DOMAIN")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start {}", program.display()))?;
    let output = process.stdout.take().context("no standard output")?;
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await? {
        let Ok(event) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        if event["event"] == "server_ready" {
            let address = event["http"]
                .as_str()
                .context("server_ready without http")?
                .to_owned();
            // the log must be read on, or the server would wait for room in the pipe
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((process, address, started.elapsed()));
        }
    }
    bail!("{} ended before it was ready", program.display())
}

/// True for an error answer of the API, which says so at its beginning.
fn is_error(body: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(&body[..body.len().min(60)]);
    beginning.starts_with('{') && beginning.contains("\"error\":")
}

async fn terminate(mut process: Child) -> anyhow::Result<()> {
    if let Some(id) = process.id() {
        Command::new("kill").arg(id.to_string()).status().await?;
    }
    process.wait().await?;
    Ok(())
}

/// Fills the public tenant with this program's own `seed`; returns the manifest.
async fn fill(folder: &Path) -> anyhow::Result<Value> {
    let output = Command::new(std::env::current_exe()?)
        .args(["seed", "--size=bench", "--data-dir"])
        .arg(folder)
        .env_remove("DATABASE_URL")
        .stderr(Stdio::inherit())
        .output()
        .await?;
    if !output.status.success() {
        bail!("seed failed");
    }
    serde_json::from_slice(&output.stdout).context("the manifest of seed")
}

async fn log_in(address: &str, mut ids: Value) -> anyhow::Result<Session> {
    let mut connection = Connection::open(address, None).await?;
    let key = connection
        .call("Auth.login", json!([USER, PASSWORD]))
        .await?;
    let key = key.as_str().context("Auth.login")?.to_owned();
    let mut connection = Connection::open(address, Some(&key)).await?;
    let statuses = connection
        .call("TestExecutionStatus.filter", json!([{}]))
        .await?;
    let statuses = statuses.as_array().context("statuses")?.iter();
    ids["statuses"] = statuses.map(|status| status["id"].clone()).collect();
    let first_plan = ids["plans"][0].clone();
    let cases = connection
        .call("TestCase.filter", json!([{"plan": first_plan}]))
        .await?;
    ids["cases_per_plan"] = cases.as_array().map_or(1, Vec::len).into();
    ids["first_case"] = ids["cases"][0].clone();
    let first_run = ids["runs"][0].clone();
    let executions = connection
        .call("TestExecution.filter", json!([{"run": first_run}]))
        .await?;
    ids["executions_per_run"] = executions.as_array().map_or(1, Vec::len).into();
    Ok(Session {
        key,
        ids,
        next: AtomicU64::new(0),
    })
}
