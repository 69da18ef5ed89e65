//! `kiwi check`: what is wrong with an installation, setting by setting, and what to do about it.

mod auth;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use domain::{Domain, site};
use serde::Serialize;
use tenancy::{Database, Tenancy};

use crate::cli::Check;
use crate::config::{Config, catalogue};
use crate::disk;
use crate::output::{Failure, Output};
use crate::tls;

/// What is to blame when the database cannot be used.
const UNUSABLE: &str = "db.url";
/// The password that examples on the net give the database.
const EXAMPLE_PASSWORD: &str = "kiwi";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    Error,
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    pub(crate) severity: Severity,
    pub(crate) setting: String,
    #[serde(rename = "problem")]
    pub(crate) what: String,
    pub(crate) fix: String,
}

/// What was found so far.
#[derive(Default, Serialize)]
pub(crate) struct Found(Vec<Problem>);

impl Found {
    pub(super) fn error(
        &mut self,
        setting: &str,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Severity::Error, setting, problem.into(), fix.into());
    }

    pub(super) fn warning(
        &mut self,
        setting: &str,
        problem: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(Severity::Warning, setting, problem.into(), fix.into());
    }

    /// True if the database cannot be used, so that there is no more to be found in it.
    pub(super) fn is_without_database(&self) -> bool {
        let mut found = self.0.iter();
        found.any(|found| found.setting == UNUSABLE && found.severity == Severity::Error)
    }

    /// What was found, errors first.
    pub(crate) fn problems(mut self) -> Vec<Problem> {
        self.0
            .sort_by_key(|found| found.severity == Severity::Warning);
        self.0
    }

    fn add(&mut self, severity: Severity, setting: &str, what: String, fix: String) {
        // errors of settings begin with the key, which is told anyway
        let what = match what.strip_prefix(&format!("{setting}: ")) {
            Some(rest) => rest.to_owned(),
            None => what,
        };
        self.0.push(Problem {
            severity,
            setting: setting.to_owned(),
            what,
            fix,
        });
    }

    pub(super) fn tell(self, output: Output) -> Result<(), Failure> {
        let errors = self
            .0
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .count();
        output.show(&self.0, |problems| {
            if problems.is_empty() {
                return "nothing to complain about".to_owned();
            }
            lines(problems)
        })?;
        match errors {
            0 => Ok(()),
            1 => Err(Failure::failed("1 error")),
            errors => Err(Failure::failed(format!("{errors} errors"))),
        }
    }
}

/// Problems for people, each with what to do about it.
pub(super) fn lines(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|found| {
        let severity = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let Problem {
            setting, what, fix, ..
        } = found;
        format!("{severity}: {setting}: {what}\n  {fix}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Tells why the configuration cannot be read; each line is a problem.
pub(crate) fn unreadable(why: &str, output: Output) -> Result<(), Failure> {
    let mut found = Found::default();
    for line in why.lines() {
        found.error(
            "configuration",
            line,
            "correct it; `kiwi config reference` lists all settings",
        );
    }
    found.tell(output)
}

/// `kiwi check`
pub(super) async fn run(config: &Config, options: &Check, output: Output) -> Result<(), Failure> {
    if options.what.is_some() {
        return auth::run(config, output).await;
    }
    look(config, options.deploy).await?.tell(output)
}

/// Looks for mistakes; with `deploy` also for what is only fit for trials.
pub(super) async fn look(config: &Config, deploy: bool) -> Result<Found, Failure> {
    let mut found = settings(config, deploy)?;
    database(config, &mut found).await;
    Ok(found)
}

/// Looks at everything but the database; reads and writes files.
pub(super) fn settings(config: &Config, deploy: bool) -> Result<Found, Failure> {
    let mut found = Found::default();
    for remark in &config.remarks {
        found.warning("configuration", remark, "see `kiwi show-config`");
    }
    folders(config, &mut found);
    disks(config, &mut found);
    if let Err(why) = config.addresses.read() {
        let key = catalogue::ratelimit::DENY_FILE.key;
        found.error(key, why, "correct the file, or unset NGX_DENY_INCLUDE");
    }
    certificate(config, &mut found);
    if let Err(why) = config.secret_key() {
        found.error(
            "secret_key",
            why,
            "give SECRET_KEY, or make the data directory writable",
        );
    }
    if let Err(why) = config.mailer()? {
        found.warning(
            "mail.from",
            why,
            "set mail.from, then run `kiwi sendtestemail`",
        );
    }
    if !config.values.switch(&catalogue::PASSWORD_LOGIN) && config.providers.is_empty() {
        found.error(
            catalogue::PASSWORD_LOGIN.key,
            "nobody can log in: passwords are switched off, and there is no other way to pages",
            "set auth.password_login to true or configure auth.providers; tokens alone serve programs \
             only",
        );
    }
    if deploy {
        before_going_live(config, &mut found);
    }
    Ok(found)
}

/// Whether the program may write where it must.
fn folders(config: &Config, found: &mut Found) {
    if let Some(folder) = config.uploads_folder()
        && let Err(error) = try_to_write(&folder)
    {
        let user = fs::metadata("/proc/self").map_or(1001, |process| process.uid());
        found.error(
            "storage.fs.root",
            format!("cannot write to {}: {error}", folder.display()),
            format!("chown -R {user} {}", folder.display()),
        );
    }
}

/// Whether there is room for what comes.
fn disks(config: &Config, found: &mut Found) {
    for (folder, disk) in config.disks() {
        if disk.percent() > disk::FULL {
            found.warning(
                "disk",
                format!("the disk of {} is {disk}", folder.display()),
                "make room there, or move what fills it to a larger disk",
            );
        }
    }
}

fn try_to_write(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".probe-{}", std::process::id()));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&probe)?;
    fs::remove_file(probe)
}

fn certificate(config: &Config, found: &mut Found) {
    let folder = config.data_dir.join("ssl");
    match tls::look(&config.data_dir) {
        Ok(None) => {}
        Ok(Some(certificate)) => {
            let days = certificate.days_left;
            let is_old = certificate.is_generated && days * 10 < certificate.life;
            if days < tls::ENDS_SOON || is_old {
                found.warning(
                    "tls",
                    format!(
                        "the certificate in {} ends in {days} days",
                        folder.display()
                    ),
                    "replace it, or run `kiwi certificate renew` for a self-signed one",
                );
            }
        }
        Err(why) => found.error(
            "tls",
            format!("{why:#}"),
            "replace both files of the pair, or remove both to get a self-signed one",
        ),
    }
}

async fn database(config: &Config, found: &mut Found) {
    let tenancy = match Tenancy::open(config.tenancy()).await {
        Ok(tenancy) => tenancy,
        Err(error) => {
            found.error(UNUSABLE, error.to_string(), "see docs: Starting the server");
            return;
        }
    };
    let domain = Domain::new(tenancy.clone(), config.domain());
    database_state(&domain, found).await;
    drop(domain);
    tenancy.close().await;
}

/// Looks whether the database is ready to be worked with.
pub(super) async fn database_state(domain: &Domain, found: &mut Found) {
    if let Err(error) = state(domain, found).await {
        let complaint = domain.tenancy().complaint().await;
        let why = complaint.unwrap_or_else(|| error.to_string());
        found.error(
            UNUSABLE,
            format!("the database cannot be used: {why}"),
            "check address, name, user and password of the database",
        );
    }
}

async fn state(domain: &Domain, found: &mut Found) -> Result<(), domain::Error> {
    let tenancy = domain.tenancy();
    tenancy.ping().await?;
    match tenancy.is_initialised().await {
        Ok(true) => {}
        Ok(false) => {
            found.error(
                "migrations",
                "the database is empty",
                "run `kiwi initial_setup`",
            );
            return Ok(());
        }
        Err(tenancy::Error::Refused(why)) => {
            found.error("migrations", why, "replace this program");
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    }
    let status = tenancy.migration_status().await?;
    if status.is_pending() {
        found.error("migrations", "the database is behind", "run `kiwi migrate`");
        return Ok(());
    }
    if !status.newer.is_empty() {
        found.warning(
            "migrations",
            format!(
                "a newer release has applied steps that this one does not know: {}",
                status.newer.join(", ")
            ),
            "this release goes on working; start the newer one again when you can",
        );
    }
    for tenant in &status.beyond {
        found.error(
            "migrations",
            format!(
                "tenant {} is at version {}, which this release does not know",
                tenant.tenant, tenant.version
            ),
            "start the release that migrated it, or a newer one",
        );
    }
    if let Some(public) = tenancy.by_name("public").await? {
        let name = site::stored_of(domain, &public).await?;
        if !site::is_set(&name) {
            found.error(
                "site domain",
                format!("it is still {name}, so links in mail lead nowhere"),
                "run `kiwi set_domain kiwi.example.org`",
            );
        }
    }
    let accounts = domain::accounts::all(domain).await?;
    if !accounts
        .iter()
        .any(|account| account.is_superuser && account.is_active)
    {
        found.warning(
            "accounts",
            "there is no superuser",
            "run `kiwi createsuperuser`",
        );
    }
    Ok(())
}

fn before_going_live(config: &Config, found: &mut Found) {
    match &config.database {
        Database::Private => found.warning(
            "db.url",
            "the private database is for trials",
            "give DATABASE_URL of a PostgreSQL that is looked after and backed up",
        ),
        Database::Url(url) if url.contains(&format!(":{EXAMPLE_PASSWORD}@")) => {
            example_password(found);
        }
        Database::Parts { password, .. } if password.as_deref() == Some(EXAMPLE_PASSWORD) => {
            example_password(found);
        }
        Database::Url(_) | Database::Parts { .. } => {}
    }
    if config.values.text(&catalogue::SECRET_KEY).is_none() {
        let file = config.data_dir.join("secret_key");
        found.warning(
            "secret_key",
            format!("it was generated into {}", file.display()),
            "keep a copy with the secrets of the installation, or give SECRET_KEY",
        );
    }
    if config.debugging.is_some() {
        found.error(
            catalogue::DEBUG.key,
            "pages of errors tell what happens inside",
            "unset DEBUG and debug, and restart the server",
        );
    }
    if !config.enforce_https {
        found.warning(
            "http.enforce_https",
            "plain HTTP is served, passwords too can be read on the way",
            "unset KIWI_DONT_ENFORCE_HTTPS unless a proxy on the same machine speaks TLS",
        );
    }
    if let Ok(Some(certificate)) = tls::look(&config.data_dir)
        && certificate.is_generated
    {
        found.warning(
            "tls",
            "the certificate is self-signed, browsers warn of it",
            "replace ssl/localhost.crt and ssl/localhost.key, or give browsers static/ca.crt",
        );
    }
    let host = config.values.text(&catalogue::mail::HOST);
    let is_smtp = config.values.text(&catalogue::mail::BACKEND).as_deref() == Some("smtp");
    if is_smtp && host.as_deref() == Some("localhost") {
        found.warning(
            "mail.host",
            "it is localhost",
            "set mail.host to your mail server",
        );
    }
    if config.otlp_endpoint.is_none() {
        found.warning(
            "telemetry.otlp_endpoint",
            "traces are not exported",
            "set OTEL_EXPORTER_OTLP_ENDPOINT if there is a collector",
        );
    }
}

fn example_password(found: &mut Found) {
    found.error(
        "db.password",
        "the password of the database is the one of the examples",
        "choose another one, in the database and in KIWI_DB_PASSWORD",
    );
}
