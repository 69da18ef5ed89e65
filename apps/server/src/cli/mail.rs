//! `kiwi mail …` and `kiwi sendtestemail`.

use clap::{Args, Subcommand};

/// `kiwi mail …`
#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// List the mails that are not sent: waiting ones and dead ones, the oldest first
    #[command(after_help = "Examples:
  kiwi mail list
  kiwi mail list --state dead --tenant acme
  kiwi mail list --json")]
    List {
        #[command(flatten)]
        which: Which,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show one mail: to whom, what it says, and why it was not sent
    #[command(after_help = "Examples:
  kiwi mail show 42
  kiwi mail show 42 --json")]
    Show {
        /// Number of the mail
        id: i64,
    },
    /// Send mails again, with all their tries before them
    #[command(after_help = "Examples:
  kiwi mail retry 42 43
  kiwi mail retry --state dead
  kiwi mail retry --state dead --tenant acme

A mail that is being sent right now is left alone.")]
    Retry(Chosen),
    /// Remove mails that are never to be sent
    #[command(after_help = "Examples:
  kiwi mail delete 42
  kiwi mail delete --state dead --tenant acme")]
    Delete(Chosen),
}

/// Which mails are meant.
#[derive(Debug, Args)]
pub(crate) struct Which {
    /// Only mails of this tenant
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Option<String>,
    /// Only mails in this state
    #[arg(long, value_parser = ["waiting", "dead"])]
    pub(crate) state: Option<String>,
}

/// Mails by number, or all in a state.
#[derive(Debug, Args)]
pub(crate) struct Chosen {
    /// Numbers of mails
    #[arg(required_unless_present = "state")]
    pub(crate) ids: Vec<i64>,
    #[command(flatten)]
    pub(crate) which: Which,
}

/// Options of `kiwi sendtestemail`.
#[derive(Debug, Args)]
pub(crate) struct SendTestEmail {
    /// Addresses to write to
    #[arg(value_name = "ADDRESS", required_unless_present_any = ["admins", "managers"])]
    pub(crate) addresses: Vec<String>,
    /// Write to the addresses of the setting `mail.admins`
    #[arg(long)]
    pub(crate) admins: bool,
    /// The same people; accepted for scripts
    #[arg(long)]
    pub(crate) managers: bool,
    /// Whose site the mail names
    #[arg(long, value_name = "TENANT", default_value = "public")]
    pub(crate) tenant: String,
}
