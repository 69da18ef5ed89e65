//! Accounts.

use std::path::PathBuf;

use clap::Args;

/// Where a password comes from.
#[derive(Debug, Args, Default)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of a file
    #[arg(long, value_name = "FILE", conflicts_with = "password_stdin")]
    pub(crate) password_file: Option<PathBuf>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// Options of `kiwi createsuperuser`.
#[derive(Debug, Args)]
pub(crate) struct NewSuperuser {
    /// Log-in name
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// E-mail address
    #[arg(long)]
    pub(crate) email: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
    /// Ask nothing
    #[arg(long, alias = "no-input")]
    pub(crate) noinput: bool,
    /// Give an existing account this password
    #[arg(long)]
    pub(crate) reset_password: bool,
}

/// Options of `kiwi createsuperuser`.
#[derive(Debug, Args)]
pub(crate) struct CreateSuperuser {
    #[command(flatten)]
    pub(crate) account: NewSuperuser,
    /// Print a link that lets the superuser in once
    #[arg(long)]
    pub(crate) recovery: bool,
}

/// Options of `kiwi createuser`.
#[derive(Debug, Args)]
pub(crate) struct NewUser {
    /// Log-in name
    #[arg(long)]
    pub(crate) username: Option<String>,
    /// E-mail address
    #[arg(long)]
    pub(crate) email: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
    /// Group to join in each tenant; may be repeated. Without it: none in the public tenant, the
    /// default groups in others
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Vec<String>,
    /// Tenant to enter [default: public]; may be repeated
    #[arg(long, value_name = "TENANT")]
    pub(crate) tenant: Vec<String>,
    /// Ask nothing
    #[arg(long, alias = "no-input")]
    pub(crate) noinput: bool,
    /// Give an existing account this password
    #[arg(long)]
    pub(crate) reset_password: bool,
}

/// Options of `kiwi changepassword`.
#[derive(Debug, Args)]
pub(crate) struct ChangePassword {
    /// Log-in name
    pub(crate) username: String,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
}

/// Options of `kiwi deleteuser`.
#[derive(Debug, Args)]
pub(crate) struct DeleteUser {
    /// Log-in name
    pub(crate) username: String,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}
