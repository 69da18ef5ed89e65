//! `kiwi tenant apply`: tenants as files. What a file says is made so; what it does not mention
//! stays. Applying the same files again changes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Domain, accounts, demo, group, tenants};
use serde::{Deserialize, Serialize};
use tenancy::{Changes, Mode, NewTenant, Tenant};

use super::{account_of, failure, fault, host};
use crate::cli::ApplyTenants;
use crate::output::{Failure, Output};

/// Folder that holds what new tenants start with, which is no tenant.
const SKIPPED: &str = "new";

/// `tenant.toml`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Name for people.
    name: Option<String>,
    /// Organisation for people.
    organization: Option<String>,
    /// Host names, the primary one first.
    #[serde(default)]
    domains: Vec<String>,
    /// True if everybody may read it.
    publicly_readable: Option<bool>,
    /// User name of the owner.
    owner: Option<String>,
    /// Accounts that may enter, with their groups.
    #[serde(default)]
    members: Vec<Member>,
    /// Folder, beside the file, with data to begin with.
    data: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    username: String,
    #[serde(default)]
    groups: Vec<String>,
}

#[derive(Debug, Default, Serialize)]
struct Applied {
    tenant: String,
    created: bool,
    changed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Applied {
    /// True if it failed before anything was changed.
    fn is_untouched(&self) -> bool {
        self.error.is_some() && !self.created && self.changed.is_empty()
    }

    /// What was done, in words.
    fn done(&self) -> Option<String> {
        match (self.created, self.changed.as_slice()) {
            (true, _) => Some("created".to_owned()),
            (false, []) => None,
            (false, changed) => Some(format!("changed {}", changed.join(", "))),
        }
    }
}

/// Runs the command.
pub(super) async fn run(
    domain: &Domain,
    options: &ApplyTenants,
    output: Output,
) -> Result<(), Failure> {
    let mut applied = Vec::new();
    for (name, path) in folders(&options.folder)? {
        let file = read(&path)?;
        let mut done = Applied {
            tenant: name,
            ..Applied::default()
        };
        let outcome = apply(domain, &path, file, options.owner.as_deref(), &mut done).await;
        done.error = outcome.err().map(|failure| failure.to_string());
        applied.push(done);
    }
    output.show(&applied, |applied| {
        applied.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    let failed = applied
        .iter()
        .filter(|applied| applied.error.is_some())
        .count();
    match failed {
        0 => Ok(()),
        _ if applied.iter().all(Applied::is_untouched) => {
            Err(Failure::failed("no tenant was applied"))
        }
        _ => Err(Failure::Partly(format!(
            "{failed} of {} tenants were not applied",
            applied.len()
        ))),
    }
}

fn line(applied: &Applied) -> String {
    let name = &applied.tenant;
    match (applied.done(), &applied.error) {
        (None, None) => format!("{name}: nothing to do"),
        (Some(done), None) => format!("{name}: {done}"),
        (None, Some(error)) => format!("{name}: failed: {error}"),
        (Some(done), Some(error)) => format!("{name}: {done}, then failed: {error}"),
    }
}

/// The folders that hold a tenant, by name; the public one first.
fn folders(root: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Failure::NotFound(format!("there is no folder {}", root.display()))
        }
        _ => Failure::failed(format!("cannot read {}: {error}", root.display())),
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(root).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let (path, name) = (
            entry.path(),
            entry.file_name().to_string_lossy().into_owned(),
        );
        if name != SKIPPED && path.join("tenant.toml").is_file() {
            found.push((name, path));
        }
    }
    found.sort_by_key(|(name, _)| (name != "public", name.clone()));
    if found.is_empty() {
        let text = format!("no folder in {} has a tenant.toml", root.display());
        return Err(Failure::NotFound(text));
    }
    Ok(found)
}

fn read(folder: &Path) -> Result<File, Failure> {
    let path = folder.join("tenant.toml");
    let explain = |why: String| Failure::failed(format!("{}: {why}", path.display()));
    let text = fs::read_to_string(&path).map_err(|error| explain(error.to_string()))?;
    toml::from_str(&text).map_err(|error| explain(error.to_string()))
}

async fn apply(
    domain: &Domain,
    folder: &Path,
    file: File,
    default_owner: Option<&str>,
    done: &mut Applied,
) -> Result<(), Failure> {
    let tenancy = domain.tenancy();
    let existing = tenancy.by_name(&done.tenant).await.map_err(failure)?;
    check(domain, existing.as_ref(), &file).await?;
    let tenant = if let Some(tenant) = existing {
        correct(domain, &tenant, &file, &mut done.changed).await?;
        tenant
    } else {
        let tenant = create(domain, &done.tenant, &file, default_owner).await?;
        done.created = true;
        tenant
    };
    for member in &file.members {
        let account = account_of(domain, &member.username).await?.id;
        if tenants::add_member(domain, &tenant, account)
            .await
            .map_err(fault)?
        {
            done.changed.push(format!("member {}", member.username));
        }
        if !member.groups.is_empty()
            && tenants::join_groups(domain, &tenant, account, &member.groups)
                .await
                .map_err(fault)?
        {
            done.changed.push(format!("groups of {}", member.username));
        }
    }
    if let Some(data) = &file.data
        && demo::fill(domain, &tenant, &folder.join(data))
            .await
            .map_err(fault)?
    {
        done.changed.push("data".to_owned());
    }
    Ok(())
}

/// Refuses what can be seen to be impossible before anything is changed.
async fn check(
    domain: &Domain,
    existing: Option<&Arc<Tenant>>,
    file: &File,
) -> Result<(), Failure> {
    for name in &file.domains {
        host(name)?;
    }
    if let Some(owner) = &file.owner {
        account_of(domain, owner).await?;
    }
    for member in &file.members {
        account_of(domain, &member.username).await?;
        match existing {
            Some(tenant) => tenants::require_groups(domain, tenant, &member.groups)
                .await
                .map_err(fault)?,
            None => {
                if let Some(name) = member.groups.iter().find(|name| !group::is_default(name)) {
                    let text = format!("group {name} does not exist in a new tenant");
                    return Err(Failure::Refused(text));
                }
            }
        }
    }
    Ok(())
}

async fn create(
    domain: &Domain,
    name: &str,
    file: &File,
    default_owner: Option<&str>,
) -> Result<Arc<Tenant>, Failure> {
    let owner = match file.owner.as_deref().or(default_owner) {
        Some(username) => account_of(domain, username).await?.id,
        None => first_superuser(domain).await?,
    };
    let new = NewTenant {
        schema: name.to_owned(),
        name: file.name.clone().unwrap_or_else(|| name.to_owned()),
        organization: file.organization.clone(),
        domains: file
            .domains
            .iter()
            .map(|name| host(name))
            .collect::<Result<_, _>>()?,
        publicly_readable: file.publicly_readable.unwrap_or(false),
        ..NewTenant::default()
    };
    tenants::create(domain, owner, new).await.map_err(fault)
}

async fn first_superuser(domain: &Domain) -> Result<i32, Failure> {
    let all = accounts::all(domain).await.map_err(fault)?;
    let superusers = all
        .iter()
        .filter(|account| account.is_superuser && account.is_active);
    superusers.map(|account| account.id).min().ok_or_else(|| {
        Failure::Refused(
            "a tenant needs an owner: give --owner, or run `kiwi createsuperuser`".to_owned(),
        )
    })
}

/// Makes an existing tenant what its file says.
async fn correct(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    file: &File,
    done: &mut Vec<String>,
) -> Result<(), Failure> {
    let tenancy = domain.tenancy();
    let owner_id = match &file.owner {
        Some(username) => Some(account_of(domain, username).await?.id),
        None => None,
    };
    let changes = Changes {
        name: file.name.clone(),
        organization: file.organization.clone().map(Some),
        publicly_readable: file.publicly_readable,
        owner_id,
        ..Changes::default()
    };
    if tenancy.change(tenant, &changes).await.map_err(failure)? {
        done.push("record".to_owned());
    }
    if let Some(owner) = owner_id {
        tenants::add_member(domain, tenant, owner)
            .await
            .map_err(fault)?;
    }
    if *tenancy.mode() == Mode::Single {
        return Ok(());
    }
    for (index, name) in file.domains.iter().enumerate() {
        if tenancy
            .add_domain(tenant, &host(name)?, index == 0)
            .await
            .map_err(failure)?
        {
            done.push(format!("domain {name}"));
        }
    }
    Ok(())
}
