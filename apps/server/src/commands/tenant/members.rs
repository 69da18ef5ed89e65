//! `kiwi tenant member …`: who may enter a tenant.

use domain::{Domain, tenants};
use serde::Serialize;

use super::{account_of, fault, tenant_of};
use crate::cli::TenantMember;
use crate::output::{Failure, Output, columns};

#[derive(Serialize)]
struct Told<'a> {
    tenant: &'a str,
    user: &'a str,
    changed: bool,
}

#[derive(Serialize)]
struct Member {
    id: i32,
    username: String,
    full_name: String,
    email: String,
    is_active: bool,
    is_owner: bool,
    groups: Vec<String>,
}

/// Runs one of the commands.
pub(super) async fn run(
    domain: &Domain,
    command: TenantMember,
    output: Output,
) -> Result<(), Failure> {
    match command {
        TenantMember::Add {
            tenant,
            user,
            group,
        } => {
            let tenant = tenant_of(domain, &tenant).await?;
            let account = account_of(domain, &user).await?.id;
            // an unknown group is refused before anybody is let in
            tenants::require_groups(domain, &tenant, &group)
                .await
                .map_err(fault)?;
            let is_new = tenants::add_member(domain, &tenant, account)
                .await
                .map_err(fault)?;
            let has_joined = !group.is_empty()
                && tenants::join_groups(domain, &tenant, account, &group)
                    .await
                    .map_err(fault)?;
            let told = Told {
                tenant: &tenant.schema,
                user: &user,
                changed: is_new || has_joined,
            };
            output.show(&told, |told| {
                let state = match (is_new, has_joined) {
                    (true, _) => "may enter now".to_owned(),
                    (false, true) => format!("is in {} now", group.join(", ")),
                    (false, false) => "may enter already".to_owned(),
                };
                format!("{}: {} {state}", told.tenant, told.user)
            })
        }
        TenantMember::Remove { tenant, user } => {
            let tenant = tenant_of(domain, &tenant).await?;
            let account = account_of(domain, &user).await?.id;
            let changed = tenants::remove_member(domain, &tenant, account)
                .await
                .map_err(fault)?;
            if !changed {
                let text = format!("{user} is not a member of tenant {}", tenant.schema);
                return Err(Failure::NotFound(text));
            }
            let told = Told {
                tenant: &tenant.schema,
                user: &user,
                changed,
            };
            output.show(&told, |told| {
                format!("{}: {} may not enter any more", told.tenant, told.user)
            })
        }
        TenantMember::List { tenant } => {
            let tenant = tenant_of(domain, &tenant).await?;
            let members = tenants::members(domain, &tenant).await.map_err(fault)?;
            let members: Vec<Member> = members
                .into_iter()
                .map(|member| Member {
                    id: member.id,
                    username: member.username,
                    full_name: member.full_name,
                    email: member.email,
                    is_active: member.is_active,
                    is_owner: member.is_owner,
                    groups: member.groups,
                })
                .collect();
            output.show(&members, |members| {
                let rows: Vec<[String; 4]> = members.iter().map(row).collect();
                columns(["USER", "NAME", "E-MAIL", "GROUPS"], &rows)
            })
        }
    }
}

fn row(member: &Member) -> [String; 4] {
    let mut groups = member.groups.clone();
    if member.is_owner {
        groups.insert(0, "(owner)".to_owned());
    }
    [
        member.username.clone(),
        member.full_name.clone(),
        member.email.clone(),
        groups.join(", "),
    ]
}
