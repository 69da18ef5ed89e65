//! Options of the commands that look after a running installation.

use clap::Subcommand;

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
