//! Who asks: from the session cookie to an account, and back to cookies when that changes.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::tenancy::Tenant;
use domain::{Caller, Domain, SessionChange};
use http::request::Parts;
use http::{HeaderMap, Method, header};
use tracing::Span;

use crate::connection::{self, Connection, RequestId};
use crate::cookies::{self, Scope};
use crate::error::{Error, Failure};
use crate::visitor::Visitor;
use crate::{App, csrf, failures, layers};

/// The change of a session that an answer brings; handlers put it into their answer.
#[derive(Clone)]
pub(crate) struct Changed(pub(crate) SessionChange);

/// Marks the answer to somebody with an account.
#[derive(Clone, Copy)]
pub(crate) struct LoggedIn;

/// Finds out who asks, lets in who may enter, and sets cookies when the session changed.
pub(crate) async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let (Some(tenant), Some(domain)) = (
        parts.extensions.get::<Arc<Tenant>>().cloned(),
        parts.extensions.get::<Domain>().cloned(),
    ) else {
        return Error::Internal.into_response();
    };
    let connection = parts.extensions.get::<Connection>().copied();
    let client = connection.map(|connection| connection.peer.ip().to_canonical());
    let token = bearer(&parts);
    // whoever shows a token is not who the cookie says
    let cookie = cookies::find(&parts.headers, cookies::SESSION).filter(|_| token.is_none());
    let cookie = cookie.map(str::to_owned);
    let key = cookie.clone().filter(|key| is_key(key));
    let mut read_only = false;
    let caller = match (token, &key) {
        (Some(token), _) => match domain::token::user(&domain, &tenant, token, client).await {
            Ok(Some(shown)) => {
                read_only = shown.read_only;
                Caller::User(shown.user)
            }
            Ok(None) => return Error::WrongToken.into_response(),
            Err(error) => return Error::from(error).into_response(),
        },
        (None, Some(key)) => match domain::session::caller(&domain, &tenant, key).await {
            Ok(caller) => caller,
            Err(error) => return Error::from(error).into_response(),
        },
        (None, None) => Caller::Anonymous,
    };
    // an unknown key is not an error, but the client should forget it
    let is_stale = cookie.is_some() && matches!(caller, Caller::Anonymous);
    if let Some(id) = caller.id() {
        Span::current().record("user_id", id);
    }
    if matches!(caller, Caller::Anonymous)
        && let Some(connection) = connection
        && let Err(refused) = app.rates().check_errors(connection.peer.ip())
    {
        return refused.into_response();
    }
    let request_id = parts.extensions.get::<RequestId>().map(|id| id.0.clone());
    let asked = domain::Request {
        session: key.filter(|_| !matches!(caller, Caller::Anonymous)),
        session_change: None,
        log_ins: connection
            .filter(|_| failures::protocol(parts.uri.path()).is_some())
            .and_then(|connection| app.rates().log_ins(connection.peer.ip())),
        read_only,
        client,
        request_id: request_id.unwrap_or_default(),
        secure: connection.is_some_and(|connection| connection.secure),
        host: connection::host(&parts).unwrap_or_default().to_owned(),
        domain,
        tenant,
        caller,
    };
    let visitor = Visitor::new(app.clone(), asked, &parts);
    let mut response = match admit(&visitor, &parts.method, parts.uri.path()) {
        Ok(()) => {
            parts.extensions.insert(visitor.clone());
            // here, so that the page about a defect knows who sees it
            let answered = layers::caught(&app, next.run(Request::from_parts(parts, body)));
            answered.await.unwrap_or_else(IntoResponse::into_response)
        }
        Err(error) => error.into_response(),
    };
    match response.extensions_mut().remove::<Changed>() {
        Some(Changed(change)) => set_cookies(&app, &visitor, &change, response.headers_mut()),
        None if is_stale => {
            response
                .headers_mut()
                .append(header::SET_COOKIE, visitor.scope.no_session());
        }
        None => {}
    }
    if visitor.is_logged_in() {
        response.extensions_mut().insert(LoggedIn);
    }
    if response.extensions().get::<Failure>().is_some() {
        response.extensions_mut().insert(visitor);
    }
    response
}

/// The token that a call of the API shows; pages know sessions only.
fn bearer(parts: &Parts) -> Option<&str> {
    failures::protocol(parts.uri.path())?;
    let shown = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = shown.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// Pages that belong to the account, whatever the tenant: links in mails lead there.
const OF_THE_ACCOUNT: [&str; 3] = [
    "/accounts/confirm/",
    "/accounts/passwordreset/",
    "/captcha/",
];

/// Whether somebody may enter this tenant, and the tenant is served; everybody may log out.
fn admit(visitor: &Visitor, method: &Method, path: &str) -> Result<(), Error> {
    let asked = &visitor.request;
    let is_leaving = method == Method::POST && path == "/accounts/logout/";
    if is_leaving || OF_THE_ACCOUNT.iter().any(|place| path.starts_with(place)) {
        return Ok(());
    }
    if !domain::permissions::may_enter(&asked.tenant, &asked.caller) {
        return Err(Error::NotAMember);
    }
    if domain::tenants::is_unpaid(&asked.domain, &asked.tenant) {
        return Err(Error::Unpaid);
    }
    Ok(())
}

fn set_cookies(app: &App, visitor: &Visitor, change: &SessionChange, headers: &mut HeaderMap) {
    let scope: &Scope = &visitor.scope;
    match change {
        SessionChange::Started(key) => {
            let age = visitor.request.domain.settings().session_age;
            headers.append(header::SET_COOKIE, scope.session(key, age));
            // a new secret, so that one planted before the log-in is worth nothing
            let secret = app.csrf().cookie(csrf::Secret::random());
            headers.append(header::SET_COOKIE, scope.csrf(&secret));
        }
        SessionChange::Ended => {
            headers.append(header::SET_COOKIE, scope.no_session());
        }
    }
}

/// Whether a text can be the key of a session.
fn is_key(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}
