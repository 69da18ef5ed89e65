//! Tells whether the front end has been built; a release without it would be a program without
//! looks, so it is refused.

use std::path::Path;

fn main() {
    let dist = Path::new("../../apps/frontend/dist");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=templates");
    println!("cargo::rerun-if-changed=locales");
    if dist.join("static/.vite/manifest.json").is_file() {
        return;
    }
    let remedy = "run `make build`, or `npm ci && npm run build` in apps/frontend";
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo tells build scripts everything this way"
    )]
    let profile = std::env::var("PROFILE");
    if profile.as_deref() == Ok("release") {
        println!("cargo::error=the front end is not built: {remedy}");
    } else {
        println!("cargo::warning=the front end is not built, pages will have no style: {remedy}");
    }
}
