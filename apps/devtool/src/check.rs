//! `devtool check`: generated files are what the sources say.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::{reference, snapshot};

/// Which program to ask.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The program whose commands and settings are described.
    #[arg(long, env = "KIWI_BIN", default_value = "target/debug/kiwi")]
    kiwi: PathBuf,
}

/// Compares every generated file and says what to do about a difference.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut passed = 0;
    let mut failed = 0;
    let mut compare = |path: &Path, wanted: &str, remedy: &str| {
        if std::fs::read_to_string(path).is_ok_and(|found| found == wanted) {
            passed += 1;
            println!("ok    {}", path.display());
        } else {
            failed += 1;
            println!("FAIL  {} is out of date: run `{remedy}`", path.display());
        }
    };
    let script = snapshot::generate().await?;
    compare(Path::new(snapshot::PATH), &script, "devtool snapshot");
    for page in reference::pages(&arguments.kiwi).await? {
        compare(&page.path, &page.text, "devtool reference");
    }
    println!("{passed} passed, {failed} failed");
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
