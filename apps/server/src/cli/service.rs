//! Options of the commands that look after a running installation.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

/// `kiwi schedule …`
#[derive(Debug, Subcommand)]
pub(crate) enum Schedule {
    /// Show what is done regularly: how often, how it went last time, and when it is due
    #[command(after_help = "Examples:
  kiwi schedule list
  kiwi schedule list --json")]
    List,
    /// Do one of these tasks now
    #[command(after_help = "Examples:
  kiwi schedule run sessions
  kiwi schedule run files --json

Exit status 1: the task failed; 3: there is no such task; 4: another program does it right now.")]
    Run {
        /// Name of the task
        task: String,
    },
}

/// `kiwi maintenance …`
#[derive(Debug, Subcommand)]
pub(crate) enum Maintenance {
    /// Serve nobody and close all connections to the database, or stop serving some tenants
    #[command(after_help = "Examples:
  kiwi maintenance on
  kiwi maintenance on --for 2h
  kiwi maintenance on --tenant acme --for 10m

Without --tenant the server of this machine or container closes its connections to the database, so
that the database can be replaced; pages and the API answer 503, `/livez` stays 200. With --tenant
every server stops serving that tenant, and commands for it go on. It ends by itself.")]
    On {
        /// Only this tenant; may be repeated
        #[arg(long, value_name = "TENANT")]
        tenant: Vec<String>,
        /// When it ends by itself, such as 10m or 2h
        #[arg(long = "for", value_name = "TIME", default_value = "30m", value_parser = a_while)]
        time: Duration,
    },
    /// Serve everybody again, or these tenants
    #[command(after_help = "Examples:
  kiwi maintenance off
  kiwi maintenance off --tenant acme")]
    Off {
        /// Only this tenant; may be repeated
        #[arg(long, value_name = "TENANT")]
        tenant: Vec<String>,
    },
    /// Show whether maintenance is going on, and until when
    #[command(after_help = "Examples:
  kiwi maintenance status
  kiwi maintenance status --json

The tenants are left out while the database is away.")]
    Status,
}

/// Options of `kiwi loglevel`.
#[derive(Debug, Args)]
pub(crate) struct LogLevel {
    /// A level or a filter such as `info,sqlx=debug`; without it the present one is shown
    #[arg(conflicts_with = "reset")]
    pub(crate) filter: Option<String>,
    /// When the filter of the settings counts again, such as 10m or 2h
    #[arg(long = "for", value_name = "TIME", default_value = "10m", value_parser = a_while)]
    pub(crate) time: Duration,
    /// Go back to the filter of the settings at once
    #[arg(long)]
    pub(crate) reset: bool,
}

/// Options of `kiwi support-bundle`.
#[derive(Debug, Args)]
pub(crate) struct SupportBundle {
    /// Archive to write [default: kiwi-support-<time>.tar.gz in the present folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Add warnings and errors of this log, in JSON lines; `-` is standard input. They may name
    /// people
    #[arg(long, value_name = "FILE")]
    pub(crate) with_logs: Option<PathBuf>,
    /// Only what was logged so recently, such as 1h
    #[arg(long, value_name = "TIME", default_value = "1h", requires = "with_logs", value_parser = humantime::parse_duration)]
    pub(crate) since: Duration,
}

/// `kiwi secret …`
#[derive(Debug, Subcommand)]
pub(crate) enum Secret {
    /// Make a new key, seal stored credentials with it and end all sessions: everybody has to log in
    /// again
    #[command(after_help = "Examples:
  kiwi secret rotate
  kiwi secret rotate --json

Running servers take the key over by themselves. Exit status 4: the key comes from SECRET_KEY.")]
    Rotate,
    /// Seal stored credentials with the key that counts now, after `SECRET_KEY` was given or replaced
    #[command(after_help = "Examples:
  kiwi secret reencrypt
  kiwi secret reencrypt --old-key /run/secrets/old_key --json

What was sealed with the key that the database keeps is found without a file. Exit status 5: some
were sealed with another key; their owners have to enter them again.")]
    Reencrypt {
        /// File with a key that counted before; may be given several times
        #[arg(long, value_name = "FILE")]
        old_key: Vec<PathBuf>,
    },
}

/// A time that is not over at once.
fn a_while(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("it would be over at once".to_owned()),
        Ok(time) => Ok(time),
        Err(why) => Err(why.to_string()),
    }
}
