//! Accounts that people make for themselves, and the links that confirm an address.

use axum::extract::{Path, Request};
use domain::accounts::{self, Redeemed, Registered, Registration};
use views::page::AccountForm;

use super::captcha::{check, with_picture};
use super::{go, refuse};
use crate::error::{Error, Result};
use crate::flash::{self, Notice};
use crate::form::Form;
use crate::visitor::Visitor;

/// `GET /accounts/register/`
pub(crate) async fn form(visitor: Visitor) -> Result {
    let form = empty(&visitor).await?;
    visitor.page(&with_picture(&visitor.request.domain, form).await?)
}

/// `POST /accounts/register/`
pub(crate) async fn send(visitor: Visitor, request: Request) -> Result {
    let form = empty(&visitor).await?;
    let sent = Form::read(&visitor, request).await?;
    let get = |name| sent.get(name).unwrap_or_default().to_owned();
    let wanted = Registration {
        username: get("username"),
        email: get("email").trim().to_owned(),
        password: get("password1"),
        repeated: get("password2"),
        setup_token: get("setup_token"),
    };
    let asked = &visitor.request;
    // first, so that no program finds out which names and addresses are taken
    let error = match check(&asked.domain, &sent).await {
        Ok(()) => match accounts::register(&asked.domain, &asked.tenant, &wanted).await {
            Ok(registered) => {
                let admins = &asked.domain.settings().admins;
                let notice = match registered {
                    Registered::Superuser => Notice::new("flash-registered-superuser"),
                    Registered::AwaitsConfirmation => Notice::new("flash-registered-confirm"),
                    Registered::AwaitsApproval => {
                        Notice::new("flash-registered-approval").contact(admins.first())
                    }
                };
                return Ok(flash::leave(&visitor, go("/"), &notice));
            }
            Err(error) => error,
        },
        Err(error) => error,
    };
    let form = refuse(form, &sent, error)?;
    visitor.page(&with_picture(&visitor.request.domain, form).await?)
}

/// The form, where people may register.
async fn empty(visitor: &Visitor) -> Result<AccountForm> {
    let domain = &visitor.request.domain;
    if !domain.settings().registration {
        return Err(Error::NotFound);
    }
    let token = accounts::needs_setup_token(domain).await?;
    let by_mail = domain.settings().auto_approve;
    Ok(AccountForm::register(token, by_mail))
}

/// `GET /accounts/confirm/<key>/`: leads to the start page, whatever else the address says.
pub(crate) async fn confirm(visitor: Visitor, Path(key): Path<String>) -> Result {
    let key = match accounts::redeem(&visitor.request.domain, &key).await? {
        Redeemed::Activated => "flash-activated",
        Redeemed::AddressChanged => "flash-address-changed",
        Redeemed::AddressTaken => "flash-address-taken",
        Redeemed::Unknown => "flash-key-unknown",
        Redeemed::Expired => "flash-key-expired",
    };
    Ok(flash::leave(&visitor, go("/"), &Notice::new(key)))
}
