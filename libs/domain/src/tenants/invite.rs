//! Inviting people into a tenant by their addresses.

use std::collections::HashMap;
use std::sync::Arc;

use entity::Id;
use tenancy::Tenant;

use super::members::{self, Invitation};
use crate::accounts::{self, NewAccount};
use crate::site;
use crate::{Ctx, Domain, Error, Result, random};

/// How often a user name is chosen anew because somebody else took it in between.
const ATTEMPTS: usize = 5;
/// Longest user name that leaves room for a number behind it.
const MAX_USERNAME: usize = 138;
/// Longest address.
const MAX_ADDRESS: usize = 254;

/// Lets people into the tenant of the caller, who must be a member of it himself. Whoever has no
/// account gets one; whoever is in already stays as he is. The others are told by mail, if `notify`
/// says so. Says for each address whether that was possible; an empty one is, and changes nothing.
pub async fn invite(ctx: &mut Ctx, addresses: &[String], notify: bool) -> Result<Vec<bool>> {
    let caller = ctx.user()?;
    if ctx.tenant().is_public() || !caller.is_authorised {
        return Err(Error::Forbidden("membership"));
    }
    let (domain, tenant) = (ctx.domain().clone(), Arc::clone(ctx.tenant()));
    // accounts live outside of the tenant
    ctx.release().await?;
    let invitation = if notify {
        Some(Invitation {
            host: accounts::by_id(&domain, caller.id).await?,
            site: site::domain_of(&domain, &tenant).await?,
        })
    } else {
        None
    };
    let mut done: HashMap<String, bool> = HashMap::new();
    let mut answers = Vec::with_capacity(addresses.len());
    for address in addresses {
        let address = address.to_lowercase();
        let answer = match done.get(&address) {
            Some(answer) => *answer,
            None => {
                address.is_empty()
                    || let_in(&domain, &tenant, &address, invitation.as_ref()).await?
            }
        };
        done.insert(address, answer);
        answers.push(answer);
    }
    Ok(answers)
}

/// False if this is no address that an account can have.
async fn let_in(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    address: &str,
    invitation: Option<&Invitation>,
) -> Result<bool> {
    if !accounts::is_email(address) || address.chars().count() > MAX_ADDRESS {
        return Ok(false);
    }
    let account = find_or_make(domain, address).await?;
    members::let_in(domain, tenant, account, invitation).await?;
    Ok(true)
}

/// The account with this address. A new one is active at once, with a password that nobody knows; its
/// owner sets another one through the page for forgotten ones.
async fn find_or_make(domain: &Domain, address: &str) -> Result<Id> {
    let wanted = username(address);
    for _ in 0..ATTEMPTS {
        if let Some(account) = accounts::find_by_email(domain, address).await? {
            return Ok(account.id);
        }
        let name = accounts::free_username(domain, &wanted).await?;
        let new = NewAccount::user(domain, &name, address, Some(&random::key()));
        match accounts::create(domain, new).await {
            // somebody else took the name or the address in between
            Err(Error::Invalid(_)) => {}
            done => return done.map(|account| account.id),
        }
    }
    let text = format!("no user name like {wanted} stays free; try again");
    Err(Error::Conflict(text))
}

/// The part before the `@`, as a user name.
fn username(address: &str) -> String {
    let (local, _) = address.rsplit_once('@').unwrap_or((address, ""));
    let fitting = |c: char| {
        if c.is_alphanumeric() || matches!(c, '@' | '.' | '+' | '-' | '_') {
            c
        } else {
            '_'
        }
    };
    local.chars().map(fitting).take(MAX_USERNAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_what_stands_before_the_host() {
        assert_eq!(username("a.b+c@x.example"), "a.b+c");
        assert_eq!(username("o'neil!@x.example"), "o_neil_");
        assert_eq!(username("\"a b\"@x.example"), "_a_b_");
        let long = format!("{}@x.example", "a".repeat(200));
        assert_eq!(username(&long).len(), 138);
    }
}
