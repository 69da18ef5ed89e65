//! Everything a page knows about who asks and how: tenant, caller, language, form token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::{Caller, User};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use views::page::{Fragment, Page};
use views::{Brand, Chrome, Clock, Level, Message, NavigationItem, Theme, UserMenu};

use crate::cookies::{self, Scope};
use crate::csrf::{self, Secret};
use crate::error::{Error, Result};
use crate::flash::{self, Notice};
use crate::{App, language, next_page};

/// A request with everything that is known about it before its handler runs.
#[derive(Clone)]
pub(crate) struct Visitor(Arc<Known>);

/// The parts of a [`Visitor`].
pub(crate) struct Known {
    pub(crate) app: App,
    /// Tenant, caller and client, for the rules.
    pub(crate) request: domain::Request,
    /// Code of the language of the answer.
    pub(crate) language: String,
    /// Path and query.
    pub(crate) path: String,
    /// Where cookies of this request belong.
    pub(crate) scope: Scope,
    secret: Secret,
    is_secret_new: bool,
    theme: Theme,
    is_bare: bool,
    notice: Option<Notice>,
    /// Key of a link that sets a password, from its cookie.
    pub(crate) reset_key: Option<String>,
}

impl std::ops::Deref for Visitor {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.0
    }
}

impl Visitor {
    pub(crate) fn new(app: App, request: domain::Request, parts: &Parts) -> Self {
        let secret = app.csrf().secret_of(&parts.headers);
        let languages = app.views().translations().languages();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let query = parts.uri.query().unwrap_or_default();
        let is_bare = url::form_urlencoded::parse(query.as_bytes())
            .any(|(name, value)| name == "nonav" && !value.is_empty());
        Self(Arc::new(Known {
            language: language::choose(&parts.headers, &languages).to_owned(),
            path: path.to_owned(),
            scope: Scope::of(
                &request.host,
                app.settings().tenants_domain.as_deref(),
                request.secure,
            ),
            is_secret_new: secret.is_none(),
            secret: secret.unwrap_or_else(Secret::random),
            theme: Theme::from_cookie(cookies::find(&parts.headers, "theme")),
            is_bare,
            notice: flash::find(&app.csrf(), &parts.headers),
            reset_key: cookies::find(&parts.headers, cookies::RESET).map(str::to_owned),
            request,
            app,
        }))
    }

    /// The account of somebody who is logged in.
    pub(crate) fn user(&self) -> Result<&Arc<User>> {
        self.request.caller.user().ok_or(Error::LogIn)
    }

    /// A whole page.
    pub(crate) fn page<P: Page>(&self, page: &P) -> Result {
        self.page_with(StatusCode::OK, page)
    }

    /// A whole page with a status.
    pub(crate) fn page_with<P: Page>(&self, status: StatusCode, page: &P) -> Result {
        let mut chrome = self.chrome();
        let words = self.app.views().translations();
        let notices = self.notice.iter();
        chrome
            .messages
            .extend(notices.map(|notice| notice.message(words, &self.language)));
        let html = self.app.views().render(&chrome, page)?;
        let mut response = self.html(status, html);
        if self.notice.is_some() {
            let shown = self.scope.no_flash();
            response.headers_mut().append(header::SET_COOKIE, shown);
        }
        if self.is_secret_new {
            let cookie = self.scope.csrf(&self.app.csrf().cookie(self.secret));
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// A piece of a page.
    pub(crate) fn fragment<F: Fragment>(&self, fragment: &F) -> Result<String> {
        Ok(self.app.views().fragment(&self.chrome(), fragment)?)
    }

    /// An answer that is HTML.
    pub(crate) fn html(&self, status: StatusCode, html: String) -> Response {
        let language = HeaderValue::from_str(&self.language);
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
            html,
        )
            .into_response();
        if let Ok(language) = language {
            response
                .headers_mut()
                .insert(header::CONTENT_LANGUAGE, language);
        }
        response
    }

    /// Checks that a form, or a script, of our own pages sent the request.
    pub(crate) fn check_origin(&self, headers: &HeaderMap, field: Option<&str>) -> Result<()> {
        let header = headers
            .get(csrf::HEADER)
            .and_then(|value| value.to_str().ok());
        let token = field.or(header).unwrap_or_default();
        let same = csrf::is_same_origin(headers, &self.request.host, self.request.secure);
        if same && !self.is_secret_new && self.secret.accepts(token) {
            Ok(())
        } else {
            tracing::info!(
                event = "form_refused",
                same_origin = same,
                cookie = !self.is_secret_new,
                token = !token.is_empty(),
                "a form without a valid token was refused"
            );
            Err(Error::StaleForm)
        }
    }

    /// The frame of a page.
    pub(crate) fn chrome(&self) -> Chrome {
        let tenant = &self.request.tenant;
        let is_multi = *self.request.domain.tenancy().mode() != domain::tenancy::Mode::Single;
        let name = tenant
            .organization
            .as_deref()
            .filter(|name| !name.is_empty());
        let name = name.unwrap_or(&tenant.name);
        let name = if name.is_empty() {
            &tenant.schema
        } else {
            name
        };
        let user = self.request.caller.user();
        let (path, _) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut chrome = Chrome::visitor(self.language.clone(), domain::now());
        chrome.brand = Brand {
            tenant: is_multi.then(|| name.to_owned()),
            ..Brand::default()
        };
        chrome.user = user.map(|user| UserMenu::new(user.id, &user.username, ""));
        chrome.navigation = user
            .map(|_| NavigationItem::dashboard(path == "/"))
            .into_iter()
            .collect();
        if domain::tenants::expires_soon(&self.request.domain, tenant, &self.request.caller) {
            chrome.messages.push(Message {
                level: Level::Warning,
                text: "Tenant expires soon".to_owned(),
                link: None,
            });
        }
        chrome.csrf = self.secret.token();
        chrome.clock = Clock {
            now: domain::now(),
            zone: "UTC".to_owned(),
        };
        next_page::safe(&self.path).clone_into(&mut chrome.path);
        chrome.theme = self.theme;
        chrome.bare = self.is_bare;
        chrome.registration = self.request.domain.settings().registration;
        chrome.version = user.map(|_| self.request.domain.settings().version.clone());
        chrome
    }

    /// Whether somebody is logged in.
    pub(crate) fn is_logged_in(&self) -> bool {
        matches!(self.request.caller, Caller::User(_))
    }
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Error::Internal)
    }
}
