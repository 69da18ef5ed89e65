//! Accounts from inside a tenant: the page of a person, and changes of one's own, and those of others with the right to.

pub mod page;

use std::net::IpAddr;

use entity::{Entity, Id, sql};

use crate::accounts::{self, Account, Changes};
use crate::member::Member;
use crate::{Ctx, Error, Result};

/// What a person may change about an account; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Edit {
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Address; of another account, or with `auth.change_user`.
    pub email: Option<String>,
    /// New password; of one's own account only.
    pub password: Option<String>,
    /// The password that is to be replaced.
    pub old_password: Option<String>,
}

/// Changes an account that may enter this tenant. Nothing is stored when one check fails.
pub async fn edit(ctx: &mut Ctx, id: Id, edit: Edit) -> Result<Account> {
    let me = ctx.user()?;
    let member = member(ctx, id).await?;
    let own = member.id == me.id;
    if !own && !ctx.may("auth.change_user") {
        return Err(Error::refused("Permission denied"));
    }
    let text = |field: &'static str, value: &Option<String>, max: usize| {
        let length = value.as_deref().map_or(0, |text| text.chars().count());
        let message = format!("Ensure this value has at most {max} characters (it has {length}).");
        if length > max {
            Err(Error::field(field, message))
        } else {
            Ok(())
        }
    };
    text("first_name", &edit.first_name, 150)?;
    text("last_name", &edit.last_name, 150)?;
    text("email", &edit.email, 254)?;
    if let Some(email) = &edit.email {
        if own && !ctx.may("auth.change_user") {
            let message = "One's own address is changed on the page that confirms it by mail.";
            return Err(Error::field("email", message));
        }
        if !accounts::is_email(email) {
            return Err(Error::field("email", "Enter a valid email address."));
        }
    }
    // the account lives outside of the tenant, and hashing takes a while
    ctx.release().await?;
    let domain = ctx.domain().clone();
    if let Some(password) = &edit.password {
        let old = edit.old_password.as_deref();
        check_new_password(&domain, own, member.id, password, old, ctx.request.client).await?;
    }
    let changes = Changes {
        first_name: edit.first_name,
        last_name: edit.last_name,
        email: edit.email,
        password: edit.password,
        ..Changes::default()
    };
    accounts::update(&domain, member.id, changes).await
}

async fn check_new_password(
    domain: &crate::Domain,
    own: bool,
    id: Id,
    password: &str,
    old: Option<&str>,
    client: Option<IpAddr>,
) -> Result<()> {
    if !own {
        let text = "Password updates for other users are not allowed via RPC!";
        return Err(Error::refused(text));
    }
    let old = old.filter(|old| !old.is_empty());
    let old = old.ok_or_else(|| Error::refused("Old password is required"))?;
    if !accounts::confirm(domain, id, old, client).await? {
        return Err(Error::refused("Password is incorrect"));
    }
    let account = accounts::by_id(domain, id).await?;
    accounts::check_password("password", password, account.owner())
}

/// Gives somebody who is logged in another password; `old` proves that it is he. Ends all sessions of
/// the account. Faults are those of the fields of the form.
pub async fn change_password(
    ctx: &mut Ctx,
    old: &str,
    new: &str,
    repeated: &str,
) -> Result<Account> {
    let me = ctx.user()?.id;
    ctx.release().await?;
    let domain = ctx.domain().clone();
    if !accounts::confirm(&domain, me, old, ctx.request.client).await? {
        let text = "Your old password was entered incorrectly. Please enter it again.";
        return Err(Error::field("old_password", text));
    }
    let account = accounts::by_id(&domain, me).await?;
    accounts::check_password_twice("new_password2", new, repeated, account.owner())?;
    accounts::set_password(&domain, me, new).await?;
    accounts::by_id(&domain, me).await
}

/// The account whose address somebody wants to change: his own, or that of another member of this
/// tenant, for those who may change people. Only superusers change that of another superuser.
pub async fn account_for_address(ctx: &mut Ctx, id: Id) -> Result<Account> {
    let me = ctx.user()?;
    let id = if ctx.may("auth.change_user") {
        id
    } else {
        me.id
    };
    if id != me.id {
        let member = member(ctx, id).await?;
        if member.is_superuser && !me.is_superuser {
            return Err(Error::Forbidden("superuser"));
        }
    }
    ctx.release().await?;
    accounts::by_id(ctx.domain(), id).await
}

/// The member of this tenant with this id.
async fn member(ctx: &mut Ctx, id: Id) -> Result<Member> {
    let (authorised,): (bool,) =
        sql::query_as("SELECT EXISTS (SELECT 1 FROM member WHERE id = $1 AND is_authorised)")
            .bind(id)
            .fetch_one(ctx.conn())
            .await?;
    if authorised {
        ctx.get(id).await
    } else {
        Err(Error::NotFound {
            entity: Member::META.name,
        })
    }
}

/// Switches accounts off: no password works, no group and no permission is left.
pub async fn deactivate(ctx: &mut Ctx, ids: &[Id]) -> Result<Vec<Account>> {
    ctx.release().await?;
    let domain = ctx.domain().clone();
    let mut accounts = accounts::deactivate_all(&domain, ids).await?;
    accounts.sort_by(|a, b| a.username.cmp(&b.username));
    Ok(accounts)
}
