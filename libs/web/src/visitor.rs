//! Everything a page knows about who asks and how: tenant, caller, language, form token.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::{Caller, User, tracker_token};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use views::page::{Fragment, Page};
use views::{Brand, Chrome, Clock, Level, Message, NavigationItem, Theme, UserMenu};

use crate::cookies::{self, Scope};
use crate::csrf::Held;
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
    held: Held,
    theme: Theme,
    is_bare: bool,
    notice: Option<Notice>,
    /// Key of a link that sets a password, from its cookie.
    pub(crate) reset_key: Option<String>,
    /// What ties log-ins by providers to this browser, from its cookie.
    pub(crate) sign_in_key: Option<String>,
}

impl std::ops::Deref for Visitor {
    type Target = Known;

    fn deref(&self) -> &Known {
        &self.0
    }
}

impl Visitor {
    pub(crate) fn new(app: App, request: domain::Request, parts: &Parts) -> Self {
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
            held: Held::of(&app.csrf(), &parts.headers),
            theme: Theme::from_cookie(cookies::find(&parts.headers, "theme")),
            is_bare,
            notice: flash::find(&app.csrf(), &parts.headers),
            reset_key: cookies::find(&parts.headers, cookies::RESET).map(str::to_owned),
            sign_in_key: cookies::find(&parts.headers, cookies::SIGN_IN).map(str::to_owned),
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
        self.page_below(vec![], status, page)
    }

    /// A whole page below notices.
    pub(crate) fn page_below<P: Page>(
        &self,
        messages: Vec<Message>,
        status: StatusCode,
        page: &P,
    ) -> Result {
        let mut chrome = self.chrome();
        let words = self.app.views().translations();
        let notices = self.notice.iter();
        chrome
            .messages
            .extend(notices.map(|notice| notice.message(words, &self.language)));
        chrome.messages.extend(messages);
        let text = self.app.views().render(&chrome, page)?;
        let mut response = self.html(status, text);
        if self.notice.is_some() {
            let shown = self.scope.no_flash();
            response.headers_mut().append(header::SET_COOKIE, shown);
        }
        if let Some(cookie) = self.held.new_cookie(&self.app.csrf(), &self.scope) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// A piece of a page.
    pub(crate) fn fragment<F: Fragment>(&self, fragment: &F) -> Result<String> {
        Ok(self.app.views().fragment(&self.chrome(), fragment)?)
    }

    /// An answer that is HTML.
    pub(crate) fn html(&self, status: StatusCode, text: String) -> Response {
        html(status, &self.language, text)
    }

    /// Checks that a form, or a script, of our own pages sent the request.
    pub(crate) fn check_origin(&self, headers: &HeaderMap, field: Option<&str>) -> Result<()> {
        let Known { held, request, .. } = &**self;
        held.check(headers, &request.host, request.secure, field)
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
        let may = |permission| self.request.caller.may(permission);
        chrome.user = user.map(|user| UserMenu {
            tracker_tokens: may(tracker_token::VIEW) || may(tracker_token::CHANGE),
            runs_system: user.is_superuser && tenant.is_public() && self.app.inspection().is_some(),
            ..UserMenu::new(user.id, &user.username, "")
        });
        chrome.navigation = user
            .map(|_| NavigationItem::dashboard(path == "/"))
            .into_iter()
            .collect();
        if self.request.domain.settings().staging {
            chrome.messages.push(Message {
                level: Level::Info,
                text: self.words("notice-staging"),
                link: None,
            });
        }
        if domain::tenants::expires_soon(&self.request.domain, tenant, &self.request.caller) {
            chrome.messages.push(Message {
                level: Level::Warning,
                text: self.words("notice-expires"),
                link: None,
            });
        }
        chrome.debug = self.app.settings().debugging.is_some();
        chrome.csrf = self.held.token();
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

    /// Words in the visitor's language.
    pub(crate) fn words(&self, key: &str) -> String {
        self.app.views().words(&self.language, key, &[])
    }

    /// Words about a number of things, in the visitor's language.
    pub(crate) fn count(&self, key: &str, count: i64) -> String {
        self.app
            .views()
            .words(&self.language, key, &[("count", count)])
    }

    /// Whether somebody is logged in.
    pub(crate) fn is_logged_in(&self) -> bool {
        matches!(self.request.caller, Caller::User(_))
    }
}

/// An answer that is HTML.
pub(crate) fn html(status: StatusCode, language: &str, text: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (status, kind, text).into_response();
    if let Ok(language) = HeaderValue::from_str(language) {
        response
            .headers_mut()
            .insert(header::CONTENT_LANGUAGE, language);
    }
    response
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
