//! `kiwi maintenance …`: keeping everybody out for a while.

use std::time::Duration;

use domain::Domain;
use serde::Serialize;

use super::loglevel::in_words;
use super::{failure, open, tenant_of};
use crate::cli::Maintenance as Command;
use crate::config::Config;
use crate::control::{Control, Maintenance};
use crate::output::{Failure, Output};

/// Time for the server of this machine to close its connections.
const CLOSING: Duration = Duration::from_secs(8);
const LOOK: Duration = Duration::from_millis(100);

#[derive(Serialize)]
struct Told {
    /// Until when this server serves nobody.
    until: Option<String>,
    /// Whether it has closed its connections to the database.
    database_closed: bool,
    tenants: Vec<OfTenant>,
}

#[derive(Serialize)]
struct OfTenant {
    tenant: String,
    until: String,
}

/// Runs one of the commands.
pub(super) async fn run(config: &Config, command: &Command, output: Output) -> Result<(), Failure> {
    let control = Control::of(config);
    match command {
        Command::On { tenant, time } if tenant.is_empty() => {
            begin(&control, *time, output).await?;
            let told = of_server(&control)?;
            output.show(&told, in_text)
        }
        Command::Off { tenant } if tenant.is_empty() => {
            control.set_maintenance(None).map_err(failed)?;
            let told = of_server(&control)?;
            output.show(&told, in_text)
        }
        Command::On { tenant, time } => {
            change(config, output, async |domain: &Domain| {
                // all of them exist, or nothing is changed
                for tenant in all(domain, tenant).await? {
                    let until = domain::now() + *time;
                    let begun = domain.tenancy().begin_maintenance_of(&tenant, until).await;
                    begun.map_err(failure)?;
                }
                Ok(())
            })
            .await
        }
        Command::Off { tenant } => {
            change(config, output, async |domain: &Domain| {
                for tenant in all(domain, tenant).await? {
                    let ended = domain.tenancy().end_maintenance_of(&tenant).await;
                    ended.map_err(failure)?;
                }
                Ok(())
            })
            .await
        }
        Command::Status => {
            let mut told = of_server(&control)?;
            if told.until.is_none() {
                let domain = open(config).await?;
                let tenants = of_tenants(&domain).await;
                super::close(domain).await;
                match tenants {
                    Ok(tenants) => told.tenants = tenants,
                    Err(why) => output.remark(format!("tenants are left out: {why}")),
                }
            }
            output.show(&told, in_text)
        }
    }
}

/// Tells the server, and waits until it has closed its connections.
async fn begin(control: &Control, time: Duration, output: Output) -> Result<(), Failure> {
    let since = domain::now();
    let maintenance = Maintenance {
        since,
        until: since + time,
    };
    control
        .set_maintenance(Some(&maintenance))
        .map_err(failed)?;
    let closed = async {
        while !control.is_closed() {
            tokio::time::sleep(LOOK).await;
        }
    };
    if tokio::time::timeout(CLOSING, closed).await.is_err() {
        output.remark(
            "no server here has closed its connections: either none runs with this data directory, \
             or a request still works on the database; look at its log for maintenance_begun",
        );
    }
    Ok(())
}

/// Changes something about tenants, and tells how it is then.
async fn change(
    config: &Config,
    output: Output,
    change: impl AsyncFnOnce(&Domain) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let domain = open(config).await?;
    let tenants = match change(&domain).await {
        Ok(()) => of_tenants(&domain).await,
        Err(failure) => Err(failure),
    };
    super::close(domain).await;
    let mut told = of_server(&Control::of(config))?;
    told.tenants = tenants?;
    output.show(&told, in_text)
}

async fn all(
    domain: &Domain,
    names: &[String],
) -> Result<Vec<std::sync::Arc<tenancy::Tenant>>, Failure> {
    let mut found = vec![];
    for name in names {
        found.push(tenant_of(domain, name).await?);
    }
    Ok(found)
}

fn of_server(control: &Control) -> Result<Told, Failure> {
    let maintenance = control.maintenance().map_err(failed)?;
    Ok(Told {
        database_closed: maintenance.is_some() && control.is_closed(),
        until: maintenance.map(|maintenance| in_words(maintenance.until)),
        tenants: vec![],
    })
}

async fn of_tenants(domain: &Domain) -> Result<Vec<OfTenant>, Failure> {
    let records = domain.tenancy().list().await.map_err(failure)?;
    let now = domain::now();
    let mut tenants: Vec<OfTenant> = records
        .into_iter()
        .filter_map(|record| {
            let until = record
                .tenant
                .maintenance_until
                .filter(|until| *until > now)?;
            Some(OfTenant {
                tenant: record.tenant.schema.clone(),
                until: in_words(until),
            })
        })
        .collect();
    tenants.sort_by(|one, other| one.tenant.cmp(&other.tenant));
    Ok(tenants)
}

fn in_text(told: &Told) -> String {
    let mut lines = vec![match (&told.until, told.database_closed) {
        (Some(until), true) => format!("on until {until}; the database is free to be replaced"),
        (Some(until), false) => format!("on until {until}"),
        (None, _) => "off".to_owned(),
    }];
    let tenants = told.tenants.iter();
    lines.extend(tenants.map(|of| format!("tenant {}: on until {}", of.tenant, of.until)));
    lines.join("\n")
}

fn failed(why: std::io::Error) -> Failure {
    Failure::Failed(why.into())
}
