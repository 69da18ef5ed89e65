//! The site record of a tenant: under which domain links in mail and in the API lead to it.

use std::sync::Arc;

use entity::sql;
use tenancy::{Tenant, TenantTx};

use crate::{Ctx, Domain, Error, FieldErrors, Request, Result};

/// Name of the site after `set_domain`; scripts written for the original read it.
const NAME: &str = "Kiwi TCMS";
/// The domains of a site that nobody has set.
const UNSET: [&str; 2] = ["127.0.0.1:8000", "localhost"];
/// Reads the domain.
const DOMAIN: &str = "SELECT domain FROM site WHERE id = 1";
/// Longest domain and longest name.
const LONGEST: usize = 253;

/// Who may change the site.
pub const CHANGE: &str = "sites.change_site";
/// Who may look at the site.
pub const VIEW: &str = "sites.view_site";

/// The site record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// Host name or address, with a port if necessary.
    pub domain: String,
    /// Name for people.
    pub name: String,
}

impl Site {
    /// Whether somebody has decided about the domain.
    pub fn is_set(&self) -> bool {
        is_set(&self.domain)
    }
}

/// Whether somebody has decided about a domain.
pub fn is_set(domain: &str) -> bool {
    !UNSET.contains(&domain)
}

/// The site record, for somebody who may look at it.
pub async fn show(ctx: &mut Ctx) -> Result<Site> {
    if !ctx.may(CHANGE) {
        ctx.require(VIEW)?;
    }
    let (domain, name) = sql::query_as("SELECT domain, name FROM site WHERE id = 1")
        .fetch_one(ctx.conn())
        .await?;
    Ok(Site { domain, name })
}

/// The domain of the caller's tenant, for links.
pub async fn domain(ctx: &mut Ctx) -> Result<String> {
    let name: String = sql::query_scalar(DOMAIN).fetch_one(ctx.conn()).await?;
    Ok(reachable(ctx.domain(), name))
}

/// The domain of a tenant, for links outside of requests.
pub async fn domain_of(domain: &Domain, tenant: &Arc<Tenant>) -> Result<String> {
    Ok(reachable(domain, stored_of(domain, tenant).await?))
}

/// The domain of a tenant, as somebody has written it.
pub async fn stored_of(domain: &Domain, tenant: &Arc<Tenant>) -> Result<String> {
    let mut tx = domain.tenancy().begin_read(tenant).await?;
    let name = stored(&mut tx).await?;
    tx.commit().await?;
    Ok(name)
}

/// The same inside an open transaction.
pub(crate) async fn stored(tx: &mut TenantTx) -> Result<String> {
    Ok(sql::query_scalar(DOMAIN).fetch_one(tx.conn()).await?)
}

/// A domain as clients reach it: with the port of HTTPS that they see, unless it names one.
pub(crate) fn reachable(domain: &Domain, name: String) -> String {
    match domain.tenancy().config().public_port {
        Some(port) if port != 443 && without_port(&name) == name => format!("{name}:{port}"),
        _ => name,
    }
}

/// Sets the domain and the name, as `set_domain` does.
pub async fn set(domain: &Domain, tenant: &Arc<Tenant>, name: &str) -> Result<()> {
    let site = Site {
        domain: name.to_owned(),
        name: NAME.to_owned(),
    };
    check(&site)?;
    lead_here(domain, tenant, &site.domain).await?;
    let mut tx = domain.tenancy().begin_maintenance(tenant).await?;
    write(&mut tx, &site).await?;
    tx.commit().await?;
    Ok(())
}

/// Changes the site record on behalf of somebody.
pub async fn change(request: &Request, site: &Site) -> Result<()> {
    if !request.caller.may(CHANGE) {
        return Err(Error::Forbidden(CHANGE));
    }
    check(site)?;
    let (domain, tenant) = (&request.domain, &request.tenant);
    let caller = request.caller.user();
    if decides_about_host(domain, tenant) && !caller.is_some_and(|user| user.is_superuser) {
        refuse_foreign(domain, tenant, &site.domain).await?;
    }
    lead_here(domain, tenant, &site.domain).await?;
    let mut ctx = request.begin().await?;
    write(ctx.tx(), site).await?;
    ctx.commit().await
}

async fn write(tx: &mut TenantTx, site: &Site) -> Result<()> {
    sql::query(
        "INSERT INTO site (id, domain, name)
         VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE
         SET domain = excluded.domain,
             name = excluded.name",
    )
    .bind(&site.domain)
    .bind(&site.name)
    .execute(tx.conn())
    .await?;
    let tenant = tx.tenant().id.to_string();
    tx.invalidate("tenancy.site", tenant);
    Ok(())
}

fn check(site: &Site) -> Result<()> {
    let mut errors = FieldErrors::default();
    if site.domain.is_empty() {
        errors.add("domain", "This field is required.");
    } else if !is_host(&site.domain) {
        errors.add(
            "domain",
            "Enter a host name or an address, with port if necessary, without scheme and path, \
             such as kiwi.example.org or 10.0.0.7:8443.",
        );
    }
    for (field, text) in [("domain", &site.domain), ("name", &site.name)] {
        if text.chars().count() > LONGEST {
            errors.add(field, format!("At most {LONGEST} characters are allowed."));
        }
    }
    if site.name.trim().is_empty() {
        errors.add("name", "This field is required.");
    }
    errors.into_result()
}

/// Where host names decide, the public tenant is also found by the domain of its site.
fn decides_about_host(domain: &Domain, tenant: &Tenant) -> bool {
    domain.is_multi_tenant() && tenant.is_public()
}

async fn lead_here(domain: &Domain, tenant: &Arc<Tenant>, name: &str) -> Result<()> {
    if !decides_about_host(domain, tenant) {
        return Ok(());
    }
    let added = domain
        .tenancy()
        .add_domain(tenant, without_port(name), true);
    match added.await {
        Ok(_) => Ok(()),
        Err(tenancy::Error::InvalidName(texts)) => Err(Error::field("domain", texts.join(" "))),
        Err(tenancy::Error::Refused(text)) => Err(Error::field("domain", text)),
        Err(error) => Err(error.into()),
    }
}

/// Who administers only this tenant does not decide which host names lead to it.
async fn refuse_foreign(domain: &Domain, tenant: &Tenant, name: &str) -> Result<()> {
    let host = without_port(name).to_ascii_lowercase();
    let known = domain.tenancy().domains(tenant).await?;
    if known.iter().any(|record| record.domain == host) {
        return Ok(());
    }
    Err(Error::field(
        "domain",
        format!(
            "{host} does not lead here yet. A superuser can choose it, or `kiwi tenant domain add` \
             adds it."
        ),
    ))
}

fn without_port(name: &str) -> &str {
    match name.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => name,
    }
}

/// Whether a text is a host name or an address, perhaps with a port.
pub fn is_host(name: &str) -> bool {
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
    fn seed_029_hosts_may_have_a_port_and_nothing_else() {
        for name in [
            "tcms.example.com",
            "10.0.0.7:8443",
            "[::1]:8443",
            "[::1]",
            "localhost",
            "127.0.0.1:8000",
            "public.tenant.kiwitcms.org",
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
            "x:99999",
            "[::1",
            "[::1]x",
            "a..b",
            "user@x",
        ] {
            assert!(!is_host(name), "{name}");
        }
    }
}
