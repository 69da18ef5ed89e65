//! The settings of the program, from its own list.

use std::path::Path;

use anyhow::{Context as _, bail};
use tokio::process::Command;

pub(super) async fn page(kiwi: &Path) -> anyhow::Result<String> {
    let output = Command::new(kiwi)
        .args(["config", "reference"])
        .env_clear()
        .output()
        .await
        .with_context(|| format!("cannot run {}", kiwi.display()))?;
    if !output.status.success() {
        bail!(
            "{} config reference: {}",
            kiwi.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let mut text = super::heading("Settings");
    text.push_str(
        "`--set key=value` wins over variables, variables win over \
         `<data directory>/etc/local_settings.toml`. In that file the dots of a key are tables: \
         `db.max_connections` is `max_connections` below `[db]`.\n\n",
    );
    text.push_str(String::from_utf8(output.stdout)?.trim_end());
    text.push('\n');
    Ok(text)
}
