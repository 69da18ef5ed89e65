//! Options of the commands that look at an installation and keep it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Options of `kiwi show-config`.
#[derive(Debug, Args)]
pub(crate) struct ShowConfig {
    /// Only this setting
    #[arg(conflicts_with = "files")]
    pub(crate) key: Option<String>,
    /// The settings files in the order in which they are read
    #[arg(long)]
    pub(crate) files: bool,
    /// Only what differs from the defaults
    #[arg(long, conflicts_with = "files")]
    pub(crate) diff: bool,
}

impl ShowConfig {
    /// Everything that differs from the defaults.
    pub(crate) fn diff() -> Self {
        Self {
            key: None,
            files: false,
            diff: true,
        }
    }
}

/// Options of `kiwi check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Only this, by asking others: `auth`, whether providers of log-ins answer and can be trusted
    #[arg(value_name = "WHAT", value_parser = ["auth"], conflicts_with = "deploy")]
    pub(crate) what: Option<String>,
    /// Also what must be looked at before going live
    #[arg(long)]
    pub(crate) deploy: bool,
}

/// Options of `kiwi import-settings`.
#[derive(Debug, Args)]
pub(crate) struct ImportSettings {
    /// Settings in Python [default: those of an image of Kiwi TCMS]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Folder to write to [default: etc in the data directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Overwrite settings files that exist
    #[arg(long)]
    pub(crate) force: bool,
}

/// Options of `kiwi backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// Folder of the backups, or `s3://bucket/prefix`; each gets a folder of its own in it
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Only this tenant; may be repeated
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Vec<String>,
    /// Leave uploaded files out
    #[arg(long)]
    pub(crate) no_uploads: bool,
}

/// Options of `kiwi verify-backup`.
#[derive(Debug, Args)]
pub(crate) struct VerifyBackup {
    /// Folder of one backup, or `s3://bucket/prefix/name`
    pub(crate) folder: PathBuf,
}

/// Options of `kiwi restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Folder of one backup, or `s3://bucket/prefix/name`
    pub(crate) folder: PathBuf,
    /// Only this tenant, in the installation that it was saved from; may be repeated
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Vec<String>,
    /// Lose what is there now
    #[arg(long)]
    pub(crate) replace: bool,
    /// Refuse a database that is in use, as happens without --replace
    #[arg(long, conflicts_with = "replace")]
    pub(crate) into_empty: bool,
}

/// Options of `kiwi upgrade`.
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
#[derive(Debug, Args)]
pub(crate) struct Upgrade {
    /// Ask nothing, and remove files without a record
    #[arg(long, alias = "no-input")]
    pub(crate) noinput: bool,
    /// Remove files without a record
    #[arg(long, conflicts_with = "keep_stale")]
    pub(crate) delete_stale: bool,
    /// Leave files without a record alone, whatever else is given
    #[arg(long)]
    pub(crate) keep_stale: bool,
    /// Save everything in this folder, or below `s3://bucket/prefix`, first
    #[arg(long, value_name = "DIR")]
    pub(crate) backup: Option<PathBuf>,
    /// Only tell what would be done
    #[arg(long, conflicts_with_all = ["noinput", "delete_stale", "keep_stale", "backup"])]
    pub(crate) plan: bool,
}

/// Options of `kiwi doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Also compare attachments and stored files of every tenant, which takes a while
    #[arg(long)]
    pub(crate) all: bool,
}

/// Whatever scripts give to a command that does nothing here.
#[derive(Debug, Args)]
pub(crate) struct Whatever {
    /// Options of the original, accepted and not looked at
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "OPTION"
    )]
    pub(crate) rest: Vec<String>,
}

/// `kiwi certificate …`
#[derive(Debug, Subcommand)]
pub(crate) enum Certificate {
    /// Show the certificates that HTTPS uses, and how long they last
    #[command(after_help = "Examples:
  kiwi certificate show
  kiwi certificate show --json")]
    Show,
    /// Fail when a certificate cannot be used or ends soon
    #[command(after_help = "Examples:
  kiwi certificate check
  kiwi certificate check --days 30")]
    Check {
        /// How long each certificate must last
        #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(i64).range(0..=3650))]
        days: i64,
    },
    /// Make a new authority and a certificate signed by it
    #[command(
        name = "self-signed",
        after_help = "Examples:
  kiwi certificate self-signed
  kiwi certificate self-signed --name tests.example.org --name 10.0.0.7 --days 820

The certificate covers the host, localhost, 127.0.0.1, ::1, the tenants' domain and everything
directly below it, and the names of KIWI_CERTIFICATE_NAMES. Names given here only are lost when the
certificate is renewed; put those that stay into KIWI_CERTIFICATE_NAMES. A certificate of yours is
never overwritten (exit status 4)."
    )]
    SelfSigned {
        /// Further host name or address; may be repeated
        #[arg(long, value_name = "NAME")]
        name: Vec<String>,
        /// Life in days [default: as in the settings]
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
        days: Option<i64>,
    },
    /// Make the self-signed certificate anew
    #[command(after_help = "Examples:
  kiwi certificate renew")]
    Renew,
}

/// Options of `kiwi lets-encrypt`.
#[derive(Debug, Args)]
pub(crate) struct LetsEncrypt {
    /// Host names of one certificate
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Show the certificates that were fetched, and why others were not
    #[arg(long, conflicts_with = "names")]
    pub(crate) list: bool,
}

/// `kiwi config …`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Describe every setting, as Markdown
    #[command(after_help = "Examples:
  kiwi config reference")]
    Reference,
    /// Print a JSON schema of the settings files, for editors
    #[command(after_help = "Examples:
  kiwi config schema > settings.schema.json")]
    Schema,
}
