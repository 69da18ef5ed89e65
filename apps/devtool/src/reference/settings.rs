//! The settings of the program, from its own list.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tokio::process::Command;

/// A setting as `kiwi config show --json` prints it.
#[derive(Deserialize)]
struct Setting {
    key: String,
    variables: Vec<String>,
    kind: String,
    default: Option<String>,
    help: String,
}

pub(super) async fn page(kiwi: &Path) -> anyhow::Result<String> {
    let output = Command::new(kiwi)
        .args(["config", "show", "--json", "--data-dir=/nonexistent"])
        .env_clear()
        .output()
        .await
        .with_context(|| format!("cannot run {}", kiwi.display()))?;
    if !output.status.success() {
        bail!("{} config show: {}", kiwi.display(), String::from_utf8_lossy(&output.stderr));
    }
    let settings: Vec<Setting> = serde_json::from_slice(&output.stdout)?;
    let mut text = super::heading("Settings");
    text.push_str(
        "The command line wins over variables, variables win over \
         `<data directory>/etc/local_settings.toml`. In the file, the dots of a key are tables.\n",
    );
    for setting in settings {
        let variables: Vec<_> =
            setting.variables.iter().map(|name| format!("`{name}`")).collect();
        let default = match setting.default.as_deref() {
            None | Some("") => "none".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        let _ = write!(
            text,
            "\n## {}\n\n{} · {} · default {default}\n\n{}.\n",
            setting.key,
            variables.join(", "),
            setting.kind,
            capitalised(&setting.help)
        );
    }
    Ok(text)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}
