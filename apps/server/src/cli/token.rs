//! `kiwi token …`

use clap::{Args, Subcommand};

/// `kiwi token …`
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token for an account and show it, this once
    #[command(after_help = "Examples:
  kiwi token create ci-bot --name pipeline
  kiwi token create ann --name dashboard --read-only --days 90 --json

Programs send it as `Authorization: Bearer kiwi_…` with each call of the API.")]
    Create(CreateToken),
    /// List tokens: whose they are, what they may do, when they end and when they were used
    #[command(after_help = "Examples:
  kiwi token list
  kiwi token list --account ann --json")]
    List {
        /// Only those of this account
        #[arg(long, value_name = "USERNAME")]
        account: Option<String>,
    },
    /// End tokens at once
    #[command(after_help = "Examples:
  kiwi token revoke 3
  kiwi token revoke 3 4 --json")]
    Revoke {
        /// Numbers of tokens
        #[arg(required = true)]
        ids: Vec<i32>,
    },
}

/// Options of `kiwi token create`.
#[derive(Debug, Args)]
pub(crate) struct CreateToken {
    /// The account that the token acts for
    pub(crate) username: String,
    /// What it is for
    #[arg(long)]
    pub(crate) name: String,
    /// It can only read
    #[arg(long)]
    pub(crate) read_only: bool,
    /// Days until it ends [default: it does not end]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) days: Option<u32>,
}
