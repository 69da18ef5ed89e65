//! The first set-up, and the domain that links are built with.

use domain::{Domain, site};
use serde::Serialize;

use super::{accounts, fault, migrations, tenant_of};
use crate::ask;
use crate::cli::{InitialSetup, SetDomain};
use crate::config::Config;
use crate::output::{Failure, Output};

/// `kiwi initial_setup`
pub(super) async fn initial(
    config: &Config,
    domain: &Domain,
    options: InitialSetup,
    output: Output,
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Told {
        domain: String,
        superuser: String,
        migrated: bool,
    }
    output.progress("1. Applying migrations:");
    let migrated = migrations::apply_all(domain, output).await?;

    output.progress("\n2. Creating superuser:");
    let noinput = options.superuser.noinput;
    let superuser = accounts::first_superuser(domain, options.superuser, output).await?;
    output.progress(format!("  {superuser}"));

    output.progress("\n3. Setting the domain name:");
    let wanted = options.domain.or_else(|| config.first_domain());
    let public = tenant_of(domain, "public").await?;
    let before = site::stored_of(domain, &public).await.map_err(fault)?;
    // where host names decide, a new installation has the domain of its tenants
    let is_set = site::is_set(&before) && config.tenants_domain.as_ref() != Some(&before);
    let name = match wanted {
        _ if is_set => before,
        Some(name) => name,
        None if noinput => {
            return Err(Failure::Usage(
                "missing: --domain or KIWI_DOMAIN".to_owned(),
            ));
        }
        None => ask::text("Enter Kiwi TCMS domain: ", "--domain or KIWI_DOMAIN")?,
    };
    if is_set {
        output.progress(format!(
            "  The domain is {name} already; nothing was changed. `kiwi set_domain` changes it."
        ));
    } else {
        set(domain, "public", &name).await?;
        output.progress(format!("  {name}"));
    }
    output.progress("\nInitial setup finished.");
    let told = Told {
        domain: name,
        superuser,
        migrated,
    };
    output.show(&told, |_| String::new())
}

/// `kiwi set_domain`
pub(super) async fn domain(
    domain: &Domain,
    options: &SetDomain,
    output: Output,
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Told<'a> {
        tenant: &'a str,
        domain: &'a str,
        changed: bool,
    }
    let tenant = tenant_of(domain, &options.tenant).await?;
    let before = site::stored_of(domain, &tenant).await.map_err(fault)?;
    let Some(name) = &options.domain else {
        let told = Told {
            tenant: &tenant.schema,
            domain: &before,
            changed: false,
        };
        return output.show(&told, |told| told.domain.to_owned());
    };
    set(domain, &tenant.schema, name).await?;
    let told = Told {
        tenant: &tenant.schema,
        domain: name,
        changed: *name != before,
    };
    output.show(&told, |_| "Domain updated successfully.".to_owned())
}

/// Sets the domain of links; where host names decide, a tenant is also found by it.
async fn set(domain: &Domain, tenant: &str, name: &str) -> Result<(), Failure> {
    if !site::is_host(name) {
        return Err(Failure::Usage(format!(
            "`{name}` is not a domain: expected a host name or an address, with port if necessary, without scheme and path"
        )));
    }
    let tenant = tenant_of(domain, tenant).await?;
    site::set(domain, &tenant, name).await.map_err(fault)
}
