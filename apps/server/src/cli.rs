//! The command line. The texts here are the reference documentation.

#![expect(
    rustdoc::broken_intra_doc_links,
    rustdoc::invalid_html_tags,
    reason = "the doc comments are help texts, not Markdown"
)]

mod accounts;
mod mail;
mod operations;
mod service;
mod tenant;
mod token;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use accounts::{
    ChangePassword, CreateSuperuser, DeleteUser, NewSuperuser, NewUser, PasswordSource,
};
pub(crate) use mail::{Chosen, Mail, SendTestEmail, Which};
pub(crate) use operations::{
    Backup, Certificate, Check, ConfigCommand, Doctor, ImportSettings, LetsEncrypt, Restore,
    ShowConfig, Upgrade, VerifyBackup, Whatever,
};
pub(crate) use service::{LogLevel, Maintenance, Schedule, Secret, SupportBundle};
pub(crate) use tenant::{
    ApplyTenants, CloneTenant, CreateTenant, MigrateCommand, MigrateTenants, Tenant, TenantDomain,
    TenantMember, TenantNames,
};
pub(crate) use token::{CreateToken, Token};

/// Kiwi, a server for test cases, test runs and their results.
#[derive(Debug, Parser)]
#[command(
    name = "kiwi",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:
  kiwi serve
  kiwi createsuperuser --username admin --email admin@example.org
  kiwi tenant create acme --owner admin --title \"Acme Ltd\"

Settings come from <data dir>/etc/local_settings.toml, <data dir>/etc/tcms_settings_dir/*.toml,
environment variables and --set; see `kiwi show-config` and `kiwi config reference`. Exit status: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 refused by
state or limit, 5 partly done."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Directory for uploads, certificates, the secret key and the private database
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Set a setting; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
    /// Write results as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve pages and the API, and work on jobs
    #[command(after_help = "Examples:
  kiwi serve
  kiwi serve --http 127.0.0.1:0 --https 127.0.0.1:0 --data-dir /srv/kiwi
  DATABASE_URL=postgres://kiwi:secret@db/kiwi kiwi serve --no-worker")]
    Serve(Serve),
    /// Work on jobs only
    #[command(after_help = "Examples:
  kiwi worker
  DATABASE_URL=postgres://kiwi:secret@db/kiwi kiwi worker")]
    Worker,
    /// Ask a running server whether it is well: exit status 0 when it is, else 1
    #[command(after_help = "Examples:
  kiwi healthcheck
  kiwi healthcheck --live --timeout 2
  docker exec kiwi_web /Kiwi/manage.py healthcheck --json")]
    Healthcheck(Healthcheck),
    /// Bring the database to the newest structure: the platform, then every tenant
    #[command(after_help = "Examples:
  kiwi migrate
  kiwi migrate --check
  kiwi migrate --jobs 8 --json")]
    Migrate(Migrate),
    /// List migrations: [X] applied, [ ] missing; exit status 1 when any is missing
    #[command(after_help = "Examples:
  kiwi showmigrations
  kiwi showmigrations --json")]
    Showmigrations,
    /// Set up a new installation: migrate, create the first superuser, set the domain
    #[command(
        name = "initial_setup",
        after_help = "Examples:
  kiwi initial_setup
  kiwi initial_setup --noinput --username admin --email admin@example.org \\
      --password-file /run/secrets/admin --domain kiwi.example.org

The values may also come from DJANGO_SUPERUSER_USERNAME, DJANGO_SUPERUSER_EMAIL,
DJANGO_SUPERUSER_PASSWORD and KIWI_DOMAIN. What exists already is left alone."
    )]
    InitialSetup(InitialSetup),
    /// Create an account that may do everything
    #[command(after_help = "Examples:
  kiwi createsuperuser
  kiwi createsuperuser --noinput --username admin --email admin@example.org \\
      --password-file /run/secrets/admin
  kiwi createsuperuser --noinput --username admin --recovery

The values may also come from DJANGO_SUPERUSER_USERNAME, DJANGO_SUPERUSER_EMAIL and
DJANGO_SUPERUSER_PASSWORD. An existing account is reported and left alone. With --recovery a link is
printed that lets the superuser in once within 15 minutes, whatever else does not work.")]
    Createsuperuser(CreateSuperuser),
    /// Create an ordinary account
    #[command(after_help = "Examples:
  kiwi createuser --username ann --email ann@example.org --password-file ann.txt
  kiwi createuser --username bob --email bob@example.org --password-stdin \\
      --tenant acme --group Tester

An existing account is reported; it joins tenants and groups that are named.")]
    Createuser(NewUser),
    /// Give an account a new password; all its sessions end
    #[command(after_help = "Examples:
  kiwi changepassword admin
  kiwi changepassword admin --password-file /run/secrets/admin")]
    Changepassword(ChangePassword),
    /// Delete an account with all its work in every tenant
    #[command(after_help = "Examples:
  kiwi deleteuser bob
  kiwi deleteuser bob --yes --json

Plans, cases, runs, executions and bugs that refer to the account go with it; without --yes you are
told how many before anything happens. An account that is only deactivated keeps its work:
User.deactivate of the API does that.")]
    Deleteuser(DeleteUser),
    /// Show or set the domain that links in mail and in the API are built with
    #[command(
        name = "set_domain",
        after_help = "Examples:
  kiwi set_domain
  kiwi set_domain kiwi.example.org
  kiwi set_domain acme.example.org --tenant acme"
    )]
    SetDomain(SetDomain),
    /// Create and look after tenants
    #[command(subcommand, arg_required_else_help = true)]
    Tenant(Tenant),
    /// Let programs call the API without a password
    #[command(subcommand, arg_required_else_help = true)]
    Token(Token),
    /// Look after the mails that are not sent yet
    #[command(subcommand, arg_required_else_help = true)]
    Mail(Mail),
    /// Send a test mail at once, and show what the mail server answers
    #[command(after_help = "Examples:
  kiwi sendtestemail ann@example.org
  kiwi sendtestemail --admins --json

Exit status 1: the server took no mail; 4: mail.from is not set.")]
    Sendtestemail(SendTestEmail),
    /// Look at what is done regularly, or do it now
    #[command(subcommand, arg_required_else_help = true)]
    Schedule(Schedule),
    /// Keep everybody out while you work on the database or on some tenants
    #[command(subcommand, arg_required_else_help = true)]
    Maintenance(Maintenance),
    /// Change for a while what the running server logs
    #[command(after_help = "Examples:
  kiwi loglevel info,sqlx=debug --for 10m
  kiwi loglevel
  kiwi loglevel --reset

The server of this machine or container takes it within a second, and goes back by itself.")]
    Loglevel(LogLevel),
    /// Look after the key that signs what the server gives to browsers
    #[command(subcommand, arg_required_else_help = true)]
    Secret(Secret),
    /// Examine the whole installation, and say what to do about what is wrong
    #[command(after_help = "Examples:
  kiwi doctor
  kiwi doctor --json
  kiwi doctor --all

Includes everything that `kiwi check --deploy` looks at. Exit status 1 when there is an error;
warnings alone are 0.")]
    Doctor(Doctor),
    /// Write an archive for those who help: versions, settings without secrets, state, metrics
    #[command(
        name = "support-bundle",
        after_help = "Examples:
  kiwi support-bundle
  kiwi support-bundle --out /tmp/kiwi.tar.gz
  docker logs --since 1h kiwi_web | kiwi support-bundle --with-logs - --since 1h

No values of secret settings and no content of tenants are in it."
    )]
    SupportBundle(SupportBundle),
    /// Show every setting with its value and where it comes from; secrets stay hidden
    #[command(
        name = "show-config",
        after_help = "Examples:
  kiwi show-config
  kiwi show-config db.max_connections
  kiwi show-config --diff --json
  kiwi show-config --files

The mark behind a hidden secret is the beginning of its hash: two programs with the same mark have
the same secret."
    )]
    ShowConfig(ShowConfig),
    /// Show the settings that differ from the defaults
    #[command(after_help = "Examples:
  kiwi diffsettings")]
    Diffsettings,
    /// Look for mistakes in settings, files and database, without starting the server
    #[command(after_help = "Examples:
  kiwi check
  kiwi check --deploy --json
  kiwi check auth

Exit status 1 when there is an error; warnings alone are 0.")]
    Check(Check),
    /// Save accounts, tenants and uploaded files in a folder; nobody has to wait
    #[command(after_help = "Examples:
  kiwi backup --out /backups
  kiwi backup --out /backups --tenant acme --json
  kiwi backup --out s3://backups/kiwi

Sessions, waiting mail, settings and the secret key are not part of a backup.")]
    Backup(Backup),
    /// Prove that a backup can be restored
    #[command(
        name = "verify-backup",
        after_help = "Examples:
  kiwi verify-backup /backups/kiwi-2026-11-22T02-00-00Z
  kiwi verify-backup s3://backups/kiwi/kiwi-2026-11-22T02-00-00Z

Exit status 3: no complete backup; 4: damaged."
    )]
    VerifyBackup(VerifyBackup),
    /// Put back what a backup holds: everything, or some tenants
    #[command(after_help = "Examples:
  kiwi restore /backups/kiwi-2026-11-22T02-00-00Z
  kiwi restore /backups/kiwi-2026-11-22T02-00-00Z --replace
  kiwi restore /backups/kiwi-2026-11-22T02-00-00Z --tenant acme --replace

Nothing is touched when the backup is damaged, or when the database is in use and --replace is not
given (exit status 4).")]
    Restore(Restore),
    /// After a new release: migrate, refresh permissions, remove what nobody needs
    #[command(after_help = "Examples:
  kiwi upgrade --plan
  kiwi upgrade --noinput
  kiwi upgrade --noinput --backup /backups")]
    Upgrade(Upgrade),
    /// Give the default groups of every tenant the permissions they lack
    #[command(
        name = "refresh_permissions",
        after_help = "Examples:
  kiwi refresh_permissions
  kiwi refresh_permissions --json"
    )]
    RefreshPermissions,
    /// Delete expired sessions; the server does that by itself every hour
    #[command(after_help = "Examples:
  kiwi clearsessions")]
    Clearsessions,
    /// Show the version
    #[command(
        name = "show_version",
        after_help = "Examples:
  kiwi show_version"
    )]
    ShowVersion,
    /// Accepted for scripts: files of the pages are part of the program
    #[command(
        name = "collectstatic",
        hide = true,
        after_help = "Examples:
  kiwi collectstatic"
    )]
    Collectstatic(Whatever),
    /// Accepted for scripts: files of the pages are part of the program
    #[command(
        name = "collectstatic_schemas",
        hide = true,
        after_help = "Examples:
  kiwi collectstatic_schemas"
    )]
    CollectstaticSchemas(Whatever),
    /// Accepted for scripts: translations are part of the program
    #[command(
        name = "compilemessages",
        hide = true,
        after_help = "Examples:
  kiwi compilemessages"
    )]
    Compilemessages(Whatever),
    /// Accepted for scripts: migrations are part of the program
    #[command(
        name = "makemigrations",
        hide = true,
        after_help = "Examples:
  kiwi makemigrations"
    )]
    Makemigrations(Whatever),
    /// Refused: there is no Python here
    #[command(
        name = "shell",
        hide = true,
        after_help = "Examples:
  kiwi shell"
    )]
    Shell(Whatever),
    /// Refused: use `psql`
    #[command(
        name = "dbshell",
        hide = true,
        after_help = "Examples:
  kiwi dbshell"
    )]
    Dbshell(Whatever),
    /// Refused: use `kiwi backup`
    #[command(
        name = "dumpdata",
        hide = true,
        after_help = "Examples:
  kiwi dumpdata"
    )]
    Dumpdata(Whatever),
    /// Refused: use `kiwi restore`
    #[command(
        name = "loaddata",
        hide = true,
        after_help = "Examples:
  kiwi loaddata"
    )]
    Loaddata(Whatever),
    /// Fetch a certificate from an authority that speaks ACME, such as Let's Encrypt, at once
    #[command(
        name = "lets-encrypt",
        after_help = "Examples:
  kiwi lets-encrypt tests.example.org
  kiwi lets-encrypt
  kiwi lets-encrypt --list

Running servers answer the authority and show the new certificate. Without names: `tenancy.domain`
and everything directly below it, which needs tls.acme.challenge = dns-01; without
tls.acme.dns_command it is printed which record to add. Exit status 1: the authority refused; 2:
there is no name, or tls.acme.agree_tos is not set."
    )]
    LetsEncrypt(LetsEncrypt),
    /// Look after the certificates of HTTPS
    #[command(subcommand, arg_required_else_help = true)]
    Certificate(Certificate),
    /// Translate settings in Python into settings files; nothing of them is executed
    #[command(
        name = "import-settings",
        after_help = "Examples:
  kiwi import-settings
  kiwi import-settings local_settings.py tcms_settings_dir/email_config.py --out /Kiwi/etc

What is more than a literal is reported with its line; exit status 5 when there is any."
    )]
    ImportSettings(ImportSettings),
    /// Describe the settings
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
}

/// Options of `kiwi serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address of plain HTTP [default: 0.0.0.0:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) http: Option<String>,
    /// Address of HTTPS [default: 0.0.0.0:8443]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) https: Option<String>,
    /// Address of metrics and health [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) internal: Option<String>,
    /// Leave jobs to other programs
    #[arg(long)]
    pub(crate) no_worker: bool,
}

/// Options of `kiwi healthcheck`.
#[derive(Debug, Args)]
pub(crate) struct Healthcheck {
    /// Address of metrics and health of that server [default: as `kiwi serve` would take]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) internal: Option<String>,
    /// Ask only whether the program runs, not whether it can serve
    #[arg(long)]
    pub(crate) live: bool,
    /// Seconds to wait for the answer
    #[arg(long, value_name = "SECONDS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) timeout: u64,
}

/// Options of `kiwi migrate`.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Tenants migrated at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub(crate) jobs: u8,
    /// Stop after so many tenants failed
    #[arg(long, value_name = "N")]
    pub(crate) max_failures: Option<usize>,
    /// Change nothing; exit status 1 when something is missing
    #[arg(long)]
    pub(crate) check: bool,
    /// Accepted for scripts; nothing is ever asked
    #[arg(long, alias = "no-input")]
    pub(crate) noinput: bool,
}

/// Options of `kiwi initial_setup`.
#[derive(Debug, Args)]
pub(crate) struct InitialSetup {
    #[command(flatten)]
    pub(crate) superuser: NewSuperuser,
    /// Domain of the installation
    #[arg(long)]
    pub(crate) domain: Option<String>,
}

/// Options of `kiwi set_domain`.
#[derive(Debug, Args)]
pub(crate) struct SetDomain {
    /// Host name or address, with port if necessary; without it the current one is shown
    pub(crate) domain: Option<String>,
    /// Whose domain
    #[arg(long, value_name = "TENANT", default_value = "public")]
    pub(crate) tenant: String,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn every_command_has_examples() {
        fn visit(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            if !command.has_subcommands() {
                let examples = command.get_after_help().map(ToString::to_string);
                assert!(
                    examples.is_some_and(|text| text.starts_with("Examples:\n  ")),
                    "{path} has no examples"
                );
            }
            for inner in command.get_subcommands() {
                visit(inner, &path);
            }
        }
        let command = Cli::command();
        command.clone().debug_assert();
        visit(&command, "");
    }
}
