//! `kiwi doctor`: the whole installation, from the settings to the jobs, and what to do.

use domain::{Domain, mail};
use jobs::{Outcome, Scheduler};
use tenancy::Database;

use super::check::{self, Found};
use super::{healthcheck, open};
use crate::config::Config;
use crate::control::Control;
use crate::output::{Failure, Output};
use crate::tasks;

/// Major versions of PostgreSQL that are tried.
const VERSIONS: std::ops::RangeInclusive<i32> = 15..=18;
/// Seconds that the clocks of program and database may differ.
const CLOCKS: i64 = 5;

/// Runs all examinations and tells what they found.
pub(super) async fn run(config: &Config, output: Output) -> Result<(), Failure> {
    examine(config).await?.tell(output)
}

/// Runs all examinations.
pub(super) async fn examine(config: &Config) -> Result<Found, Failure> {
    let mut found = check::look(config, true).await?;
    server(config, &mut found).await;
    let Ok(domain) = open(config).await else {
        // the check has said why
        return Ok(found);
    };
    let examined = async {
        if !domain.tenancy().is_initialised().await? {
            return Ok(());
        }
        database(config, &domain, &mut found).await?;
        tenants(&domain, &mut found).await?;
        work(config, &domain, &mut found).await
    };
    let examined: domain::Result<()> = examined.await;
    super::close(domain).await;
    if let Err(error) = examined {
        found.error(
            "database",
            format!("it could not be examined: {error}"),
            "run `kiwi check`, then `kiwi migrate`",
        );
    }
    Ok(found)
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
