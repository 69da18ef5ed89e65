//! `kiwi check`: what is wrong with an installation, setting by setting, and what to do about it.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use domain::{Domain, site};
use serde::Serialize;
use tenancy::{Database, Tenancy};

use crate::config::{Config, catalogue};
use crate::output::{Failure, Output};
use crate::tls;

/// The password that examples on the net give the database.
const EXAMPLE_PASSWORD: &str = "kiwi";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Error,
    Warning,
}

/// One thing that is wrong.
#[derive(Debug, Serialize)]
struct Problem {
    severity: Severity,
    setting: String,
    #[serde(rename = "problem")]
    what: String,
    fix: String,
}

/// What was found so far.
#[derive(Default, Serialize)]
pub(super) struct Found(Vec<Problem>);

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

    fn add(&mut self, severity: Severity, setting: &str, what: String, fix: String) {
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
        })?;
        match errors {
            0 => Ok(()),
            1 => Err(Failure::failed("1 error")),
            errors => Err(Failure::failed(format!("{errors} errors"))),
        }
    }
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
pub(super) async fn run(config: &Config, deploy: bool, output: Output) -> Result<(), Failure> {
    look(config, deploy).await?.tell(output)
}

/// Looks for mistakes; with `deploy` also for what is only fit for trials.
pub(super) async fn look(config: &Config, deploy: bool) -> Result<Found, Failure> {
    let mut found = Found::default();
    for remark in &config.remarks {
        found.warning("configuration", remark, "see `kiwi show-config`");
    }
    folders(config, &mut found);
    if let Err(why) = config.addresses.read() {
        let key = catalogue::ratelimit::DENY_FILE.key;
        let why = why.strip_prefix(&format!("{key}: ")).unwrap_or(&why);
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
    if !config.values.switch(&catalogue::PASSWORD_LOGIN) {
        found.error(
            catalogue::PASSWORD_LOGIN.key,
            "nobody can log in: passwords are switched off, and there is no other way to pages",
            "set auth.password_login to true; tokens alone serve programs only",
        );
    }
    database(config, &mut found).await;
    if deploy {
        before_going_live(config, &mut found);
    }
    Ok(found)
}

/// Whether the program may write where it must.
fn folders(config: &Config, found: &mut Found) {
    let folder = match config.values.text(&catalogue::uploads::FOLDER) {
        Some(folder) => folder.into(),
        None => config.data_dir.join("uploads"),
    };
    let is_disk = config.values.text(&catalogue::uploads::BACKEND).as_deref() == Some("fs");
    if is_disk && let Err(error) = try_to_write(&folder) {
        let user = fs::metadata("/proc/self").map_or(1001, |process| process.uid());
        found.error(
            "storage.fs.root",
            format!("cannot write to {}: {error}", folder.display()),
            format!("chown -R {user} {}", folder.display()),
        );
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
            if days < tls::ENDS_SOON {
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
            found.error("db.url", error.to_string(), "see docs: Starting the server");
            return;
        }
    };
    let domain = Domain::new(tenancy.clone(), config.domain());
    if let Err(error) = state(&domain, found).await {
        found.error(
            "db.url",
            format!("the database cannot be used: {error}"),
            "check address, name, user and password of the database",
        );
    }
    drop(domain);
    tenancy.close().await;
}

async fn state(domain: &Domain, found: &mut Found) -> Result<(), domain::Error> {
    let tenancy = domain.tenancy();
    tenancy.ping().await?;
    if !tenancy.is_initialised().await? {
        found.error(
            "migrations",
            "the database is empty",
            "run `kiwi initial_setup`",
        );
        return Ok(());
    }
    if tenancy.is_migration_pending().await? {
        found.error("migrations", "the database is behind", "run `kiwi migrate`");
        return Ok(());
    }
    if let Some(public) = tenancy.by_name("public").await? {
        let name = site::domain_of(domain, &public).await?;
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
