//! The first set-up, and the domain that links are built with.

use domain::{Domain, tenants};
use serde::Serialize;
use tenancy::Mode;

use super::{accounts, failure, fault, migrations, tenant_of};
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
    let name = match options.domain.or_else(|| config.first_domain()) {
        Some(name) => name,
        None if noinput => {
            return Err(Failure::Usage(
                "missing: --domain or KIWI_DOMAIN".to_owned(),
            ));
        }
        None => ask::text("Enter Kiwi TCMS domain: ", "--domain or KIWI_DOMAIN")?,
    };
    set(domain, "public", &name).await?;
    output.progress(format!("  {name}"));
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
    let before = tenants::site_domain(domain, &tenant).await.map_err(fault)?;
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
    if !is_host(name) {
        return Err(Failure::Usage(format!(
            "`{name}` is not a domain: expected a host name or an address, with port if necessary, without scheme and path"
        )));
    }
    let tenant = tenant_of(domain, tenant).await?;
    if *domain.tenancy().mode() != Mode::Single && tenant.is_public() {
        let host = without_port(name);
        domain
            .tenancy()
            .add_domain(&tenant, host, true)
            .await
            .map_err(failure)?;
    }
    tenants::set_site_domain(domain, &tenant, name)
        .await
        .map_err(fault)
}

fn without_port(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => name,
    }
}

/// Whether a text is a host name or an address, perhaps with a port.
fn is_host(name: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let (host, port) = match name.strip_prefix('[') {
        Some(rest) => {
            let Some((address, port)) = rest.split_once(']') else {
                return false;
            };
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            (
                "v6",
                port.strip_prefix(':')
                    .map_or((!port.is_empty()).then_some("x"), Some),
            )
        }
        None => match name.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (name, None),
        },
    };
    host.split('.').all(is_label) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_may_have_a_port_and_nothing_else() {
        for name in [
            "tcms.example.com",
            "10.0.0.7:8443",
            "[::1]:8443",
            "[::1]",
            "localhost",
            "127.0.0.1:8000",
        ] {
            assert!(is_host(name), "{name}");
        }
        for name in [
            "https://x",
            "a b",
            "x/y",
            "",
            "x:",
            "x:port",
            "[::1",
            "[::1]x",
            "a..b",
            "user@x",
        ] {
            assert!(!is_host(name), "{name}");
        }
    }
}
