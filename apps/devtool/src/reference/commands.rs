//! The commands of the program, from its own help.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use tokio::process::Command;

pub(super) async fn page(kiwi: &Path) -> anyhow::Result<String> {
    let mut text = super::heading("Commands");
    text.push_str(
        "Exit codes of all commands: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused by \
         state or limit, 5 partly done.\n",
    );
    let mut pending = vec![Vec::new()];
    while let Some(command) = pending.pop() {
        let help = help(kiwi, &command).await?;
        let name = ["kiwi".to_owned()]
            .iter()
            .chain(&command)
            .cloned()
            .collect::<Vec<_>>()
            .join(" ");
        let _ = write!(text, "\n## {name}\n\n```text\n{}\n```\n", help.trim_end());
        // the last one is taken first
        for name in subcommands(&help).into_iter().rev() {
            pending.push([command.clone(), vec![name]].concat());
        }
    }
    Ok(text)
}

async fn help(kiwi: &Path, command: &[String]) -> anyhow::Result<String> {
    let output = Command::new(kiwi)
        .args(command)
        .arg("--help")
        .env_clear()
        .output()
        .await
        .with_context(|| format!("cannot run {}", kiwi.display()))?;
    if !output.status.success() {
        bail!(
            "{} {} --help: {}",
            kiwi.display(),
            command.join(" "),
            output.status
        );
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n"))
}

/// The names below `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let entries = lines.take_while(|line| !line.trim().is_empty());
    let names = entries.filter_map(|line| {
        // continued descriptions are indented further
        let entry = line.strip_prefix("  ")?;
        if entry.starts_with(' ') {
            None
        } else {
            entry.split_whitespace().next()
        }
    });
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_list() {
        let help = "Usage: x\n\nCommands:\n  one  First\n         and more\n  two\n  help  Print\n\nOptions:\n  -h\n";
        assert_eq!(subcommands(help), ["one", "two"]);
    }
}
