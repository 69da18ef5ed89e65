//! `/admin/trackers_integration/apitoken/`: what somebody shows to issue trackers.

use axum::extract::{Path, Request};
use axum::response::Response;
use domain::FieldErrors;
use domain::tracker_token::{self, ADD, CHANGE, DELETE, Entered, TrackerToken};
use entity::Id;
use http::StatusCode;
use views::page::{
    Errors, TrackerTokenDeletePage, TrackerTokenListPage, TrackerTokenPage, TrackerTokenRow,
};

use super::id;
use crate::error::{Error, Result};
use crate::failures::see;
use crate::flash::{self, Notice};
use crate::form::Form;
use crate::visitor::Visitor;

/// The list.
const PATH: &str = "/admin/trackers_integration/apitoken/";

/// `GET /admin/trackers_integration/apitoken/`
pub(crate) async fn list(visitor: Visitor) -> Result {
    let owner = visitor.user()?.username.clone();
    let tokens = tracker_token::list(&visitor.request).await?;
    let caller = &visitor.request.caller;
    visitor.page(&TrackerTokenListPage {
        owner,
        tokens: tokens.into_iter().map(row).collect(),
        may_add: caller.may(ADD),
        may_change: caller.may(CHANGE),
        may_delete: caller.may(DELETE),
    })
}

/// `GET /admin/trackers_integration/apitoken/add/`
pub(crate) async fn add_form(visitor: Visitor) -> Result {
    allow(&visitor, ADD)?;
    let page = to_add(&visitor, &Entered::default(), &[]).await?;
    visitor.page(&page)
}

/// `POST /admin/trackers_integration/apitoken/add/`
pub(crate) async fn add(visitor: Visitor, request: Request) -> Result {
    allow(&visitor, ADD)?;
    let entered = entered(&Form::read(&visitor, request).await?);
    match tracker_token::add(&visitor.request, &entered).await {
        Ok(_) => Ok(done(
            &visitor,
            "flash-tracker-token-added",
            &entered.base_url,
        )),
        Err(domain::Error::Invalid(FieldErrors(errors))) => {
            let page = to_add(&visitor, &entered, &errors).await?;
            visitor.page_with(StatusCode::BAD_REQUEST, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /admin/trackers_integration/apitoken/<id>/change/`
pub(crate) async fn show(visitor: Visitor, Path(token): Path<String>) -> Result {
    visitor.user()?;
    let token = tracker_token::find(&visitor.request, id(&token)?, CHANGE).await?;
    let stored = Entered {
        base_url: token.base_url.clone(),
        api_username: token.api_username.clone(),
        api_password: String::new(),
    };
    let page = to_change(&visitor, &token, &stored, &[]).await?;
    visitor.page(&page)
}

/// `POST /admin/trackers_integration/apitoken/<id>/change/`
pub(crate) async fn save(visitor: Visitor, Path(token): Path<String>, request: Request) -> Result {
    visitor.user()?;
    let id = id(&token)?;
    let entered = entered(&Form::read(&visitor, request).await?);
    match tracker_token::change(&visitor.request, id, &entered).await {
        Ok(()) => Ok(done(
            &visitor,
            "flash-tracker-token-changed",
            &entered.base_url,
        )),
        Err(domain::Error::Invalid(FieldErrors(errors))) => {
            let token = tracker_token::find(&visitor.request, id, CHANGE).await?;
            let page = to_change(&visitor, &token, &entered, &errors).await?;
            visitor.page_with(StatusCode::BAD_REQUEST, &page)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /admin/trackers_integration/apitoken/<id>/delete/`
pub(crate) async fn ask(visitor: Visitor, Path(token): Path<String>) -> Result {
    visitor.user()?;
    let token = tracker_token::find(&visitor.request, id(&token)?, DELETE).await?;
    visitor.page(&TrackerTokenDeletePage {
        id: token.id,
        base_url: token.base_url,
    })
}

/// `POST /admin/trackers_integration/apitoken/<id>/delete/`
pub(crate) async fn delete(
    visitor: Visitor,
    Path(token): Path<String>,
    request: Request,
) -> Result {
    visitor.user()?;
    let id: Id = id(&token)?;
    Form::read(&visitor, request).await?;
    let token = tracker_token::find(&visitor.request, id, DELETE).await?;
    tracker_token::delete(&visitor.request, id).await?;
    Ok(done(
        &visitor,
        "flash-tracker-token-deleted",
        &token.base_url,
    ))
}

fn allow(visitor: &Visitor, permission: &'static str) -> Result<()> {
    visitor.user()?;
    if visitor.request.caller.may(permission) {
        Ok(())
    } else {
        Err(Error::Forbidden(permission))
    }
}

fn row(token: TrackerToken) -> TrackerTokenRow {
    TrackerTokenRow {
        id: token.id,
        base_url: token.base_url,
        api_username: token.api_username,
    }
}

fn entered(form: &Form) -> Entered {
    let field = |name: &str| form.get(name).unwrap_or_default().to_owned();
    Entered {
        base_url: field("base_url"),
        api_username: field("api_username").trim().to_owned(),
        api_password: field("api_password").trim().to_owned(),
    }
}

async fn to_add(visitor: &Visitor, typed: &Entered, errors: &Errors) -> Result<TrackerTokenPage> {
    let urls = tracker_token::base_urls(&visitor.request).await?;
    if urls.is_empty() {
        return Ok(TrackerTokenPage::without_tracker());
    }
    let (url, username) = (&typed.base_url, &typed.api_username);
    Ok(TrackerTokenPage::add(urls, url, username, errors))
}

async fn to_change(
    visitor: &Visitor,
    token: &TrackerToken,
    typed: &Entered,
    errors: &Errors,
) -> Result<TrackerTokenPage> {
    let mut urls = tracker_token::base_urls(&visitor.request).await?;
    if !urls.contains(&token.base_url) {
        urls.insert(0, token.base_url.clone());
    }
    let (url, username) = (&typed.base_url, &typed.api_username);
    let page = TrackerTokenPage::change(token.id, urls, url, username, errors);
    Ok(page.deletable(visitor.request.caller.may(DELETE)))
}

fn done(visitor: &Visitor, key: &str, base_url: &str) -> Response {
    let notice = Notice::about(key, base_url);
    flash::leave(visitor, see(StatusCode::FOUND, PATH), &notice)
}
