//! Tells failures in the format of the request: a page, an RPC error, or JSON for our scripts.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::group::Group;
use domain::query::{self, Selection};
use entity::{Cell, Map};
use http::uri::Authority;
use http::{HeaderValue, Method, StatusCode, Uri, header};
use rpc::{Fault, Protocol};
use views::page::{DatabasePage, Details, ErrorPage, Page, Refusal};
use views::{Chrome, Theme};

use crate::connection::RequestId;
use crate::error::{Error, Failure};
use crate::pages::setup;
use crate::rates::Refused;
use crate::visitor::Visitor;
use crate::{App, cookies, debug, language, next_page};

/// What a failed request was, as far as its answer depends on it.
struct Asked {
    method: Method,
    path: String,
    path_and_query: String,
    language: String,
    request_id: String,
    wants_json: bool,
    back: Option<String>,
    theme: Theme,
}

/// Replaces the empty answers that failures leave behind.
pub(crate) async fn tell(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let asked = Asked {
        method: request.method().clone(),
        path: request.uri().path().to_owned(),
        path_and_query: request
            .uri()
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        language: language::choose(headers, &app.views().translations().languages()).to_owned(),
        request_id: request
            .extensions()
            .get::<RequestId>()
            .map(|id| id.0.clone())
            .unwrap_or_default(),
        back: back(&request),
        theme: Theme::from_cookie(cookies::find(headers, "theme")),
        wants_json: match accept {
            Some(accept) if accept.starts_with("application/json") => true,
            // forms of browsers without scripts ask for a page
            Some(accept) if accept.starts_with("text/html") => false,
            _ => request.uri().path().starts_with("/ui/"),
        },
    };
    let (parts, body) = request.into_parts();
    let route = parts.extensions.get::<MatchedPath>();
    let inside = debug::Asked::of(&app, &parts, route.map(MatchedPath::as_str));
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let failure = response
        .extensions_mut()
        .remove::<Failure>()
        .or_else(|| routing(&response));
    let Some(Failure(error)) = failure else {
        return response;
    };
    let visitor = response.extensions_mut().remove::<Visitor>();
    let groups = match (&*error, &visitor) {
        (Error::Forbidden(_), Some(visitor)) => groups_of(visitor).await,
        _ => Vec::new(),
    };
    let refused = response.extensions_mut().remove::<Refused>();
    let details = inside.and_then(|inside| inside.details(&app, visitor.as_ref()));
    let told = answer(&app, &asked, &error, visitor.as_ref(), groups, details);
    // cookies and hints of the first answer stay
    let (mut parts, body) = told.into_parts();
    if let Some(refused) = refused {
        parts.extensions.insert(refused);
    }
    for (name, value) in response.headers() {
        if name == header::SET_COOKIE {
            parts.headers.append(name, value.clone());
        } else if matches!(*name, header::RETRY_AFTER | header::ALLOW) {
            parts.headers.insert(name, value.clone());
        }
    }
    Response::from_parts(parts, body)
}

/// The page of ours that led to this one.
fn back(request: &Request) -> Option<String> {
    let (here, headers) = (request.uri(), request.headers());
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let from: Uri = text(header::REFERER)?.parse().ok()?;
    let host = here.authority().map(Authority::as_str);
    let host = host.or_else(|| text(header::HOST))?;
    let path = from.path_and_query()?;
    let is_ours = from.authority()?.as_str().eq_ignore_ascii_case(host);
    let leads_back = next_page::safe(path.as_str()) == path.as_str();
    // a form that was sent can be looked at again, a page that failed cannot
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_here = is_read && here.path_and_query() == Some(path);
    (is_ours && leads_back && !is_here).then(|| path.as_str().to_owned())
}

/// The failure of a request that no handler took.
fn routing(response: &Response) -> Option<Failure> {
    let is_ours = response.headers().contains_key(header::CONTENT_TYPE);
    let error = match response.status() {
        StatusCode::METHOD_NOT_ALLOWED if !is_ours => {
            Error::MethodNotAllowed(response.headers().get(header::ALLOW).cloned())
        }
        _ => return None,
    };
    Some(Failure(Arc::new(error)))
}

/// Names of the groups of somebody who was refused; none when they cannot be read.
async fn groups_of(visitor: &Visitor) -> Vec<String> {
    const NAMES: Selection = Selection {
        columns: &["name"],
        distinct: true,
        order: &["name"],
    };
    let Some(id) = visitor.request.caller.id() else {
        return Vec::new();
    };
    let read = async {
        let mut ctx = visitor.request.begin_read().await?;
        let mine = Map::from_iter([("user".into(), id.into())]);
        let names = query::select::<Group>(&mut ctx, &mine, &NAMES).await?;
        ctx.commit().await?;
        Ok::<_, domain::Error>(names)
    };
    let names = read.await.unwrap_or_default();
    let texts = names.cells().filter_map(Cell::as_text);
    texts.map(str::to_owned).collect()
}

fn answer(
    app: &App,
    asked: &Asked,
    error: &Error,
    visitor: Option<&Visitor>,
    groups: Vec<String>,
    details: Option<Details>,
) -> Response {
    if let Some(protocol) = protocol(&asked.path) {
        return rpc_answer(protocol, error);
    }
    let is_visitor = visitor.is_some_and(|visitor| !visitor.is_logged_in());
    let error = match error {
        // a log-in may bring the permission
        Error::Forbidden(_) if is_visitor => &Error::LogIn,
        error => error,
    };
    if asked.wants_json {
        return json_answer(asked, error);
    }
    let is_read = matches!(asked.method, Method::GET | Method::HEAD);
    if matches!(error, Error::LogIn) && is_visitor {
        let next = if is_read {
            asked.path_and_query.as_str()
        } else {
            "/"
        };
        return see(StatusCode::FOUND, &next_page::login(next));
    }
    if matches!(error, Error::NotSetUp) {
        return see(StatusCode::FOUND, setup::PATH);
    }
    page(app, asked, error, visitor, groups, details)
        .unwrap_or_else(|_| bare(error, &asked.request_id))
}

fn page(
    app: &App,
    asked: &Asked,
    error: &Error,
    visitor: Option<&Visitor>,
    groups: Vec<String>,
    details: Option<Details>,
) -> Result<Response, Error> {
    let id = asked.request_id.as_str();
    let status = error.status();
    if matches!(error, Error::NotMigrated) {
        return render(app, asked, status, visitor, &DatabasePage::default());
    }
    let mut page = match error {
        Error::Forbidden(permission) => {
            let refusal = Refusal {
                permission: (*permission).to_owned(),
                groups,
                next: next_page::safe(&asked.path_and_query).to_owned(),
            };
            ErrorPage::forbidden(id, refusal)
        }
        Error::StaleForm => ErrorPage::stale_form(id),
        Error::UnknownHost => ErrorPage::unknown_host(id),
        Error::NotAMember => ErrorPage::not_a_member(id),
        Error::Maintenance(_) => ErrorPage::maintenance(id),
        Error::Unpaid => ErrorPage::unpaid(id),
        _ => ErrorPage::new(status.as_u16(), id),
    };
    page.retry_after = error.retry_after();
    page.back.clone_from(&asked.back);
    page.details = details;
    render(app, asked, status, visitor, &page)
}

fn render<P: Page>(
    app: &App,
    asked: &Asked,
    status: StatusCode,
    visitor: Option<&Visitor>,
    page: &P,
) -> Result<Response, Error> {
    if let Some(visitor) = visitor {
        return visitor.page_with(status, page);
    }
    let chrome = Chrome {
        theme: asked.theme,
        identified: false,
        debug: app.settings().debugging.is_some(),
        path: next_page::safe(&asked.path_and_query).to_owned(),
        ..Chrome::visitor(asked.language.clone(), domain::now())
    };
    let html = app.views().render(&chrome, page)?;
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    Ok((status, kind, html).into_response())
}

/// A page that needs nothing, for when pages themselves fail.
pub(crate) fn bare(error: &Error, request_id: &str) -> Response {
    let status = error.status();
    let reason = status.canonical_reason().unwrap_or("Error");
    let title = format!("{reason} ({})", status.as_u16());
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         </head><body><h1>{title}</h1><p>{request_id}</p></body></html>\n"
    );
    (
        status,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        html,
    )
        .into_response()
}

/// The wire format of a path.
pub(crate) fn protocol(path: &str) -> Option<Protocol> {
    if path == "/json-rpc/" {
        Some(Protocol::Json)
    } else if path.starts_with("/xml-rpc/") {
        Some(Protocol::Xml)
    } else {
        None
    }
}

fn rpc_answer(protocol: Protocol, error: &Error) -> Response {
    let (status, code) = match error {
        // clients and their libraries know this page, not a fault
        Error::TooLarge | Error::BadRequest(_) => {
            return bare(&Error::BadRequest(String::new()), "");
        }
        Error::WrongToken => (StatusCode::UNAUTHORIZED, Fault::ACCESS),
        Error::NotAMember | Error::Unpaid => (StatusCode::FORBIDDEN, Fault::ACCESS),
        Error::NotFound => return bare(error, ""),
        Error::UnknownHost => (StatusCode::NOT_FOUND, Fault::REQUEST),
        Error::OtherSite => (StatusCode::FORBIDDEN, Fault::REQUEST),
        Error::TimedOut => (StatusCode::OK, Fault::INTERNAL),
        other => (other.status(), Fault::INTERNAL),
    };
    let message = match (code, error) {
        (Fault::INTERNAL, _) => format!("Internal error: {}", error.text()),
        (_, error) => error.text(),
    };
    let fault = Fault {
        code,
        message,
        unavailable: false,
    };
    let mut body = String::new();
    match protocol {
        Protocol::Json => rpc::json::write_fault(&mut body, &rpc::json::Id::Null, &fault),
        Protocol::Xml => rpc::xml::write_fault(&mut body, &fault),
    }
    (
        status,
        [(header::CONTENT_TYPE, protocol.content_type())],
        body,
    )
        .into_response()
}

fn json_answer(asked: &Asked, error: &Error) -> Response {
    let fields: serde_json::Map<String, serde_json::Value> = match error {
        Error::Invalid(errors) => errors
            .0
            .iter()
            .map(|(name, messages)| (name.clone(), messages.clone().into()))
            .collect(),
        _ => serde_json::Map::new(),
    };
    let status = error.status();
    let body = serde_json::json!({
        "title": status.canonical_reason().unwrap_or("Error"),
        "detail": error.text(),
        "fields": fields,
        "failed": [],
        "request_id": asked.request_id,
    });
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// Sends the browser elsewhere.
pub(crate) fn see(status: StatusCode, address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (status, [(header::LOCATION, address)]).into_response(),
        Err(_) => (
            StatusCode::FOUND,
            [(header::LOCATION, HeaderValue::from_static("/"))],
        )
            .into_response(),
    }
}
