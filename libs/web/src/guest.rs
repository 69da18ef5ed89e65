//! Somebody of whom no account and no tenant is known, because there are none yet.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use views::page::Page;
use views::{Chrome, Theme};

use crate::connection::{self, Connection};
use crate::cookies::{self, Scope};
use crate::csrf::Held;
use crate::error::{Error, Result};
use crate::visitor::html;
use crate::{App, language};

/// A request before there is a tenant.
pub(crate) struct Guest {
    app: App,
    host: String,
    secure: bool,
    scope: Scope,
    language: String,
    path: String,
    theme: Theme,
    held: Held,
}

impl Guest {
    /// A whole page.
    pub(crate) fn page<P: Page>(&self, page: &P) -> Result {
        self.page_with(StatusCode::OK, page)
    }

    /// A whole page with a status.
    pub(crate) fn page_with<P: Page>(&self, status: StatusCode, page: &P) -> Result {
        let mut chrome = Chrome::visitor(self.language.clone(), domain::now());
        chrome.csrf = self.held.token();
        chrome.theme = self.theme;
        chrome.path.clone_from(&self.path);
        let text = self.app.views().render(&chrome, page)?;
        let mut response = html(status, &self.language, text);
        if let Some(cookie) = self.held.new_cookie(&self.app.csrf(), &self.scope) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// Checks that a form of our own pages sent the request.
    pub(crate) fn check_origin(&self, headers: &HeaderMap, field: Option<&str>) -> Result<()> {
        self.held.check(headers, &self.host, self.secure, field)
    }
}

impl FromRequestParts<App> for Guest {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let host = connection::host(parts)
            .map_err(|()| Error::BadRequest("the request names more than one host".to_owned()))?;
        let connection = parts.extensions.get::<Connection>();
        let secure = connection.is_some_and(|connection| connection.secure);
        let languages = app.views().translations().languages();
        Ok(Self {
            app: app.clone(),
            host: host.to_owned(),
            secure,
            scope: Scope::of(host, app.settings().tenants_domain.as_deref(), secure),
            language: language::choose(&parts.headers, &languages).to_owned(),
            path: parts.uri.path().to_owned(),
            theme: Theme::from_cookie(cookies::find(&parts.headers, "theme")),
            held: Held::of(&app.csrf(), &parts.headers),
        })
    }
}
