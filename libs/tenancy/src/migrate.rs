//! Bringing schemas to the newest step: what there is to say about it, and the order of things.
//! How one tenant is brought forward is in [`run`].

mod run;
mod state;
pub(crate) mod window;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::provision::Public;
use crate::steps::Stream;
use crate::tenant::PUBLIC;
use crate::{NewTenant, Result, Tenancy, Tenant};

/// Waits until no other program creates the public tenant.
const ALONE: &str = "SET statement_timeout = 0; \
                     SELECT pg_advisory_lock(hashtextextended('kiwi public', 0))";

/// How a run of migrations is done.
#[derive(Debug, Clone)]
pub struct MigrateOptions {
    /// Tenants at the same time, per cell.
    pub jobs: usize,
    /// The run stops after this many failed tenants; `None` for one in a hundred, at least five.
    pub max_failures: Option<usize>,
    /// Only these tenants, by schema name; all if empty.
    pub only: Vec<String>,
    /// Who hears about every step when it is done.
    pub progress: Option<UnboundedSender<Progress>>,
}

/// What a run has just done.
#[derive(Debug, Clone)]
pub enum Progress {
    /// A step of the platform or of a cell was applied, as `platform/0001_accounts`.
    Applied(String),
    /// The public tenant was created.
    Created(String),
    /// A tenant was brought to the newest step.
    Migrated(String),
    /// A tenant stays at its version.
    Failed(Failure),
}

impl MigrateOptions {
    fn tell(&self, progress: Progress) {
        if let Some(listener) = &self.progress {
            // whoever has gone away misses nothing: the report says it all
            let _ = listener.send(progress);
        }
    }
}

impl Default for MigrateOptions {
    fn default() -> Self {
        Self {
            jobs: 4,
            max_failures: None,
            only: Vec::new(),
            progress: None,
        }
    }
}

/// What a run has done.
#[derive(Debug, Default)]
pub struct Report {
    /// Steps of the platform and of the cells that were applied, as `platform/0001_accounts`.
    pub applied: Vec<String>,
    /// The public tenant, if this run has created it.
    pub created: Option<Arc<Tenant>>,
    /// Tenants that were brought to the newest step.
    pub migrated: Vec<String>,
    /// Tenants that were not, and why.
    pub failures: Vec<Failure>,
    /// Tenants that were not tried, because too many had failed.
    pub not_tried: usize,
    /// How long it took.
    pub took: Duration,
}

impl Report {
    /// True if nothing is left behind.
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.not_tried == 0
    }

    /// True if there was nothing to do.
    pub fn is_empty(&self) -> bool {
        self.applied.is_empty()
            && self.created.is_none()
            && self.migrated.is_empty()
            && self.is_complete()
    }
}

/// A tenant that stays at its version.
#[derive(Debug, Clone)]
pub struct Failure {
    /// Name of the schema.
    pub tenant: String,
    /// The step that failed.
    pub step: String,
    /// SQLSTATE, if the database said one.
    pub code: String,
    /// What was said.
    pub error: String,
}

/// Which steps are applied, and how far the tenants are.
#[derive(Debug)]
pub struct Status {
    /// All steps that this program knows, in order.
    pub steps: Vec<StepStatus>,
    /// Tenants that are not at the newest step or whose last migration failed.
    pub behind: Vec<TenantStatus>,
    /// Number of tenants by version of their tables, oldest first.
    pub versions: Vec<(i32, i64)>,
    /// Version of the newest step of tenants.
    pub newest: i32,
    /// Steps that a newer release has applied, as `platform/0008_name`.
    pub newer: Vec<String>,
    /// Tenants whose tables are newer than this program can serve.
    pub beyond: Vec<TenantStatus>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct StepStatus {
    /// `platform`, `cell` or `tenant`.
    pub stream: &'static str,
    /// Name of the file.
    pub name: &'static str,
    /// True if it was applied; for tenants, to all of them.
    pub is_applied: bool,
}

/// One tenant that is not where it should be.
#[derive(Debug, Clone)]
pub struct TenantStatus {
    /// Name of the schema.
    pub tenant: String,
    /// Version of its tables.
    pub version: i32,
    /// `pending`, `running` or `failed`, or `too new`.
    pub state: String,
    /// Why the last try failed.
    pub error: String,
}

impl Status {
    /// True if a migration would do something.
    pub fn is_pending(&self) -> bool {
        self.steps.iter().any(|step| !step.is_applied)
    }
}

impl Tenancy {
    /// Brings the platform, the cells and the tenants to the newest step, and creates the public
    /// tenant if there is none. Repeating it is safe and costs a few queries.
    ///
    /// An error means that the platform itself could not be migrated; tenants that failed are in
    /// the report and stay as they were.
    pub async fn migrate(&self, options: &MigrateOptions) -> Result<Report> {
        let begun = Instant::now();
        let mut report = Report::default();
        for cell in self.cells().names() {
            let mut connection = self.cells().get(cell)?.direct().await?;
            let main: &[Stream] = &[Stream::Platform, Stream::Cell];
            let streams = if cell == crate::cells::MAIN {
                main
            } else {
                &main[1..]
            };
            for stream in streams {
                let tell = |name: &str| options.tell(Progress::Applied(name.to_owned()));
                let applied = state::apply(&mut connection, *stream, tell).await?;
                report.applied.extend(applied);
            }
            if cell == crate::cells::MAIN {
                state::check(&mut connection, Stream::Tenant).await?;
            }
        }
        if options.only.is_empty() {
            report.created = self.create_public().await?;
            if let Some(public) = &report.created {
                options.tell(Progress::Created(public.schema.clone()));
            }
        }
        run::tenants(self, options, &mut report).await?;
        report.took = begun.elapsed();
        Ok(report)
    }

    /// True if [`Tenancy::migrate`] would do something.
    pub async fn is_migration_pending(&self) -> Result<bool> {
        Ok(self.migration_status().await?.is_pending())
    }

    /// How many steps [`Tenancy::migrate`] takes from an empty database to the public tenant.
    pub fn first_steps(&self) -> usize {
        Stream::Platform.steps().len() + Stream::Cell.steps().len() + 1
    }

    /// How many steps a tenant lacks.
    pub fn steps_behind(&self, tenant: &Tenant) -> i32 {
        (Stream::Tenant.newest() - tenant.schema_version).max(0)
    }

    /// Which steps are applied, and how far the tenants are.
    pub async fn migration_status(&self) -> Result<Status> {
        state::status(self).await
    }

    /// Creates the public tenant if there is none, or finishes what a program that was killed has
    /// begun. Programs that are at it at the same time wait for each other.
    async fn create_public(&self) -> Result<Option<Arc<Tenant>>> {
        // held until the connection ends, however this program ends
        let mut alone = self.cells().main().direct().await?;
        sqlx::raw_sql(ALONE).execute(&mut alone).await?;
        match self.leftover_public().await? {
            Public::Exists => return Ok(None),
            Public::Complete(tenant) => return self.activate(&tenant).await.map(Some),
            Public::Missing => {}
        }
        let new = NewTenant {
            schema: PUBLIC.to_owned(),
            name: "Public tenant".to_owned(),
            ..NewTenant::default()
        };
        let (tenant, tx) = self.provision_public(new).await?;
        if let Err(error) = tx.commit().await {
            self.abandon(&tenant).await?;
            return Err(error);
        }
        self.activate(&tenant).await.map(Some)
    }
}
