//! The figures, as a table and as JSON.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::calls::Call;
use super::server::{Load, Server};
use super::statements::Replay;

/// Everything that was measured.
#[derive(Default, Serialize)]
pub(super) struct Report {
    servers: Vec<ServerFigures>,
    /// For each call one measurement a server.
    pub(super) calls: Vec<Vec<Measurement>>,
}

#[derive(Serialize)]
struct ServerFigures {
    program: String,
    start_ms: u128,
    memory_mib: f64,
}

/// One call on one server.
#[derive(Serialize)]
pub(super) struct Measurement {
    call: &'static str,
    target_ms: f64,
    requests: u64,
    #[serde(skip)]
    elapsed: Duration,
    #[serde(skip)]
    server: Duration,
    #[serde(skip)]
    database: Duration,
    #[serde(skip)]
    latencies: Vec<Duration>,
    server_ms: f64,
    database_ms: f64,
    total_ms: f64,
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    /// What pgbench made of the same statements.
    pub(super) replay: Option<Replay>,
}

impl Measurement {
    pub(super) fn new(call: &Call) -> Self {
        Self {
            call: call.name,
            target_ms: call.target_ms,
            requests: 0,
            elapsed: Duration::ZERO,
            server: Duration::ZERO,
            database: Duration::ZERO,
            latencies: Vec::new(),
            server_ms: 0.0,
            database_ms: 0.0,
            total_ms: 0.0,
            per_second: 0.0,
            p50_ms: 0.0,
            p99_ms: 0.0,
            replay: None,
        }
    }

    /// Adds a turn.
    pub(super) fn add(&mut self, load: &Load) {
        self.requests += load.requests;
        self.elapsed += load.elapsed;
        self.server += load.server;
        self.database += load.database;
        self.latencies.extend(&load.latencies);
        self.latencies.sort_unstable();
        let per_request =
            |used: Duration| used.as_secs_f64() * 1000.0 / self.requests.max(1) as f64;
        self.server_ms = per_request(self.server);
        self.database_ms = per_request(self.database);
        self.total_ms = self.server_ms + self.database_ms;
        self.per_second = self.requests as f64 / self.elapsed.as_secs_f64();
        self.p50_ms = self.percentile(50);
        self.p99_ms = self.percentile(99);
    }

    fn percentile(&self, percent: usize) -> f64 {
        let last = self.latencies.len().saturating_sub(1);
        let latency = self.latencies.get(last * percent / 100);
        latency.map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

impl Report {
    pub(super) fn add_server(&mut self, server: &Server) {
        self.servers.push(ServerFigures {
            program: server.name(),
            start_ms: server.start.as_millis(),
            memory_mib: server.memory_mib,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, server) in self.servers.iter().enumerate() {
            writeln!(
                f,
                "{}: {}, start on an existing database {} ms, memory at rest {:.1} MiB",
                number + 1,
                server.program,
                server.start_ms,
                server.memory_mib
            )?;
        }
        writeln!(
            f,
            "CPU milliseconds per request, 16 connections; x = total / pgbench\n"
        )?;
        writeln!(
            f,
            "{:<3}{:<26}{:>8}{:>8}{:>8}{:>8}{:>8}{:>7}{:>6}{:>9}{:>8}{:>8}",
            "",
            "call",
            "target",
            "total",
            "server",
            "db",
            "pgbench",
            "x",
            "sql",
            "req/s",
            "p50 ms",
            "p99 ms"
        )?;
        for measurements in &self.calls {
            for (number, measured) in measurements.iter().enumerate() {
                let (pgbench, ratio, statements) = match &measured.replay {
                    Some(replay) => (
                        format!("{:.3}", replay.database_ms),
                        format!("{:.2}", measured.total_ms / replay.database_ms),
                        replay.statements.to_string(),
                    ),
                    None => ("-".to_owned(), "-".to_owned(), "-".to_owned()),
                };
                writeln!(
                    f,
                    "{:<3}{:<26}{:>8.1}{:>8.3}{:>8.3}{:>8.3}{:>8}{:>7}{:>6}{:>9.0}{:>8.1}{:>8.1}{}",
                    number + 1,
                    measured.call,
                    measured.target_ms,
                    measured.total_ms,
                    measured.server_ms,
                    measured.database_ms,
                    pgbench,
                    ratio,
                    statements,
                    measured.per_second,
                    measured.p50_ms,
                    measured.p99_ms,
                    if measured.total_ms > measured.target_ms {
                        "  over target"
                    } else {
                        ""
                    }
                )?;
            }
        }
        Ok(())
    }
}
