//! Writes every sample page as a file: `cargo run -p views --example preview -- DIRECTORY`.
//!
//! `npm run preview` in `apps/frontend` calls it and serves the files.

use std::error::Error;
use std::path::PathBuf;

use views::Views;
use views::page::gallery;

fn main() -> Result<(), Box<dyn Error>> {
    let directory: PathBuf = std::env::args_os()
        .nth(1)
        .ok_or("the directory to write to is missing")?
        .into();
    std::fs::create_dir_all(&directory)?;
    for (name, html) in gallery::pictures(&Views::new()?)? {
        std::fs::write(directory.join(name).with_extension("html"), html)?;
    }
    Ok(())
}
