//! What an operator does from the command line, beside a running server or without one.

mod accounts;
pub(crate) mod backup;
mod certificate;
pub(crate) mod check;
mod compatible;
mod doctor;
mod healthcheck;
mod import_settings;
mod lets_encrypt;
mod loglevel;
mod mail;
mod maintenance;
pub(crate) mod migrations;
mod schedule;
mod secret;
mod settings;
mod setup;
pub(crate) mod status;
mod support_bundle;
mod tenant;
mod token;
mod upkeep;

use std::sync::Arc;

use domain::Domain;
use domain::accounts::Account;
use tenancy::{Tenancy, Tenant};

use crate::cli::{self, Command};
use crate::config::Config;
use crate::output::{Failure, Output};
use crate::telemetry;

/// Runs one command.
pub(crate) async fn run(config: Config, command: Command, output: Output) -> Result<(), Failure> {
    if let Some(why) = compatible::needless(&command) {
        output.remark(format!("nothing to do: {why}"));
        return Ok(());
    }
    if let Some(instead) = compatible::refusal(&command) {
        return Err(Failure::Refused(instead.to_owned()));
    }
    // these need no database, or look for themselves whether there is one
    match &command {
        Command::ShowVersion => return compatible::version(output),
        Command::Config(command) => return settings::run(command, output),
        Command::ShowConfig(options) => return settings::show(&config, options, output),
        Command::Diffsettings => return settings::show(&config, &cli::ShowConfig::diff(), output),
        Command::Certificate(command) => return certificate::run(&config, command, output),
        Command::ImportSettings(options) => {
            return import_settings::run(&config.data_dir, options, output);
        }
        Command::Check(options) => return check::run(&config, options, output).await,
        Command::Healthcheck(options) => return healthcheck::run(&config, options, output).await,
        Command::Loglevel(options) => return loglevel::run(&config, options, output),
        Command::Doctor(options) => return doctor::run(&config, options, output).await,
        Command::SupportBundle(options) => {
            return support_bundle::run(&config, options, output).await;
        }
        Command::Maintenance(command) => {
            return maintenance::run(&config, command, output).await;
        }
        _ => {}
    }
    let telemetry = telemetry::start_command(&config).map_err(Failure::failed)?;
    for remark in &config.remarks {
        tracing::warn!("{remark}");
    }
    let domain = open(&config).await?;
    let done = dispatch(&config, &domain, command, output).await;
    close(domain).await;
    telemetry.finish().await;
    done
}

async fn dispatch(
    config: &Config,
    domain: &Domain,
    command: Command,
    output: Output,
) -> Result<(), Failure> {
    let tenancy = domain.tenancy();
    if needs_tables(&command) && !tenancy.is_initialised().await.map_err(failure)? {
        return Err(failure(tenancy::Error::NotInitialised));
    }
    match command {
        Command::Migrate(options) => migrations::migrate(domain, &options, output).await,
        Command::Showmigrations => migrations::show(domain, output).await,
        Command::InitialSetup(options) => setup::initial(config, domain, options, output).await,
        Command::Createsuperuser(options) => {
            accounts::create_superuser(domain, options, output).await
        }
        Command::Createuser(options) => accounts::create_user(domain, options, output).await,
        Command::Changepassword(options) => {
            accounts::change_password(domain, options, output).await
        }
        Command::Deleteuser(options) => accounts::delete_user(domain, options, output).await,
        Command::SetDomain(options) => setup::domain(domain, &options, output).await,
        Command::Mail(command) => mail::run(domain, command, output).await,
        Command::Sendtestemail(options) => mail::send_test(config, domain, options, output).await,
        Command::Upgrade(options) if options.plan => upkeep::plan(domain, output).await,
        Command::Upgrade(options) => upkeep::upgrade(config, domain, options, output).await,
        Command::RefreshPermissions => upkeep::refresh_permissions(domain, output).await,
        Command::Clearsessions => upkeep::clear_sessions(domain, output).await,
        Command::Backup(options) => backup::backup(config, domain, options, output).await,
        Command::VerifyBackup(options) => backup::verify(config, domain, &options, output).await,
        Command::Restore(options) => backup::restore(config, domain, &options, output).await,
        Command::LetsEncrypt(options) => lets_encrypt::run(config, domain, options, output).await,
        Command::Secret(command) => secret::run(config, domain, command, output).await,
        Command::Schedule(command) => schedule::run(config, domain, command, output).await,
        Command::Tenant(command) => tenant::run(domain, command, output).await,
        Command::Token(command) => token::run(domain, command, output).await,
        Command::Serve(_)
        | Command::Worker
        | Command::Config(_)
        | Command::ShowConfig(_)
        | Command::Diffsettings
        | Command::Check(_)
        | Command::Certificate(_)
        | Command::Loglevel(_)
        | Command::Maintenance(_)
        | Command::Doctor(_)
        | Command::SupportBundle(_)
        | Command::ImportSettings(_)
        | Command::ShowVersion
        | Command::Collectstatic(_)
        | Command::CollectstaticSchemas(_)
        | Command::Compilemessages(_)
        | Command::Makemigrations(_)
        | Command::Shell(_)
        | Command::Dbshell(_)
        | Command::Dumpdata(_)
        | Command::Loaddata(_)
        | Command::Healthcheck(_) => Ok(()),
    }
}

/// Whether a command is of no use on an empty database. The others make the tables, or look for
/// themselves whether there are any.
fn needs_tables(command: &Command) -> bool {
    !matches!(
        command,
        Command::Migrate(_)
            | Command::Showmigrations
            | Command::InitialSetup(_)
            | Command::Upgrade(_)
            | Command::Restore(_)
            | Command::VerifyBackup(_)
    )
}

/// The product on its database.
async fn open(config: &Config) -> Result<Domain, Failure> {
    let tenancy = Tenancy::open(config.tenancy()).await.map_err(failure)?;
    Ok(Domain::new(tenancy, config.domain()))
}

/// Closes what [`open`] has opened.
async fn close(domain: Domain) {
    let tenancy = domain.tenancy().clone();
    drop(domain);
    tenancy.close().await;
}

/// The tenant with this name.
async fn tenant_of(domain: &Domain, name: &str) -> Result<Arc<Tenant>, Failure> {
    let found = domain.tenancy().by_name(name).await.map_err(failure)?;
    found.ok_or_else(|| Failure::NotFound(format!("tenant {name} does not exist")))
}

/// The account with this log-in name.
async fn account_of(domain: &Domain, username: &str) -> Result<Account, Failure> {
    let found = domain::accounts::find(domain, username)
        .await
        .map_err(fault)?;
    found.ok_or_else(|| Failure::NotFound(format!("account {username} does not exist")))
}

/// The account with this log-in name, to let somebody in with it.
async fn person_of(domain: &Domain, username: &str) -> Result<Account, Failure> {
    let account = account_of(domain, username).await?;
    refuse_anonymous(&account)?;
    Ok(account)
}

/// Nobody logs in as everybody.
fn refuse_anonymous(account: &Account) -> Result<(), Failure> {
    if account.id == domain::tenants::ANONYMOUS {
        return Err(Failure::Refused(format!(
            "{} stands for everybody who has not logged in: nobody can log in as it",
            account.username
        )));
    }
    Ok(())
}

/// Sorts an error of the tenancy by its exit status.
pub(crate) fn failure(error: tenancy::Error) -> Failure {
    match error {
        tenancy::Error::UnknownTenant(_) => Failure::NotFound(error.to_string()),
        tenancy::Error::InvalidName(_)
        | tenancy::Error::State { .. }
        | tenancy::Error::Refused(_)
        | tenancy::Error::Moved(_) => Failure::Refused(error.to_string()),
        other => Failure::Failed(other.into()),
    }
}

/// Sorts an error of a rule by its exit status.
pub(crate) fn fault(error: domain::Error) -> Failure {
    match error {
        domain::Error::NotFound { .. } => Failure::NotFound(error.to_string()),
        domain::Error::Conflict(text) | domain::Error::Refused(text) => Failure::Refused(text),
        domain::Error::Invalid(errors) => {
            let messages = errors
                .0
                .iter()
                .map(|(field, messages)| format!("{field}: {}", messages.join(" ")));
            Failure::failed(messages.collect::<Vec<_>>().join("; "))
        }
        domain::Error::Internal(source) => Failure::Failed(source),
        other => Failure::Failed(other.into()),
    }
}
