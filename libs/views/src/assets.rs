//! Scripts, styles and pictures: what the front-end build left in `apps/frontend/dist/static`.

use std::borrow::Cow;
use std::collections::HashMap;

use rust_embed::RustEmbed;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Result;

/// In release builds part of the program, in debug builds read from disk at every request.
#[derive(RustEmbed)]
#[folder = "../../apps/frontend/dist/static/"]
#[allow_missing = true]
struct Files;

const MANIFEST: &str = ".vite/manifest.json";
const PREFIX: &str = "/static/";

/// A static file, ready to be sent.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The file.
    pub body: Cow<'static, [u8]>,
    /// The file compressed by gzip, when the build made it so.
    pub gzip: Option<Cow<'static, [u8]>>,
    /// The file compressed by Brotli, when the build made it so.
    pub brotli: Option<Cow<'static, [u8]>>,
    /// Value of `Content-Type`.
    pub content_type: String,
    /// Value of `ETag`, with its quotation marks.
    pub etag: String,
    /// Whether the name contains a hash, so that it may be cached for ever.
    pub immutable: bool,
}

/// All static files and the names the build gave them.
#[derive(Debug, Default)]
pub struct Assets {
    entries: HashMap<String, Entry>,
}

/// What the build says about one of its sources.
#[derive(Debug, Deserialize)]
struct Entry {
    file: String,
    #[serde(default)]
    css: Vec<String>,
    #[serde(default)]
    assets: Vec<String>,
}

impl Assets {
    /// Reads the list of names; without a front-end build there are none.
    pub fn new() -> Result<Self> {
        let entries = match Files::get(MANIFEST) {
            Some(file) => serde_json::from_slice(&file.data)?,
            None => HashMap::new(),
        };
        Ok(Self { entries })
    }

    /// Whether the front end has been built.
    pub fn is_built(&self) -> bool {
        !self.entries.is_empty()
    }

    /// The address of what became of a source such as `src/main.ts`; files that the build only
    /// copies keep their name.
    pub fn url(&self, source: &str) -> String {
        let file = self
            .entries
            .get(source)
            .map_or(source, |entry| entry.file.as_str());
        format!("{PREFIX}{file}")
    }

    /// The file below `/static/`.
    pub fn get(&self, path: &str) -> Option<Asset> {
        let plain = !path.starts_with('.') && !path.contains("/.") && !is_compressed(path);
        let file = Files::get(path).filter(|_| plain)?;
        let hash = Sha256::digest(&file.data);
        let etag = hash[..12]
            .iter()
            .fold(String::from("\""), |text, byte| format!("{text}{byte:02x}"))
            + "\"";
        Some(Asset {
            content_type: content_type(path, file.metadata.mimetype()),
            body: file.data,
            gzip: Files::get(&format!("{path}.gz")).map(|file| file.data),
            brotli: Files::get(&format!("{path}.br")).map(|file| file.data),
            etag,
            immutable: self.is_hashed(path),
        })
    }

    fn is_hashed(&self, path: &str) -> bool {
        self.entries.values().any(|entry| {
            entry.file == path
                || entry.css.iter().any(|name| name == path)
                || entry.assets.iter().any(|name| name == path)
        })
    }
}

fn is_compressed(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|found| {
        ["gz", "br"]
            .iter()
            .any(|known| found.eq_ignore_ascii_case(known))
    })
}

fn content_type(path: &str, guessed: &str) -> String {
    let text = guessed.starts_with("text/")
        || guessed.ends_with("javascript")
        || guessed.ends_with("json")
        || guessed.ends_with("+xml");
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("webmanifest") => "application/manifest+json; charset=utf-8".to_owned(),
        _ if text => format!("{guessed}; charset=utf-8"),
        _ => guessed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_have_the_name_the_build_gave_them() {
        let assets = Assets {
            entries: serde_json::from_str(
                r#"{"src/main.ts": {"file": "main-Ab12.js", "css": ["main-Cd34.css"], "isEntry": true}}"#,
            )
            .expect("valid"),
        };
        assert_eq!(assets.url("src/main.ts"), "/static/main-Ab12.js");
        assert_eq!(assets.url("robots.txt"), "/static/robots.txt");
        assert!(assets.is_hashed("main-Cd34.css"));
        assert!(!assets.is_hashed("robots.txt"));
    }

    #[test]
    fn text_is_sent_as_utf_8() {
        assert_eq!(content_type("a.css", "text/css"), "text/css; charset=utf-8");
        assert_eq!(content_type("a.png", "image/png"), "image/png");
        assert_eq!(
            content_type("a.svg", "image/svg+xml"),
            "image/svg+xml; charset=utf-8"
        );
    }

    #[test]
    fn internal_and_missing_files_are_not_served() {
        let assets = Assets::new().expect("a valid manifest or none");
        for path in [
            MANIFEST,
            ".gitkeep",
            "no-such-file",
            "",
            "../Cargo.toml",
            "x.js.gz",
            "x.js.br",
        ] {
            assert!(assets.get(path).is_none(), "{path}");
        }
    }
}
