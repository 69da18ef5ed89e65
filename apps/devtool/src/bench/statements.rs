//! The statements of requests, taken from the database's log and replayed by pgbench.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::Serialize;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::process::Command;

use super::CONNECTIONS;
use super::calls::Call;
use super::cpu;
use super::server::Server;

/// Requests that are taken down. Each becomes a script; pgbench draws among them, so that it does
/// not change the same row again and again. Each connection prepares each script once, so many of
/// them would measure preparing.
const REQUESTS: usize = 12;

/// What pgbench made of the same statements.
#[derive(Clone, Serialize)]
pub(super) struct Replay {
    /// Statements of one request, `BEGIN` and `COMMIT` included.
    pub(super) statements: usize,
    /// CPU milliseconds of the database per transaction.
    pub(super) database_ms: f64,
}

/// Takes down what some requests do and repeats it for some seconds.
pub(super) async fn replay(server: &Server, call: &Call, seconds: u64) -> anyhow::Result<Replay> {
    let folder = server.database_folder();
    // fills the caches of the server, so that they add nothing to what is taken down
    server.once(call).await?;
    let requests = take_down(server, call, &folder).await?;
    let statements = requests.iter().map(Vec::len).min().unwrap_or_default();
    let mut scripts = Vec::new();
    for (number, request) in requests.into_iter().enumerate() {
        let path = folder.with_file_name(format!("replay-{number}.sql"));
        std::fs::write(&path, request.join("\n") + "\n")?;
        scripts.push(path);
    }
    let postmaster = server.postmaster()?;
    let before = cpu::of_family(postmaster);
    let transactions = pgbench(&folder, &scripts, seconds)
        .await
        .with_context(|| format!("pgbench with the statements of {}", call.name))?;
    // a process counts only once the postmaster has seen its end
    tokio::time::sleep(Duration::from_millis(500)).await;
    let used = cpu::of_family(postmaster).saturating_sub(before);
    let database_ms = used.as_secs_f64() * 1000.0 / transactions as f64;
    Ok(Replay {
        statements,
        database_ms,
    })
}

/// Makes requests one after the other while the database logs every statement.
async fn take_down(
    server: &Server,
    call: &Call,
    folder: &Path,
) -> anyhow::Result<Vec<Vec<String>>> {
    let options = PgConnectOptions::new()
        .socket(folder.join("socket"))
        .username("kiwi")
        .database("kiwi")
        .disable_statement_logging();
    let mut administrator = PgConnection::connect_with(&options).await?;
    let log = folder.join("log");
    let mut switch = async |sql: &'static str| -> anyhow::Result<()> {
        sqlx::query(sql).execute(&mut administrator).await?;
        sqlx::query("SELECT pg_reload_conf()")
            .execute(&mut administrator)
            .await?;
        // sessions read the new setting between two statements
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(())
    };
    switch("ALTER SYSTEM SET log_statement = 'all'").await?;
    let mut marks = vec![std::fs::metadata(&log)?.len() as usize];
    for _ in 0..REQUESTS {
        server.once(call).await?;
        // a statement is in the log before it is executed
        marks.push(std::fs::metadata(&log)?.len() as usize);
    }
    let text = std::fs::read(&log)?;
    switch("ALTER SYSTEM RESET log_statement").await?;
    administrator.close().await?;
    let part = |pair: &[usize]| text.get(pair[0]..pair[1]).map(String::from_utf8_lossy);
    let scripts: Vec<Vec<String>> = marks
        .windows(2)
        .filter_map(part)
        .map(|text| parse(&text))
        .collect();
    if scripts.iter().any(Vec::is_empty) {
        bail!("no statements of {} in {}", call.name, log.display());
    }
    Ok(scripts)
}

/// The statements of one request in order, with their parameters written in. Only the process
/// that did most of them counts: others are the server's own business.
fn parse(log: &str) -> Vec<String> {
    let mut entries: Vec<(String, String)> = Vec::new();
    for line in log.lines() {
        if let (Some(more), Some((_, text))) = (line.strip_prefix('\t'), entries.last_mut()) {
            text.push('\n');
            text.push_str(more);
        } else if let Some((head, text)) = line.split_once("] ") {
            let process = head.rsplit('[').next().unwrap_or_default();
            entries.push((process.to_owned(), text.to_owned()));
        }
    }
    let mut statements: HashMap<&str, Vec<String>> = HashMap::new();
    for (process, text) in &entries {
        let list = statements.entry(process).or_default();
        if let Some(parameters) = text.strip_prefix("DETAIL:  parameters: ") {
            if let Some(statement) = list.last_mut() {
                *statement = with_parameters(statement, parameters);
            }
        } else if let Some(rest) = text.strip_prefix("LOG:  ") {
            let statement = rest.strip_prefix("statement: ").or_else(|| {
                rest.strip_prefix("execute ")
                    .and_then(|rest| Some(rest.split_once(": ")?.1))
            });
            list.extend(
                statement.map(|statement| statement.trim_end_matches(';').to_owned() + ";"),
            );
        }
    }
    statements
        .into_values()
        .max_by_key(Vec::len)
        .unwrap_or_default()
}

/// Writes `$1 = 'a', $2 = NULL` into a statement.
fn with_parameters(statement: &str, parameters: &str) -> String {
    let mut values: HashMap<&str, String> = HashMap::new();
    let mut rest = parameters;
    while let Some((name, after)) = rest.split_once(" = ") {
        let (value, next) = literal(after);
        let number = name.trim_start_matches([',', ' ', '$']);
        values.insert(number, without_colons(value));
        rest = next;
    }
    // in one pass: values may hold what looks like a parameter, as the hash of a password does
    let mut parts = statement.split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = part.split_at(digits);
        match values.get(number) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["$", number]),
        }
        filled.push_str(after);
    }
    filled
}

/// The same literal for pgbench, which takes a word behind a colon for a variable, even in quotes.
fn without_colons(literal: &str) -> String {
    if literal.contains(':') {
        let escaped = literal.replace('\\', "\\\\").replace(':', "\\x3a");
        format!("E{escaped}")
    } else {
        literal.to_owned()
    }
}

/// Splits off one literal: `NULL`, or a text in quotes with doubled quotes inside.
fn literal(text: &str) -> (&str, &str) {
    if !text.starts_with('\'') {
        let end = text.find(", $").unwrap_or(text.len());
        return text.split_at(end);
    }
    let bytes = text.as_bytes();
    let mut end = 1;
    while end < bytes.len() {
        if bytes[end] == b'\'' {
            if bytes.get(end + 1) == Some(&b'\'') {
                end += 1;
            } else {
                break;
            }
        }
        end += 1;
    }
    text.split_at((end + 1).min(text.len()))
}

/// Runs the scripts and returns the number of transactions.
async fn pgbench(folder: &Path, scripts: &[PathBuf], seconds: u64) -> anyhow::Result<u64> {
    let program = find_pgbench()?;
    let output = Command::new(program)
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={CONNECTIONS}"))
        .arg(format!("--time={seconds}"))
        .args(
            scripts
                .iter()
                .flat_map(|path| [OsStr::new("--file"), path.as_os_str()]),
        )
        .arg("--host")
        .arg(folder.join("socket"))
        .args(["--username=kiwi", "kiwi"])
        .stdin(Stdio::null())
        .output()
        .await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let processed = text
        .lines()
        .find_map(|line| line.strip_prefix("number of transactions actually processed: "))
        .and_then(|number| number.trim().parse().ok());
    match processed {
        Some(number) if number > 0 => Ok(number),
        _ => bail!("{}", String::from_utf8_lossy(&output.stderr)),
    }
}

fn find_pgbench() -> anyhow::Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/pgbench"))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
        .pop()
        .context("pgbench is missing: install the package postgresql-15")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_come_from_the_busiest_process() {
        let log = "2026-01-01 10:00:00.000 UTC [7] LOG:  statement: BEGIN; SET LOCAL a = 'b'\n\
                   2026-01-01 10:00:00.001 UTC [9] LOG:  statement: SELECT 1\n\
                   2026-01-01 10:00:00.002 UTC [7] LOG:  execute sqlx_s_1: SELECT a\n\
                   \tFROM b WHERE c = $1 AND d = $12 AND e = $2\n\
                   2026-01-01 10:00:00.002 UTC [7] DETAIL:  parameters: $1 = 'it''s, $2 = x', $2 = 'argon2$v=19$1', $12 = 'a\\b:c'\n\
                   2026-01-01 10:00:00.003 UTC [7] LOG:  statement: COMMIT\n";
        assert_eq!(
            parse(log),
            [
                "BEGIN; SET LOCAL a = 'b';",
                "SELECT a\nFROM b WHERE c = 'it''s, $2 = x' AND d = E'a\\\\b\\x3ac' AND e = 'argon2$v=19$1';",
                "COMMIT;"
            ]
        );
    }
}
