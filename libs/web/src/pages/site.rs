//! `/admin/sites/site/`: under which domain links lead here.

use axum::extract::{OriginalUri, Path, Request};
use domain::site::{self, Site};
use http::StatusCode;
use views::page::{Errors, SiteListPage, SiteNotice, SitePage};

use crate::error::{Error, Result};
use crate::failures::see;
use crate::form::Form;
use crate::visitor::Visitor;

/// The one record.
pub(super) const PATH: &str = "/admin/sites/site/1/";

/// `GET /admin/sites/site/`
pub(crate) async fn list(visitor: Visitor) -> Result {
    let site = read(&visitor).await?;
    visitor.page(&SiteListPage {
        domain: site.domain,
        name: site.name,
    })
}

/// `GET /admin/sites/site/1/`
pub(crate) async fn show(
    visitor: Visitor,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
) -> Result {
    only_one(&id)?;
    let site = read(&visitor).await?;
    let notice = match uri.query() {
        Some("saved") => SiteNotice::Saved,
        _ if !site.is_set() => SiteNotice::Unset,
        _ => SiteNotice::None,
    };
    visitor.page(&page(&visitor, &site, &[]).noting(notice))
}

/// `POST /admin/sites/site/1/`
pub(crate) async fn save(visitor: Visitor, Path(id): Path<String>, request: Request) -> Result {
    only_one(&id)?;
    visitor.user()?;
    let form = Form::read(&visitor, request).await?;
    let field = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
    let site = Site {
        domain: field("domain"),
        name: field("name"),
    };
    match site::change(&visitor.request, &site).await {
        Ok(()) => Ok(see(StatusCode::FOUND, &format!("{PATH}?saved"))),
        Err(domain::Error::Invalid(errors)) => {
            visitor.page_with(StatusCode::BAD_REQUEST, &page(&visitor, &site, &errors.0))
        }
        Err(error) => Err(error.into()),
    }
}

/// `/admin/sites/site/add/` and `…/1/delete/`: there is always exactly one.
pub(crate) async fn the_one() -> Result {
    Ok(see(StatusCode::FOUND, PATH))
}

fn only_one(id: &str) -> Result<()> {
    if id == "1" {
        Ok(())
    } else {
        Err(Error::NotFound)
    }
}

async fn read(visitor: &Visitor) -> Result<Site> {
    visitor.user()?;
    let mut ctx = visitor.request.begin_read().await?;
    let site = site::show(&mut ctx).await?;
    ctx.commit().await?;
    Ok(site)
}

fn page(visitor: &Visitor, site: &Site, errors: &Errors) -> SitePage {
    let may_change = visitor.request.caller.may(site::CHANGE);
    SitePage::new(&site.domain, &site.name, may_change, errors)
}
