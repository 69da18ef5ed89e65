//! Logging in and out; what else concerns accounts is in the files of this folder.

pub(crate) mod captcha;
pub(crate) mod email;
pub(crate) mod password;
pub(crate) mod profile;
pub(crate) mod recovery;
pub(crate) mod register;
pub(crate) mod social;

use axum::extract::{OriginalUri, Request, State};
use axum::response::{IntoResponse, Response};
use domain::SessionChange;
use http::{StatusCode, header};
use views::page::{AccountForm, LoginPage};

use super::id;
use crate::error::{Error, Result};
use crate::failures::see;
use crate::form::Form;
use crate::metrics::{LogIn, Outcome};
use crate::session::Changed;
use crate::visitor::Visitor;
use crate::{App, next_page};

/// `GET /accounts/login/`
pub(crate) async fn login_form(visitor: Visitor, OriginalUri(uri): OriginalUri) -> Result {
    let query = uri.query().unwrap_or_default();
    let next = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next");
    let next = next
        .map(|(_, value)| next_page::safe(&value).to_owned())
        .unwrap_or_default();
    visitor.page(&login_page(&visitor, next).await?)
}

/// `POST /accounts/login/`
pub(crate) async fn log_in(State(app): State<App>, visitor: Visitor, request: Request) -> Result {
    if !takes_passwords(&visitor) {
        return closed(&visitor).await;
    }
    let form = match Form::read(&visitor, request).await {
        Ok(form) => form,
        Err(Error::StaleForm) => {
            let errors = vec![LoginPage::EXPIRED];
            let page = LoginPage {
                errors,
                ..login_page(&visitor, String::new()).await?
            };
            return visitor.page_with(StatusCode::FORBIDDEN, &page);
        }
        Err(error) => return Err(error),
    };
    let username = form.get("username").unwrap_or_default();
    let password = form.get("password").unwrap_or_default();
    let next = next_page::safe(form.get("next").unwrap_or_default());
    let typed = form.get("next").map(|_| next.to_owned());
    let page = login_page(&visitor, typed.unwrap_or_default()).await?;
    let again = |error: &'static str, retry_after: u64| LoginPage {
        username: username.chars().take(150).collect(),
        errors: vec![error],
        retry_after,
        ..page.clone()
    };
    if username.is_empty() || password.is_empty() {
        return visitor.page(&again(LoginPage::MISSING, 0));
    }
    let asked = &visitor.request;
    let outcome = domain::session::log_in(
        &asked.domain,
        &asked.tenant,
        asked.session.as_deref(),
        username,
        password,
        asked.client,
    )
    .await;
    let count = |outcome| {
        app.metrics()
            .log_ins
            .get_or_create(&LogIn { outcome })
            .inc()
    };
    match outcome {
        Ok(logged_in) => {
            count(Outcome::Success);
            let mut response = see(StatusCode::FOUND, next);
            let change = SessionChange::Started(logged_in.key);
            response.extensions_mut().insert(Changed(change));
            Ok(response)
        }
        Err(domain::Error::Refused(_) | domain::Error::Type(_) | domain::Error::Invalid(_)) => {
            count(Outcome::Wrong);
            visitor.page(&again(LoginPage::WRONG, 0))
        }
        Err(domain::Error::Throttled(time)) => {
            count(Outcome::Throttled);
            let seconds = time.as_secs().max(1);
            let page = again(LoginPage::THROTTLED, seconds);
            let mut response = visitor.page_with(StatusCode::TOO_MANY_REQUESTS, &page)?;
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// The page with all ways in, which lead to `next` afterwards.
async fn login_page(visitor: &Visitor, next: String) -> Result<LoginPage> {
    Ok(LoginPage {
        providers: social::links(visitor, &next).await?,
        closed: !takes_passwords(visitor),
        next,
        ..LoginPage::default()
    })
}

/// True unless nobody logs in with a password.
fn takes_passwords(visitor: &Visitor) -> bool {
    visitor.request.domain.settings().password_login
}

/// The answer to whoever comes with a password, or has forgotten one, where passwords let nobody in.
async fn closed(visitor: &Visitor) -> Result {
    let page = login_page(visitor, String::new()).await?;
    visitor.page_with(StatusCode::FORBIDDEN, &page)
}

/// `POST /accounts/logout/`
pub(crate) async fn log_out(visitor: Visitor, request: Request) -> Result {
    Form::read(&visitor, request).await?;
    if let Some(key) = &visitor.request.session {
        domain::session::end(&visitor.request.domain, key).await?;
    }
    let mut response: Response = see(StatusCode::FOUND, "/accounts/login/").into_response();
    response
        .extensions_mut()
        .insert(Changed(SessionChange::Ended));
    Ok(response)
}

/// The form again, with what was typed and what is wrong; other faults stay faults.
fn refuse(form: AccountForm, sent: &Form, error: domain::Error) -> Result<AccountForm> {
    match error {
        domain::Error::Invalid(errors) => {
            let typed = |name: &str| sent.get(name).map(str::to_owned);
            Ok(form.refused(typed, &errors.0))
        }
        other => Err(other.into()),
    }
}

/// Sends the browser to another page of ours.
fn go(address: &str) -> Response {
    see(StatusCode::FOUND, address)
}
