//! `devtool reference`: the pages of the book that are made from the program itself.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

mod commands;
mod coverage;
mod methods;
mod operations;
mod security;
mod settings;

/// Where the book's generated pages lie.
const FOLDER: &str = "docs/reference";

/// Which program to ask.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The program whose commands and settings are described.
    #[arg(long, env = "KIWI_BIN", default_value = "target/debug/kiwi")]
    kiwi: PathBuf,
}

/// A generated page.
pub(crate) struct Page {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Writes all pages.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    for page in pages(&arguments.kiwi).await? {
        std::fs::write(&page.path, page.text)
            .with_context(|| format!("cannot write {}", page.path.display()))?;
        println!("{}", page.path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// All pages as they should be.
pub(crate) async fn pages(kiwi: &Path) -> anyhow::Result<Vec<Page>> {
    let page = |name: &str, text: String| Page {
        path: Path::new(FOLDER).join(name),
        text,
    };
    let classes = methods::classes()?;
    Ok(vec![
        page("methods.md", methods::page(&classes)?),
        page("openrpc.json", methods::openrpc(&classes)?),
        page("security.md", security::SECURITY.page()?),
        page("operations.md", operations::OPERATIONS.page()?),
        page("commands.md", commands::page(kiwi).await?),
        page("settings.md", settings::page(kiwi).await?),
        page("settings.schema.json", settings::schema(kiwi).await?),
    ])
}

/// First lines of a generated page.
fn heading(title: &str) -> String {
    format!("<!-- written by `devtool reference`; do not edit -->\n\n# {title}\n\n")
}
