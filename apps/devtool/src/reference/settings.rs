//! The settings of the program, from its own list.

use std::path::Path;

use anyhow::{Context as _, bail};
use tokio::process::Command;

/// The page that describes every setting.
pub(super) async fn page(kiwi: &Path) -> anyhow::Result<String> {
    let mut text = super::heading("Settings");
    text.push_str(
        "How values are given is on the page [Settings](../operators/settings.md). In files the \
         dots of a key are tables: `db.max_connections` is `max_connections` below `[db]`. Each \
         setting also has a variable that is made from its key, \
         `KIWI__DB__MAX_CONNECTIONS`. Editors that know JSON schemas complete and check the files \
         with [settings.schema.json](settings.schema.json).\n\n",
    );
    text.push_str(told(kiwi, "reference").await?.trim_end());
    text.push('\n');
    Ok(text)
}

/// The JSON schema of the settings files.
pub(super) async fn schema(kiwi: &Path) -> anyhow::Result<String> {
    told(kiwi, "schema").await
}

/// What the program says about its settings.
async fn told(kiwi: &Path, what: &str) -> anyhow::Result<String> {
    let output = Command::new(kiwi)
        .args(["config", what])
        .env_clear()
        .output()
        .await
        .with_context(|| format!("cannot run {}", kiwi.display()))?;
    if !output.status.success() {
        bail!(
            "{} config {what}: {}",
            kiwi.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}
