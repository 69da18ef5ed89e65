//! `devtool seed`: many rows of every kind, the same ones each time.
//!
//! Rows are numbered from 1 inside each table and everything about a row follows from its number,
//! so that a handful of statements over `generate_series` fills a tenant. Ids are the number plus
//! the highest id that the table had before.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use sqlx::PgConnection;

use crate::database;

mod catalogue;
mod manifest;
mod people;
mod plans;
mod runs;

/// What to fill.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How much.
    #[arg(long, value_enum)]
    size: SizeName,
    /// Which tenant, by its short name.
    #[arg(long, default_value = "public")]
    tenant: String,
    #[command(flatten)]
    database: database::Arguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum SizeName {
    /// One product with a few runs, to look at.
    Demo,
    /// What `make bench` measures with: 40,000 executions.
    Bench,
    /// One million executions in 200 runs.
    Large,
}

/// How many rows of each kind, and the word in their names.
pub(crate) struct Size {
    /// Part of every name, so that sizes do not collide.
    word: &'static str,
    users: i32,
    products: i32,
    versions_per_product: i32,
    builds_per_version: i32,
    plans: i32,
    cases_per_plan: i32,
    runs: i32,
    executions_per_run: i32,
}

impl SizeName {
    fn size(self) -> Size {
        match self {
            Self::Demo => Size {
                word: "sample",
                users: 5,
                products: 1,
                versions_per_product: 2,
                builds_per_version: 2,
                plans: 3,
                cases_per_plan: 20,
                runs: 4,
                executions_per_run: 20,
            },
            Self::Bench => Size {
                word: "bench",
                users: 50,
                products: 5,
                versions_per_product: 4,
                builds_per_version: 5,
                plans: 50,
                cases_per_plan: 100,
                runs: 200,
                executions_per_run: 200,
            },
            Self::Large => Size {
                word: "large",
                users: 50,
                products: 5,
                versions_per_product: 4,
                builds_per_version: 5,
                plans: 50,
                cases_per_plan: 100,
                runs: 200,
                executions_per_run: 5000,
            },
        }
    }
}

/// The highest id of each table before: row number n has the id `base + n`.
struct Bases {
    product: i32,
    version: i32,
    build: i32,
    category: i32,
    component: i32,
    tag: i32,
    plan: i32,
    case: i32,
    run: i32,
    execution: i32,
    /// The first history row of a case; it is the version of its text.
    history: i32,
}

impl Bases {
    async fn read(conn: &mut PgConnection) -> sqlx::Result<Self> {
        let row: [i32; 11] = sqlx::query_scalar(
            "SELECT ARRAY[
                 (SELECT COALESCE(max(id), 0) FROM product),
                 (SELECT COALESCE(max(id), 0) FROM version),
                 (SELECT COALESCE(max(id), 0) FROM build),
                 (SELECT COALESCE(max(id), 0) FROM category),
                 (SELECT COALESCE(max(id), 0) FROM component),
                 (SELECT COALESCE(max(id), 0) FROM tag),
                 (SELECT COALESCE(max(id), 0) FROM test_plan),
                 (SELECT COALESCE(max(id), 0) FROM test_case),
                 (SELECT COALESCE(max(id), 0) FROM test_run),
                 (SELECT COALESCE(max(id), 0) FROM test_execution),
                 (SELECT COALESCE(max(id), 0) FROM history)
             ]",
        )
        .fetch_one(conn)
        .await
        .map(|ids: Vec<i32>| ids.try_into().unwrap_or_default())?;
        let [
            product,
            version,
            build,
            category,
            component,
            tag,
            plan,
            case,
            run,
            execution,
            history,
        ] = row;
        Ok(Self {
            product,
            version,
            build,
            category,
            component,
            tag,
            plan,
            case,
            run,
            execution,
            history,
        })
    }
}

/// Sets every identity of the filled tables behind its highest id.
async fn advance_identities(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query(
        "SELECT setval(pg_get_serial_sequence('product', 'id'), max(id)) FROM product
         UNION ALL SELECT setval(pg_get_serial_sequence('version', 'id'), max(id)) FROM version
         UNION ALL SELECT setval(pg_get_serial_sequence('build', 'id'), max(id)) FROM build
         UNION ALL SELECT setval(pg_get_serial_sequence('category', 'id'), max(id)) FROM category
         UNION ALL SELECT setval(pg_get_serial_sequence('component', 'id'), max(id)) FROM component
         UNION ALL SELECT setval(pg_get_serial_sequence('tag', 'id'), max(id)) FROM tag
         UNION ALL SELECT setval(pg_get_serial_sequence('test_plan', 'id'), max(id)) FROM test_plan
         UNION ALL SELECT setval(pg_get_serial_sequence('test_case', 'id'), max(id)) FROM test_case
         UNION ALL SELECT setval(pg_get_serial_sequence('test_run', 'id'), max(id)) FROM test_run
         UNION ALL SELECT setval(pg_get_serial_sequence('test_execution', 'id'), max(id))
                   FROM test_execution
         UNION ALL SELECT setval(pg_get_serial_sequence('history', 'id'), max(id)) FROM history",
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Fills the tenant, or finds that it is filled already, and prints the manifest.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let size = arguments.size.size();
    let tenancy = arguments.database.open().await?;
    let done = fill(&tenancy, &arguments.tenant, &size).await;
    tenancy.close().await;
    let manifest = done?;
    println!("{}", serde_json::to_string(&manifest)?);
    Ok(ExitCode::SUCCESS)
}

async fn fill(
    tenancy: &tenancy::Tenancy,
    name: &str,
    size: &Size,
) -> anyhow::Result<manifest::Manifest> {
    let Some(tenant) = tenancy.by_name(name).await? else {
        bail!("tenant {name} does not exist");
    };
    let started = Instant::now();
    let mut tx = tenancy.begin_maintenance(&tenant).await?;
    let conn = tx.conn();
    // a million rows take longer than a request may
    sqlx::query("SET LOCAL statement_timeout = 0")
        .execute(&mut *conn)
        .await?;
    if manifest::is_filled(conn, size).await? {
        eprintln!("tenant {name} holds this data already");
        return Ok(manifest::read(conn, size).await?);
    }
    let accounts = people::create_accounts(tenancy, &tenant, size).await?;
    let users = people::project(conn, &accounts).await?;
    let bases = Bases::read(conn).await?;
    catalogue::fill(conn, size, &bases)
        .await
        .context("products")?;
    plans::fill(conn, size, &bases, &users)
        .await
        .context("plans and cases")?;
    runs::fill(conn, size, &bases, &users)
        .await
        .context("runs and executions")?;
    advance_identities(conn).await?;
    let manifest = manifest::read(conn, size).await?;
    tx.commit().await?;
    analyse(tenancy, &tenant).await?;
    eprintln!(
        "tenant {name} filled in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    Ok(manifest)
}

/// Gives the planner its figures at once, so that a measurement does not wait for autovacuum.
async fn analyse(
    tenancy: &tenancy::Tenancy,
    tenant: &std::sync::Arc<tenancy::Tenant>,
) -> anyhow::Result<()> {
    let mut tx = tenancy.begin_maintenance(tenant).await?;
    sqlx::query("SET LOCAL statement_timeout = 0")
        .execute(&mut *tx.conn())
        .await?;
    sqlx::query(
        "ANALYZE product, version, build, category, component, tag, member, test_plan,
         test_plan_tag, test_case, test_case_plan, test_case_tag, test_case_component, test_run,
         test_run_tag, test_execution, history",
    )
    .execute(&mut *tx.conn())
    .await?;
    tx.commit().await?;
    Ok(())
}
