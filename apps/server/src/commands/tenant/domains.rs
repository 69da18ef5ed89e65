//! `kiwi tenant domain …`: the host names of a tenant.

use domain::Domain;
use serde::Serialize;

use super::{failure, host, tenant_of};
use crate::cli::TenantDomain;
use crate::output::{Failure, Output};

#[derive(Serialize)]
struct Told {
    tenant: String,
    domains: Vec<Name>,
    changed: bool,
}

#[derive(Serialize)]
struct Name {
    domain: String,
    primary: bool,
}

/// Runs one of the commands.
pub(super) async fn run(
    domain: &Domain,
    command: TenantDomain,
    output: Output,
) -> Result<(), Failure> {
    let tenancy = domain.tenancy();
    let (tenant, changed) = match command {
        TenantDomain::Add {
            tenant,
            domain: name,
            primary,
        } => {
            let tenant = tenant_of(domain, &tenant).await?;
            let added = tenancy.add_domain(&tenant, &host(&name)?, primary).await;
            (tenant, added.map_err(failure)?)
        }
        TenantDomain::Primary {
            tenant,
            domain: name,
        } => {
            let tenant = tenant_of(domain, &tenant).await?;
            let name = host(&name)?;
            let known = tenancy.domains(&tenant).await.map_err(failure)?;
            let found = known.iter().find(|record| record.domain == name);
            let Some(found) = found else {
                return Err(missing(&tenant.schema, &name));
            };
            if !found.is_primary {
                tenancy
                    .set_primary_domain(&tenant, &name)
                    .await
                    .map_err(failure)?;
            }
            (tenant, !found.is_primary)
        }
        TenantDomain::Remove {
            tenant,
            domain: name,
        } => {
            let tenant = tenant_of(domain, &tenant).await?;
            let name = host(&name)?;
            let known = tenancy.domains(&tenant).await.map_err(failure)?;
            if !known.iter().any(|record| record.domain == name) {
                return Err(missing(&tenant.schema, &name));
            }
            tenancy
                .remove_domain(&tenant, &name)
                .await
                .map_err(failure)?;
            (tenant, true)
        }
    };
    let names = tenancy.domains(&tenant).await.map_err(failure)?;
    let names = names.into_iter().map(|record| Name {
        domain: record.domain,
        primary: record.is_primary,
    });
    let told = Told {
        tenant: tenant.schema.clone(),
        domains: names.collect(),
        changed,
    };
    output.show(&told, |told| {
        let names = told.domains.iter().map(|name| {
            if name.primary {
                format!("{} (primary)", name.domain)
            } else {
                name.domain.clone()
            }
        });
        let names = names.collect::<Vec<_>>().join(", ");
        let done = if told.changed { "" } else { "nothing to do; " };
        format!("{}: {done}{names}", told.tenant)
    })
}

fn missing(tenant: &str, name: &str) -> Failure {
    Failure::NotFound(format!("{name} is not a domain of tenant {tenant}"))
}
