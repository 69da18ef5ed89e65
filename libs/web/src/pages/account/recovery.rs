//! `/accounts/recovery/`: where the link of `kiwi createsuperuser --recovery` leads.

use axum::extract::{OriginalUri, Request};
use domain::SessionChange;
use domain::accounts::recovery;
use http::StatusCode;
use views::page::RecoveryPage;

use super::go;
use crate::error::Result;
use crate::form::Form;
use crate::session::Changed;
use crate::visitor::Visitor;

/// `GET`: asks once more, because programs that look at links would use it up.
pub(crate) async fn form(visitor: Visitor, OriginalUri(uri): OriginalUri) -> Result {
    let query = uri.query().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let key = pairs.find_map(|(name, value)| (name == "key").then(|| value.into_owned()));
    let key = key.unwrap_or_default();
    visitor.page(&RecoveryPage { key })
}

/// `POST`: lets in.
pub(crate) async fn enter(visitor: Visitor, request: Request) -> Result {
    let form = Form::read(&visitor, request).await?;
    let asked = &visitor.request;
    let key = form.get("key").unwrap_or_default();
    let Some(session) = recovery::recover(&asked.domain, &asked.tenant, key).await? else {
        let wrong = RecoveryPage { key: String::new() };
        return visitor.page_with(StatusCode::FORBIDDEN, &wrong);
    };
    if let Some(key) = &asked.session {
        domain::session::end(&asked.domain, key).await?;
    }
    let mut response = go("/");
    let change = SessionChange::Started(session);
    response.extensions_mut().insert(Changed(change));
    Ok(response)
}
