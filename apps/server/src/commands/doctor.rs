//! `kiwi doctor`: the whole installation, from the settings to the jobs, and what to do.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::tenancy::State;
use domain::{Domain, files, mail};
use jobs::{Outcome, Scheduler};
use tenancy::Database;

use super::check::{self, Found, Problem};
use super::{healthcheck, open};
use crate::cli::Doctor;
use crate::config::Config;
use crate::control::Control;
use crate::deeds::{self, Deed};
use crate::keepsakes;
use crate::output::{Failure, Output};
use crate::tasks;

/// Major versions of PostgreSQL that are tried.
const VERSIONS: std::ops::RangeInclusive<i32> = 15..=18;
/// Seconds that the clocks of program and database may differ.
const CLOCKS: i64 = 5;

/// A file may be this young before its record is there.
const YOUNG: Duration = Duration::from_hours(24);
/// So many of many are named.
const NAMED: usize = 10;
/// Days that may pass without a backup.
const WEEK: i64 = 7;
/// Days that may pass without a proof that a backup can be restored.
const PROOF: i64 = 8;

/// Runs all examinations and tells what they found.
pub(super) async fn run(config: &Config, options: &Doctor, output: Output) -> Result<(), Failure> {
    examine(config, options.all).await?.tell(output)
}

/// Runs all examinations; with `all` also those that look at every file of every tenant.
pub(super) async fn examine(config: &Config, all: bool) -> Result<Found, Failure> {
    let mut found = check::look(config, true).await?;
    server(config, &mut found).await;
    let Ok(domain) = open(config).await else {
        // the check has said why
        return Ok(found);
    };
    connected(config, &domain, &mut found).await;
    if all {
        files_of_all(&domain, &mut found).await;
    }
    super::close(domain).await;
    Ok(found)
}

/// The same for the server that runs: on its own connections, and without asking itself whether it
/// is there.
pub(super) async fn examine_running(
    config: &Arc<Config>,
    domain: &Domain,
) -> Result<Found, Failure> {
    let settings = Arc::clone(config);
    let looked = tokio::task::spawn_blocking(move || check::settings(&settings, true)).await;
    let mut found = looked.map_err(|error| Failure::Failed(error.into()))??;
    check::database_state(domain, &mut found).await;
    connected(config, domain, &mut found).await;
    Ok(found)
}

/// What is not as it should be after a restore: in the database, and whether every attachment has
/// its file.
pub(super) async fn after_restore(config: &Config, domain: &Domain) -> Vec<Problem> {
    let mut found = Found::default();
    connected(config, domain, &mut found).await;
    files_of_all(domain, &mut found).await;
    found.problems()
}

/// What can be seen with a database that answers.
async fn connected(config: &Config, domain: &Domain, found: &mut Found) {
    if found.is_without_database() {
        return;
    }
    let examined = async {
        if !matches!(domain.tenancy().is_initialised().await, Ok(true)) {
            // the check has said why
            return Ok(());
        }
        database(config, domain, found).await?;
        tenants(domain, found).await?;
        work(config, domain, found).await?;
        deeds(config, domain, found).await
    };
    let examined: domain::Result<()> = examined.await;
    if let Err(error) = examined {
        found.error(
            "database",
            format!("it could not be examined: {error}"),
            "run `kiwi check`, then `kiwi migrate`",
        );
    }
}

async fn server(config: &Config, found: &mut Found) {
    if let Ok(Some(maintenance)) = Control::of(config).maintenance() {
        found.warning(
            "maintenance",
            format!("nobody is served until {}", maintenance.until),
            "run `kiwi maintenance off`",
        );
        return;
    }
    if let Err(why) = healthcheck::is_ready(config).await {
        found.warning(
            "server",
            format!("the server of this machine is not ready: {why:#}"),
            "start it with `kiwi serve`, or set server.internal to where it listens",
        );
    }
}

async fn database(config: &Config, domain: &Domain, found: &mut Found) -> domain::Result<()> {
    let facts = domain.tenancy().facts().await?;
    if !VERSIONS.contains(&facts.major) {
        found.warning(
            "database",
            format!("PostgreSQL {} is not among 15 to 18", facts.version),
            "use a version that Kiwi is tried with",
        );
    }
    if facts.encoding != "UTF8" {
        found.error(
            "database",
            format!("its encoding is {}", facts.encoding),
            "restore a backup into a database with the encoding UTF8",
        );
    }
    let wanted = i64::from(config.db_max_connections) + 1;
    if wanted > i64::from(facts.max_connections) * 9 / 10 {
        let most = facts.max_connections;
        found.warning(
            "db.max_connections",
            format!("one server may open {wanted} of the {most} connections of the database"),
            "lower db.max_connections, or raise max_connections of PostgreSQL",
        );
    }
    if let Some(why) = keepsakes::unreadable(config, domain.tenancy()).await? {
        found.warning(
            "secret_key",
            format!("the certificate that the database keeps cannot be read: {why}"),
            keepsakes::SAME_KEY,
        );
    }
    let apart = (domain::now().timestamp_millis() - facts.clock_ms).abs() / 1000;
    if apart > CLOCKS && !matches!(config.database, Database::Private) {
        found.warning(
            "clock",
            format!("the clocks of this machine and of the database are {apart} s apart"),
            "let both follow the same time server",
        );
    }
    Ok(())
}

async fn tenants(domain: &Domain, found: &mut Found) -> domain::Result<()> {
    let tenancy = domain.tenancy();
    for behind in tenancy.migration_status().await?.behind {
        let why = match behind.error.as_str() {
            "" => String::new(),
            error => format!(": {error}"),
        };
        found.error(
            "migrations",
            format!("tenant {} is {}{why}", behind.tenant, behind.state),
            format!("run `kiwi tenant migrate {}`", behind.tenant),
        );
    }
    for counted in tenancy.census().await? {
        if matches!(
            counted.state.as_str(),
            "failed" | "provisioning" | "deleting"
        ) {
            found.warning(
                "tenants",
                format!("{} tenants are {}", counted.tenants, counted.state),
                format!(
                    "`kiwi tenant list --state {}` names them; repeat the command that was \
                     interrupted",
                    counted.state
                ),
            );
        }
    }
    let strays = tenancy.strays().await?;
    for schema in strays.schemas {
        found.warning(
            "tenants",
            format!("schema {schema} belongs to no tenant"),
            format!("look at it, then remove it with `DROP SCHEMA \"{schema}\" CASCADE`"),
        );
    }
    for tenant in strays.tenants {
        found.error(
            "tenants",
            format!("tenant {tenant} has no schema"),
            format!("restore it with `kiwi restore <backup> --tenant {tenant} --replace`"),
        );
    }
    let now = domain::now();
    for record in tenancy.list().await? {
        let tenant = record.tenant;
        if let Some(until) = tenant.maintenance_until.filter(|until| *until > now) {
            found.warning(
                "maintenance",
                format!("tenant {} is served to nobody until {until}", tenant.schema),
                format!("run `kiwi maintenance off --tenant {}`", tenant.schema),
            );
        }
    }
    Ok(())
}

async fn work(config: &Config, domain: &Domain, found: &mut Found) -> domain::Result<()> {
    let mails = mail::counts(domain).await?;
    if mails.dead > 0 {
        found.warning(
            "mail",
            format!("{} mails were given up", mails.dead),
            "`kiwi mail list --state dead` says why; `kiwi mail retry --state dead` tries again",
        );
    }
    let now = domain::now();
    let scheduler = Scheduler::new(domain.clone(), tasks::of(config));
    for record in scheduler.records().await? {
        let name = &record.name;
        if scheduler.tasks().iter().all(|task| task.name != name) {
            // nobody asks for it any more
            continue;
        }
        if record.outcome == Some(Outcome::Failed) {
            found.warning(
                "schedule",
                format!("{name} failed: {}", record.detail),
                format!("correct that, then run `kiwi schedule run {name}`"),
            );
        } else if !record.is_running && (now - record.due_at).num_hours() >= 1 {
            found.warning(
                "schedule",
                format!("{name} has been due since {}", record.due_at),
                "run `kiwi serve` without --no-worker, or `kiwi worker`",
            );
        }
    }
    Ok(())
}

/// What should have been done by now, and was not.
async fn deeds(config: &Config, domain: &Domain, found: &mut Found) -> domain::Result<()> {
    if let Some(file) = config.backup_age_file() {
        another_tool(&file, found).await;
    } else if config.takes_backups() {
        backups(domain, found).await?;
    }
    let can_send = matches!(config.mailer(), Ok(Ok(_)));
    let tested = deeds::last(domain, Deed::TestMail).await?;
    if can_send && tested.and_then(|last| last.succeeded_at).is_none() {
        found.warning(
            "mail",
            "no mail was sent for trial so far",
            "run `kiwi sendtestemail <your address>`",
        );
    }
    Ok(())
}

/// Whether the tool that takes backups has taken one of late.
async fn another_tool(file: &Path, found: &mut Found) {
    let told = file.display();
    let problem = match days_since(deeds::written_at(file).await) {
        None => format!("nothing is known of backups: {told} is not there"),
        Some(days) if days >= WEEK => format!("the last backup is {days} days old, says {told}"),
        Some(_) => return,
    };
    found.warning(
        "backup",
        problem,
        "see why what takes the backups does not write that file, or correct backup.age_file",
    );
}

/// Whether there is a backup of late, and whether it is known to be good.
async fn backups(domain: &Domain, found: &mut Found) -> domain::Result<()> {
    let last = deeds::last(domain, Deed::Backup).await?;
    let taken = last.as_ref().and_then(|last| days_since(last.succeeded_at));
    let problem = match (&last, taken) {
        (Some(last), _) if !last.is_success() => Some(format!(
            "the last backup of everything failed: {}",
            last.detail
        )),
        (_, None) => Some("no backup of everything was taken so far".to_owned()),
        (_, Some(days)) if days >= WEEK => {
            Some(format!("the last backup of everything is {days} days old"))
        }
        (_, Some(_)) => None,
    };
    if let Some(problem) = problem {
        found.warning(
            "backup",
            problem,
            "set backup.schedule and backup.target, or run `kiwi backup --out <folder>`; set \
             backup.tool to external if something else saves database and uploads",
        );
    }
    if taken.is_none() {
        // there is nothing to be proved
        return Ok(());
    }
    let last = deeds::last(domain, Deed::Verification).await?;
    let (problem, remedy) = match &last {
        Some(last) if !last.is_success() => (
            format!(
                "the last backup that was tried out is not good: {}",
                last.detail
            ),
            "take another backup now, then look what has happened to that one",
        ),
        last => {
            let proved = last.as_ref().and_then(|last| days_since(last.succeeded_at));
            let problem = match proved {
                None => "it was never tried whether a backup can be restored".to_owned(),
                Some(days) if days >= PROOF => {
                    format!("for {days} days it was not tried whether a backup can be restored")
                }
                Some(_) => return Ok(()),
            };
            let remedy = "set backup.verify, or run `kiwi verify-backup <folder>` after a backup";
            (problem, remedy)
        }
    };
    found.warning("backup", problem, remedy);
    Ok(())
}

fn days_since(moment: Option<DateTime<Utc>>) -> Option<i64> {
    Some((domain::now() - moment?).num_days())
}

async fn files_of_all(domain: &Domain, found: &mut Found) {
    if let Err(error) = uploads(domain, found).await {
        found.error(
            "uploads",
            format!("they could not be examined: {error}"),
            "see that the storage of uploads can be reached, then ask again",
        );
    }
}

/// Whether every attachment has its file, and every file its attachment.
async fn uploads(domain: &Domain, found: &mut Found) -> domain::Result<()> {
    for record in domain.tenancy().list().await? {
        let tenant = record.tenant;
        if tenant.state != State::Active {
            continue;
        }
        let compared = files::compare(domain, &tenant, YOUNG).await?;
        let missing = compared.missing;
        if !missing.is_empty() {
            let names = missing.iter().take(NAMED).map(String::as_str);
            let names = names.collect::<Vec<_>>().join(", ");
            let more = if missing.len() > NAMED { ", …" } else { "" };
            found.error(
                "uploads",
                format!(
                    "tenant {}: {} attachments have lost their files: {names}{more}",
                    tenant.schema,
                    missing.len()
                ),
                "restore the files from a backup, or delete the attachments",
            );
        }
        if !compared.stale.is_empty() {
            found.warning(
                "uploads",
                format!(
                    "tenant {}: {} files belong to no attachment",
                    tenant.schema,
                    compared.stale.len()
                ),
                "run `kiwi upgrade --delete-stale`",
            );
        }
    }
    Ok(())
}
