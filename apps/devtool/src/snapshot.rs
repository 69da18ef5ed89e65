//! `devtool snapshot`: the tables of a new tenant as one script.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use tenancy::{Config, Tenancy};

/// The generated file, below the workspace.
pub(crate) const PATH: &str = "tenants/new/schema.sql";

/// Where to write.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file.
    #[arg(long, default_value = PATH)]
    output: PathBuf,
}

/// Writes the script.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let script = generate().await?;
    std::fs::write(&arguments.output, script)
        .with_context(|| format!("cannot write {}", arguments.output.display()))?;
    println!("{}", arguments.output.display());
    Ok(ExitCode::SUCCESS)
}

/// Applies all migrations on a database that exists for this moment only, and reads the tables
/// back.
pub(crate) async fn generate() -> anyhow::Result<String> {
    let folder = tempfile::tempdir()?;
    let script = snapshot_in(folder.path()).await;
    folder.close()?;
    script
}

async fn snapshot_in(folder: &Path) -> anyhow::Result<String> {
    let mut config = Config::new(folder);
    config.durable = false;
    let tenancy = Tenancy::open(config).await?;
    let script = tenancy.snapshot().await;
    tenancy.close().await;
    Ok(script?)
}
