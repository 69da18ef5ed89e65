//! Another e-mail address for an account.

use axum::extract::{Path, Request};
use domain::accounts::{self, Account};
use domain::profile;
use views::page::{AccountForm, EmailPage};

use super::{go, refuse};
use crate::error::Result;
use crate::flash::{self, Notice};
use crate::form::Form;
use crate::visitor::Visitor;

/// `GET /accounts/<id>/reset-user-email/`
pub(crate) async fn form(visitor: Visitor, Path(id): Path<String>) -> Result {
    visitor.user()?;
    let mut ctx = visitor.request.begin_read().await?;
    let account = profile::account_for_address(&mut ctx, super::id(&id)?).await?;
    visitor.page(&EmailPage(empty(&visitor, &account)?))
}

/// `POST /accounts/<id>/reset-user-email/`
pub(crate) async fn send(visitor: Visitor, Path(id): Path<String>, request: Request) -> Result {
    visitor.user()?;
    let sent = Form::read(&visitor, request).await?;
    let mut ctx = visitor.request.begin().await?;
    let account = profile::account_for_address(&mut ctx, super::id(&id)?).await?;
    let get = |name| sent.get(name).unwrap_or_default().trim();
    let (email, repeated) = (get("email_1"), get("email_2"));
    match accounts::ask_for_address(&mut ctx, &account, email, repeated).await {
        Ok(()) => {
            let notice = Notice::about("flash-email-sent", email);
            Ok(flash::leave(&visitor, go("/"), &notice))
        }
        Err(error) => {
            let form = refuse(empty(&visitor, &account)?, &sent, error)?;
            visitor.page(&EmailPage(form))
        }
    }
}

fn empty(visitor: &Visitor, account: &Account) -> Result<AccountForm> {
    let is_own = visitor.user()?.id == account.id;
    let other = (!is_own).then(|| account.username.clone());
    Ok(AccountForm::change_email(other))
}
