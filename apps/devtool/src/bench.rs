//! `devtool bench`: CPU milliseconds per request of the server and its database together.
//!
//! The server runs on a private database of its own with the data of `devtool seed --size bench`.
//! Sixteen keep-alive connections send one kind of request at a time; the CPU time of the server
//! and of every PostgreSQL process is read from /proc before and after. Then the statements that
//! one such request makes are taken from the database's log and replayed by pgbench, so that the
//! table shows how much of the cost is the database's own.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;

mod calls;
mod cpu;
mod http;
mod report;
mod server;
mod statements;

use calls::Call;
use report::{Measurement, Report};
use server::Server;

/// Connections that send requests at the same time.
const CONNECTIONS: usize = 16;

/// How to measure.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The program to measure.
    #[arg(long, default_value = "target/release/kiwi")]
    kiwi: PathBuf,
    /// A second program, measured turn by turn with the first.
    #[arg(long)]
    other: Option<PathBuf>,
    /// Seconds for each call and turn.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Turns; the figures are those of all turns together.
    #[arg(long, default_value_t = 2)]
    turns: u32,
    /// Only calls whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// Where to write the figures as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Leave out the replay with pgbench.
    #[arg(long)]
    no_pgbench: bool,
}

/// Measures and prints a table.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut programs = vec![arguments.kiwi.clone()];
    programs.extend(arguments.other.clone());
    let mut servers = Vec::new();
    for (number, program) in programs.iter().enumerate() {
        servers.push(Server::start(program, number).await?);
    }
    let outcome = measure(&arguments, &servers).await;
    for server in servers {
        server.stop().await?;
    }
    let report = outcome?;
    println!("{report}");
    if let Some(path) = &arguments.json {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_string_pretty(&report)? + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

async fn measure(arguments: &Arguments, servers: &[Server]) -> anyhow::Result<Report> {
    let mut report = Report::default();
    for server in servers {
        report.add_server(server);
    }
    let wanted = arguments.only.clone().unwrap_or_default();
    for call in Call::ALL.iter().filter(|call| call.name.contains(&wanted)) {
        let mut found: Vec<Measurement> = servers.iter().map(|_| Measurement::new(call)).collect();
        for _ in 0..arguments.turns {
            for (server, measurement) in servers.iter().zip(&mut found) {
                eprintln!("{} on {} …", call.name, server.name());
                server
                    .load(call, CONNECTIONS, Duration::from_secs(1))
                    .await?;
                let seconds = Duration::from_secs(arguments.seconds);
                measurement.add(&server.load(call, CONNECTIONS, seconds).await?);
            }
        }
        if !arguments.no_pgbench {
            for (server, measurement) in servers.iter().zip(&mut found) {
                let seconds = arguments.seconds;
                measurement.replay = Some(statements::replay(server, call, seconds).await?);
            }
        }
        report.calls.push(found);
    }
    Ok(report)
}
