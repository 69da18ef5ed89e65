//! `kiwi tenant …`: creating tenants and looking after them.

mod apply;
mod domains;
mod members;
mod record;

use domain::{Domain, tenants};
use tenancy::{NewTenant, State};

use super::{account_of, failure, fault, migrations, tenant_of};
use crate::ask;
use crate::cli::{CloneTenant, CreateTenant, Tenant, TenantNames};
use crate::output::{Failure, Output};

/// Runs one of the commands.
pub(super) async fn run(domain: &Domain, command: Tenant, output: Output) -> Result<(), Failure> {
    match command {
        Tenant::Create(options) => create(domain, options, output).await,
        Tenant::List { state } => record::list(domain, state.as_deref(), output).await,
        Tenant::Show { name } => record::show(domain, &name, output).await,
        Tenant::Suspend { name, reason } => {
            let tenant = tenant_of(domain, &name).await?;
            let is_new = tenant.state != State::Suspended;
            if is_new {
                domain
                    .tenancy()
                    .suspend(&tenant, &reason)
                    .await
                    .map_err(failure)?;
            }
            record::changed(domain, &name, is_new, "suspended", output).await
        }
        Tenant::Resume { name } => {
            let tenant = tenant_of(domain, &name).await?;
            let is_new = tenant.state != State::Active;
            if is_new {
                domain.tenancy().resume(&tenant).await.map_err(failure)?;
            }
            record::changed(domain, &name, is_new, "resumed", output).await
        }
        Tenant::Delete {
            name,
            yes,
            free_name,
        } => delete(domain, &name, yes, free_name, output).await,
        Tenant::Clone(options) => clone(domain, options, output).await,
        Tenant::Domain(command) => domains::run(domain, command, output).await,
        Tenant::Member(command) => members::run(domain, command, output).await,
        Tenant::Apply(options) => apply::run(domain, &options, output).await,
        Tenant::Migrate(options) => migrations::tenants(domain, options, output).await,
    }
}

/// Host names need no port and no scheme; a name given with them is a slip that is worth telling.
fn host(name: &str) -> Result<String, Failure> {
    let is_plain = !name.contains(['/', ':']);
    match tenancy::normalise_host(name).filter(|_| is_plain) {
        Some(host) => Ok(host),
        None => Err(Failure::Usage(format!(
            "`{name}` is not a host name: expected one without scheme, port and path"
        ))),
    }
}

fn named(names: TenantNames) -> Result<NewTenant, Failure> {
    Ok(NewTenant {
        name: names.title.unwrap_or_else(|| names.name.clone()),
        domains: names
            .domain
            .iter()
            .map(|name| host(name))
            .collect::<Result<_, _>>()?,
        schema: names.name,
        ..NewTenant::default()
    })
}

async fn create(domain: &Domain, options: CreateTenant, output: Output) -> Result<(), Failure> {
    let owner = account_of(domain, &options.owner).await?.id;
    let existing = domain
        .tenancy()
        .by_name(&options.names.name)
        .await
        .map_err(failure)?;
    if let Some(existing) = existing {
        let text = format!("tenant {} exists already", existing.schema);
        return Err(Failure::Refused(text));
    }
    let new = NewTenant {
        organization: options.organization,
        publicly_readable: options.public_read,
        ..named(options.names)?
    };
    let tenant = tenants::create(domain, owner, new).await.map_err(fault)?;
    record::changed(domain, &tenant.schema, true, "created", output).await
}

async fn delete(
    domain: &Domain,
    name: &str,
    yes: bool,
    free_name: bool,
    output: Output,
) -> Result<(), Failure> {
    let tenant = tenant_of(domain, name).await?;
    if !yes {
        if !ask::is_terminal() {
            return Err(Failure::Usage("deleting needs --yes".to_owned()));
        }
        output.remark(format!(
            "This deletes tenant {name} with all its data. There is no undo."
        ));
        if !ask::yes("Go on? [y/N]: ")? {
            return Err(Failure::Refused("nothing was deleted".to_owned()));
        }
    }
    tenants::delete(domain, &tenant, free_name)
        .await
        .map_err(fault)?;
    let told = serde_json::json!({ "tenant": tenant.schema, "deleted": true });
    output.show(&told, |_| format!("Tenant {} was deleted.", tenant.schema))
}

async fn clone(domain: &Domain, options: CloneTenant, output: Output) -> Result<(), Failure> {
    let source = tenant_of(domain, &options.from).await?;
    let owner = match &options.owner {
        Some(username) => account_of(domain, username).await?.id,
        None => source.owner_id.ok_or_else(|| {
            Failure::Usage(format!(
                "tenant {} has no owner: give --owner",
                source.schema
            ))
        })?,
    };
    let new = named(options.names)?;
    let tenant = tenants::copy(domain, &source, owner, new, options.with_members)
        .await
        .map_err(fault)?;
    record::changed(domain, &tenant.schema, true, "created", output).await
}
