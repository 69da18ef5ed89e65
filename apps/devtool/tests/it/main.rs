//! Rules about the repository that no compiler checks.

mod changelog;
mod containers;
mod crates;
mod demo;
mod dependencies;
mod folder;
mod folders;
mod images;
mod packages;
mod seed;
mod sources;

use std::path::{Path, PathBuf};

/// The folder of the workspace.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("devtool lies two folders below the workspace")
        .to_path_buf()
}
