//! Forgotten passwords and other ones.

use axum::extract::{Path, Request};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{SessionChange, accounts, profile, session};
use http::header;
use views::page::{AccountForm, AccountNotice};

use super::captcha::{check, with_picture};
use super::{closed, go, refuse, takes_passwords};
use crate::error::Result;
use crate::form::Form;
use crate::session::Changed;
use crate::visitor::Visitor;

/// What stands in the address in place of the key, once a cookie carries it.
const SET: &str = "set-password";

/// `GET /accounts/passwordreset/`
pub(crate) async fn ask(visitor: Visitor) -> Result {
    if !takes_passwords(&visitor) {
        return closed(&visitor).await;
    }
    let form = AccountForm::ask_for_reset();
    visitor.page(&with_picture(&visitor.request.domain, form).await?)
}

/// `POST /accounts/passwordreset/`: the answer is the same whether or not somebody has the address.
pub(crate) async fn send(visitor: Visitor, request: Request) -> Result {
    if !takes_passwords(&visitor) {
        return closed(&visitor).await;
    }
    let sent = Form::read(&visitor, request).await?;
    let domain = &visitor.request.domain;
    let email = sent.get("email").unwrap_or_default();
    let mut done = check(domain, &sent).await;
    if done.is_ok() {
        done = accounts::ask_for_reset(domain, &visitor.request.tenant, email).await;
    }
    let Err(error) = done else {
        return Ok(go("/accounts/passwordreset/done/"));
    };
    let form = refuse(AccountForm::ask_for_reset(), &sent, error)?;
    visitor.page(&with_picture(domain, form).await?)
}

/// `GET /accounts/passwordreset/done/`
pub(crate) async fn sent(visitor: Visitor) -> Result {
    if !takes_passwords(&visitor) {
        return closed(&visitor).await;
    }
    visitor.page(&AccountNotice::RESET_SENT)
}

/// `GET /accounts/passwordreset/confirm/<id>/<key>/`: puts a good key into a cookie and leads to the
/// same page without it, so that no address that is passed on holds it.
pub(crate) async fn open(visitor: Visitor, Path((id, key)): Path<(String, String)>) -> Result {
    if !takes_passwords(&visitor) {
        return closed(&visitor).await;
    }
    let shown = if key == SET {
        visitor.reset_key.clone().unwrap_or_default()
    } else {
        key.clone()
    };
    let Some(account) = account_id(&id) else {
        return visitor.page(&AccountNotice::RESET_INVALID);
    };
    let domain = &visitor.request.domain;
    let is_good = accounts::find_reset(domain, account, &shown)
        .await?
        .is_some();
    if !is_good {
        return visitor.page(&AccountNotice::RESET_INVALID);
    }
    if key == SET {
        return visitor.page(&AccountForm::set_password());
    }
    let mut response = go(&format!("/accounts/passwordreset/confirm/{id}/{SET}/"));
    let cookie = visitor.scope.reset_key(&shown);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// `POST /accounts/passwordreset/confirm/<id>/set-password/`
pub(crate) async fn set(
    visitor: Visitor,
    Path((id, key)): Path<(String, String)>,
    request: Request,
) -> Result {
    if !takes_passwords(&visitor) {
        return closed(&visitor).await;
    }
    let sent = Form::read(&visitor, request).await?;
    let (Some(id), Some(shown)) = (account_id(&id), visitor.reset_key.as_deref()) else {
        return visitor.page(&AccountNotice::RESET_INVALID);
    };
    if key != SET {
        return visitor.page(&AccountNotice::RESET_INVALID);
    }
    let (password, repeated) = new_password(&sent);
    let domain = &visitor.request.domain;
    match accounts::reset_password(domain, id, shown, password, repeated).await {
        Ok(true) => {
            let mut response = go("/accounts/passwordreset/complete/");
            let cookie = visitor.scope.no_reset_key();
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Ok(false) => visitor.page(&AccountNotice::RESET_INVALID),
        Err(error) => visitor.page(&refuse(AccountForm::set_password(), &sent, error)?),
    }
}

/// `GET /accounts/passwordreset/complete/`
pub(crate) async fn complete(visitor: Visitor) -> Result {
    if !takes_passwords(&visitor) {
        return closed(&visitor).await;
    }
    visitor.page(&AccountNotice::RESET_COMPLETE)
}

/// `GET /admin/password_change/`
pub(crate) async fn change_form(visitor: Visitor) -> Result {
    visitor.user()?;
    visitor.page(&AccountForm::change_password())
}

/// `POST /admin/password_change/`: the visitor stays logged in, under a new key.
pub(crate) async fn change(visitor: Visitor, request: Request) -> Result {
    visitor.user()?;
    let sent = Form::read(&visitor, request).await?;
    let old = sent.get("old_password").unwrap_or_default();
    let (password, repeated) = new_password(&sent);
    let mut ctx = visitor.request.begin().await?;
    match profile::change_password(&mut ctx, old, password, repeated).await {
        Ok(account) => {
            let key = session::create(&visitor.request.domain, &account).await?;
            let mut response: Response = go("/admin/password_change/done/");
            let change = SessionChange::Started(key);
            response.extensions_mut().insert(Changed(change));
            Ok(response)
        }
        Err(error) => visitor.page(&refuse(AccountForm::change_password(), &sent, error)?),
    }
}

/// `GET /admin/password_change/done/`
pub(crate) async fn changed(visitor: Visitor) -> Result {
    visitor.user()?;
    visitor.page(&AccountNotice::PASSWORD_CHANGED)
}

fn new_password(sent: &Form) -> (&str, &str) {
    let get = |name| sent.get(name).unwrap_or_default();
    (get("new_password1"), get("new_password2"))
}

/// The id in the address of a link, which is written as mails of the predecessor had it.
fn account_id(text: &str) -> Option<i32> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    super::id(std::str::from_utf8(&bytes).ok()?)
        .ok()
        .filter(|id| *id > 0)
}
