//! The structure of the database: bringing it up to date and telling how far it is.

use domain::Domain;
use domain::installation::migrate as apply;
use serde::Serialize;
use tenancy::{MigrateOptions, Report, Status};

use super::{failure, fault};
use crate::cli::{Migrate, MigrateCommand, MigrateTenants};
use crate::output::{Failure, Output, columns};

/// `kiwi migrate`
pub(super) async fn migrate(
    domain: &Domain,
    options: &Migrate,
    output: Output,
) -> Result<(), Failure> {
    if options.check {
        return show(domain, output).await;
    }
    let wanted = MigrateOptions {
        jobs: usize::from(options.jobs),
        max_failures: options.max_failures,
        ..MigrateOptions::default()
    };
    let report = apply(domain, &wanted).await.map_err(fault)?;
    tell(&report, output)
}

/// Applies all migrations as a step of a longer command and says so; true if there was anything
/// to do. Fails when a tenant is left behind.
pub(super) async fn apply_all(domain: &Domain, output: Output) -> Result<bool, Failure> {
    let report = apply(domain, &MigrateOptions::default()).await;
    let report = report.map_err(fault)?;
    if report.is_complete() {
        output.progress(if report.is_empty() {
            "  No migrations to apply."
        } else {
            "  OK"
        });
        return Ok(!report.is_empty());
    }
    for failure in &report.failures {
        output.progress(failed(&failure.tenant, &failure.step, &failure.error));
    }
    Err(Failure::Partly(format!(
        "{}, see `kiwi tenant migrate status`",
        left_behind(&report)
    )))
}

/// A line about a tenant that stays behind.
fn failed(tenant: &str, step: &str, error: &str) -> String {
    format!("  Migrating tenant {tenant}... failed at {step}: {error}")
}

/// How many tenants are still to be migrated.
fn left_behind(report: &Report) -> String {
    let left = report.failures.len() + report.not_tried;
    format!("{left} tenants are not migrated")
}

#[derive(Serialize)]
struct Told<'a> {
    applied: &'a [String],
    created: Option<&'a str>,
    migrated: &'a [String],
    failed: Vec<FailedTenant<'a>>,
    not_tried: usize,
    seconds: f64,
}

#[derive(Serialize)]
struct FailedTenant<'a> {
    tenant: &'a str,
    step: &'a str,
    error: &'a str,
}

fn tell(report: &Report, output: Output) -> Result<(), Failure> {
    let told = Told {
        applied: &report.applied,
        created: report.created.as_ref().map(|tenant| tenant.schema.as_str()),
        migrated: &report.migrated,
        failed: report
            .failures
            .iter()
            .map(|failure| FailedTenant {
                tenant: &failure.tenant,
                step: &failure.step,
                error: &failure.error,
            })
            .collect(),
        not_tried: report.not_tried,
        seconds: report.took.as_secs_f64(),
    };
    output.show(&told, |told| {
        let mut lines = vec!["Running migrations:".to_owned()];
        lines.extend(
            told.applied
                .iter()
                .map(|step| format!("  Applying {step}... OK")),
        );
        lines.extend(
            told.created
                .map(|name| format!("  Creating tenant {name}... OK")),
        );
        lines.extend(
            told.migrated
                .iter()
                .map(|name| format!("  Migrating tenant {name}... OK")),
        );
        lines.extend(
            told.failed
                .iter()
                .map(|left| failed(left.tenant, left.step, left.error)),
        );
        if told.not_tried > 0 {
            lines.push(format!("  {} tenants were not tried", told.not_tried));
        }
        if report.is_empty() {
            lines.push("  No migrations to apply.".to_owned());
        }
        lines.join("\n")
    })?;
    if report.is_complete() {
        return Ok(());
    }
    let text = left_behind(report);
    if report.migrated.is_empty() {
        Err(Failure::failed(text))
    } else {
        Err(Failure::Partly(text))
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    steps: Vec<Step<'a>>,
    behind: Vec<Behind<'a>>,
    /// Steps that a newer release has applied.
    newer: &'a [String],
    /// Tenants that a newer release has brought too far for this one.
    too_new: Vec<Behind<'a>>,
    newest: i32,
    pending: bool,
}

#[derive(Serialize)]
struct Step<'a> {
    stream: &'a str,
    name: &'a str,
    applied: bool,
}

#[derive(Serialize)]
struct Behind<'a> {
    tenant: &'a str,
    version: i32,
    state: &'a str,
    error: &'a str,
}

impl<'a> Shown<'a> {
    fn new(status: &'a Status) -> Self {
        let step = |step: &'a tenancy::StepStatus| Step {
            stream: step.stream,
            name: step.name,
            applied: step.is_applied,
        };
        let behind = |tenant: &'a tenancy::TenantStatus| Behind {
            tenant: &tenant.tenant,
            version: tenant.version,
            state: &tenant.state,
            error: &tenant.error,
        };
        Self {
            steps: status.steps.iter().map(step).collect(),
            behind: status.behind.iter().map(behind).collect(),
            newer: &status.newer,
            too_new: status.beyond.iter().map(behind).collect(),
            newest: status.newest,
            pending: status.is_pending(),
        }
    }
}

/// `kiwi showmigrations`
pub(super) async fn show(domain: &Domain, output: Output) -> Result<(), Failure> {
    let status = domain.tenancy().migration_status().await.map_err(failure)?;
    let shown = Shown::new(&status);
    output.show(&shown, |shown| {
        let mut lines = Vec::new();
        let mut stream = "";
        for step in &shown.steps {
            if step.stream != stream {
                stream = step.stream;
                lines.push(stream.to_owned());
            }
            lines.push(format!(
                " [{}] {}",
                if step.applied { 'X' } else { ' ' },
                step.name
            ));
        }
        for behind in &shown.behind {
            lines.push(format!("tenant {} is at {}", behind.tenant, behind.version));
        }
        if !shown.behind.is_empty() {
            lines.push(format!("{} tenants are behind", shown.behind.len()));
        }
        if !shown.newer.is_empty() {
            lines.push(format!("of a newer release: {}", shown.newer.join(", ")));
        }
        for tenant in &shown.too_new {
            lines.push(format!(
                "tenant {} is at {}, too new for this release",
                tenant.tenant, tenant.version
            ));
        }
        lines.join("\n")
    })?;
    pending(&status)
}

/// `kiwi tenant migrate`
pub(super) async fn tenants(
    domain: &Domain,
    options: MigrateTenants,
    output: Output,
) -> Result<(), Failure> {
    if let Some(MigrateCommand::Status) = options.command {
        return tenant_status(domain, output).await;
    }
    for name in &options.tenants {
        super::tenant_of(domain, name).await?;
    }
    let wanted = MigrateOptions {
        jobs: usize::from(options.jobs),
        max_failures: options.max_failures,
        only: options.tenants,
        ..MigrateOptions::default()
    };
    let report = apply(domain, &wanted).await.map_err(fault)?;
    tell(&report, output)
}

async fn tenant_status(domain: &Domain, output: Output) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Told<'a> {
        newest: i32,
        versions: Vec<Count>,
        behind: Vec<Behind<'a>>,
        too_new: Vec<Behind<'a>>,
    }
    #[derive(Serialize)]
    struct Count {
        version: i32,
        tenants: i64,
    }
    let status = domain.tenancy().migration_status().await.map_err(failure)?;
    let versions = status.versions.iter();
    let shown = Shown::new(&status);
    let told = Told {
        newest: status.newest,
        versions: versions
            .map(|(version, tenants)| Count {
                version: *version,
                tenants: *tenants,
            })
            .collect(),
        behind: shown.behind,
        too_new: shown.too_new,
    };
    output.show(&told, |told| {
        let mut lines = vec![format!("newest version: {}", told.newest)];
        for count in &told.versions {
            lines.push(format!(
                "{} tenants at version {}",
                count.tenants, count.version
            ));
        }
        if !told.behind.is_empty() || !told.too_new.is_empty() {
            let rows: Vec<[String; 4]> = told
                .behind
                .iter()
                .chain(&told.too_new)
                .map(|behind| {
                    [
                        behind.tenant.to_owned(),
                        behind.version.to_string(),
                        behind.state.to_owned(),
                        behind.error.to_owned(),
                    ]
                })
                .collect();
            lines.push(columns(["TENANT", "VERSION", "STATE", "ERROR"], &rows));
        }
        lines.join("\n")
    })?;
    if told.behind.is_empty() {
        refuse_too_new(&status)
    } else {
        pending(&status)
    }
}

fn refuse_too_new(status: &Status) -> Result<(), Failure> {
    match status.beyond.len() {
        0 => Ok(()),
        count => Err(Failure::failed(format!(
            "{count} tenants are too new: start the release that migrated them, or a newer one"
        ))),
    }
}

fn pending(status: &Status) -> Result<(), Failure> {
    if status.is_pending() {
        Err(Failure::failed(
            "migrations are missing: run `kiwi migrate`",
        ))
    } else {
        refuse_too_new(status)
    }
}
