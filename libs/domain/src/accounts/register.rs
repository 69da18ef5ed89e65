//! Accounts that people make for themselves, and what the links in their mails do.

use std::sync::Arc;

use subtle::ConstantTimeEq as _;
use tenancy::Tenant;

use super::create::{self, NewAccount};
use super::keys::{self, Purpose};
use super::projection::{self, Scope};
use super::{Account, account, change, password_rules, passwords};
use crate::settings::FirstSuperuser;
use crate::{Ctx, Domain, Error, FieldErrors, Result, notify, site};

/// What somebody types who wants an account.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// Log-in name.
    pub username: String,
    /// Address.
    pub email: String,
    /// Password.
    pub password: String,
    /// The password again.
    pub repeated: String,
    /// The token that makes the first account a superuser, where one is asked for.
    pub setup_token: String,
}

/// What became of a registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// The first superuser, who may log in at once.
    Superuser,
    /// A mail with a key is on its way.
    AwaitsConfirmation,
    /// Somebody has to let the account in.
    AwaitsApproval,
}

/// What a key from a mail did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeemed {
    /// The account may log in.
    Activated,
    /// The account has its new address.
    AddressChanged,
    /// Another account has the new address by now.
    AddressTaken,
    /// There is no such key, or not any longer.
    Unknown,
    /// The time of the key is over.
    Expired,
}

/// True while whoever registers becomes the first superuser, and has to show the set-up token.
pub async fn needs_setup_token(domain: &Domain) -> Result<bool> {
    match domain.settings().first_superuser {
        FirstSuperuser::Token(_) => Ok(!has_superuser(domain).await?),
        FirstSuperuser::Off | FirstSuperuser::Open => Ok(false),
    }
}

/// True if somebody may log in as superuser.
async fn has_superuser(domain: &Domain) -> Result<bool> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let begun = create::has_superuser(&mut tx).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Makes the account of somebody who registers; links in mails lead to the site of the tenant.
///
/// While there is no superuser, the account becomes one as the settings say; of several at the same
/// moment only one does. Any other account may log in only after its address is confirmed, or
/// somebody lets it in.
pub async fn register(
    domain: &Domain,
    tenant: &Arc<Tenant>,
    wanted: &Registration,
) -> Result<Registered> {
    check(domain, wanted).await?;
    let first = match &domain.settings().first_superuser {
        FirstSuperuser::Off => false,
        FirstSuperuser::Open => !has_superuser(domain).await?,
        FirstSuperuser::Token(token) => {
            let needed = !has_superuser(domain).await?;
            let given = wanted.setup_token.trim();
            if needed && !bool::from(token.as_bytes().ct_eq(given.as_bytes())) {
                let text = "Enter the set-up token that the log of the server shows.";
                return Err(Error::field("setup_token", text));
            }
            needed
        }
    };
    let new = NewAccount::user(
        domain,
        &wanted.username,
        &wanted.email,
        Some(&wanted.password),
    );
    if first {
        match create::create_first(domain, new.clone()).await {
            Ok(_) => return Ok(Registered::Superuser),
            // somebody else was faster
            Err(Error::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let new = NewAccount {
        is_active: false,
        ..new
    };
    let site = site::domain_of(domain, tenant).await?;
    let hash = passwords::hash(&wanted.password).await?;
    let mut tx = domain.tenancy().begin_platform().await?;
    let (id, pending) = create::add(&mut tx, &new, &hash).await?;
    let account = account::lock(tx.conn(), id).await?;
    let confirms = domain.settings().auto_approve;
    if confirms {
        let key = keys::issue(tx.conn(), &account, Purpose::Activation, "").await?;
        notify::address_given(&mut tx, tenant, &site, &account, &account.email, &key).await?;
    }
    if domain.settings().tell_registrations {
        notify::registered(&mut tx, domain, tenant, &site, &account).await?;
    }
    tx.commit().await?;
    pending.carry(domain).await;
    Ok(if confirms {
        Registered::AwaitsConfirmation
    } else {
        Registered::AwaitsApproval
    })
}

/// Everything that is wrong at once; whether somebody has the name is looked at again later.
async fn check(domain: &Domain, wanted: &Registration) -> Result<()> {
    let mut errors = FieldErrors::default();
    create::check_username(&wanted.username, &mut errors);
    if wanted.email.is_empty() {
        errors.add("email", create::REQUIRED);
    }
    create::check_email(&wanted.email, &mut errors);
    let (name, address) = (errors.has("username"), errors.has("email"));
    let owner = password_rules::Owner {
        username: &wanted.username,
        email: &wanted.email,
        ..password_rules::Owner::default()
    };
    let (password, repeated) = (&wanted.password, &wanted.repeated);
    password_rules::note_twice("password2", password, repeated, owner, &mut errors);
    let username = if name { "" } else { &wanted.username };
    let email = if address { "" } else { &wanted.email };
    let mut tx = domain.tenancy().begin_platform().await?;
    create::check_unused(tx.conn(), None, username, email, &mut errors).await?;
    tx.commit().await?;
    errors.into_result()
}

/// Does what the key in a mail stands for, once: lets an account log in or gives it its new address.
pub async fn redeem(domain: &Domain, key: &str) -> Result<Redeemed> {
    let mut tx = domain.tenancy().begin_platform().await?;
    let purposes = [Purpose::Activation, Purpose::Email];
    let Some(shown) = keys::look(tx.conn(), key, &purposes).await? else {
        let expired = keys::is_expired(tx.conn(), key).await?;
        tx.commit().await?;
        return Ok(if expired {
            Redeemed::Expired
        } else {
            Redeemed::Unknown
        });
    };
    if !keys::spend(tx.conn(), key).await? {
        return Ok(Redeemed::Unknown);
    }
    let old = shown.account;
    let (new, outcome) = if shown.purpose == Purpose::Activation {
        let new = Account {
            is_active: true,
            ..old.clone()
        };
        (new, Redeemed::Activated)
    } else {
        create::one_at_a_time(&mut tx).await?;
        let mut errors = FieldErrors::default();
        create::check_unused(tx.conn(), Some(old.id), "", &shown.email, &mut errors).await?;
        if !errors.is_empty() {
            tx.commit().await?;
            return Ok(Redeemed::AddressTaken);
        }
        let new = Account {
            email: shown.email,
            ..old.clone()
        };
        (new, Redeemed::AddressChanged)
    };
    change::store(&mut tx, &old, &new).await?;
    let pending = projection::note(&mut tx, new.id, Scope::default()).await?;
    tx.commit().await?;
    pending.carry(domain).await;
    Ok(outcome)
}

/// Asks the owner of a new address to confirm it; until then the account keeps the old one.
pub async fn ask_for_address(
    ctx: &mut Ctx,
    account: &Account,
    email: &str,
    repeated: &str,
) -> Result<()> {
    let mut errors = FieldErrors::default();
    if email.is_empty() {
        errors.add("email_1", create::REQUIRED);
    } else if !create::is_email(email) || email.chars().count() > create::MAX_EMAIL {
        errors.add("email_1", "Enter a valid email address.");
    }
    if email != repeated {
        errors.add("email_2", "Email mismatch");
    }
    errors.into_result()?;
    ctx.release().await?;
    let (domain, tenant) = (ctx.domain().clone(), Arc::clone(ctx.tenant()));
    let site = site::domain_of(&domain, &tenant).await?;
    let mut tx = domain.tenancy().begin_platform().await?;
    let mut taken = FieldErrors::default();
    create::check_unused(tx.conn(), None, "", email, &mut taken).await?;
    if let Some((_, messages)) = taken.0.pop() {
        return Err(Error::field("email_1", messages.concat()));
    }
    let account = account::lock(tx.conn(), account.id).await?;
    let key = keys::issue(tx.conn(), &account, Purpose::Email, email).await?;
    notify::address_given(&mut tx, &tenant, &site, &account, email, &key).await?;
    tx.commit().await?;
    Ok(())
}
