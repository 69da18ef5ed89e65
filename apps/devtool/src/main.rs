//! The developer's program: data for measurements, the benchmark, generated files and checks.
//!
//! It is not shipped. Each subcommand is one file beside this one. To add one: a variant of
//! [`Command`], a file with `run`, and a line in `docs/development/devtool.md`.

#![expect(
    clippy::print_stdout,
    reason = "results of this program are its standard output"
)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod check;
mod database;
mod reference;
mod seed;
mod snapshot;

/// Data for measurements, the benchmark, generated files and checks.
#[derive(Parser)]
#[command(name = "devtool", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fill a tenant with generated data and print a JSON manifest of ids.
    Seed(seed::Arguments),
    /// Measure CPU per request of the server and its database.
    Bench(bench::Arguments),
    /// Write tenants/new/schema.sql from the migrations.
    Snapshot(snapshot::Arguments),
    /// Write the generated pages of the book.
    Reference(reference::Arguments),
    /// Tell which generated files are not what the sources say, and which rules are broken.
    Check(check::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Seed(arguments) => seed::run(arguments).await,
        Command::Bench(arguments) => bench::run(arguments).await,
        Command::Snapshot(arguments) => snapshot::run(arguments).await,
        Command::Reference(arguments) => reference::run(arguments).await,
        Command::Check(arguments) => check::run(arguments).await,
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("devtool: {error:#}");
            ExitCode::FAILURE
        }
    }
}
