//! The two endpoints of the API.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::SessionChange;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use rpc::{Protocol, Reply};

use crate::error::Error;
use crate::session::Changed;
use crate::visitor::Visitor;
use crate::{App, body, csrf};

/// `/json-rpc/`
pub(crate) async fn json(state: State<App>, visitor: Visitor, request: Request) -> Response {
    answer(Protocol::Json, state, visitor, request).await
}

/// `/xml-rpc/` and everything below
pub(crate) async fn xml(state: State<App>, visitor: Visitor, request: Request) -> Response {
    answer(Protocol::Xml, state, visitor, request).await
}

async fn answer(
    protocol: Protocol,
    State(app): State<App>,
    visitor: Visitor,
    request: Request,
) -> Response {
    if request.method() != Method::POST {
        return send(Reply::method_not_allowed(), None);
    }
    let headers = request.headers();
    let (host, secure) = (&visitor.request.host, visitor.request.secure);
    // programs send no origin, browsers do
    if headers.contains_key(header::ORIGIN) && !csrf::is_same_origin(headers, host, secure) {
        return Error::OtherSite.into_response();
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let charset = match rpc::check_content_type(protocol, content_type) {
        Ok(charset) => charset,
        Err(reply) => return send(reply, None),
    };
    let content = match body::read(&app, request).await {
        Ok(content) => content,
        Err(error) => return error.into_response(),
    };
    let mut asked = visitor.request.clone();
    let call = async {
        match protocol {
            Protocol::Json => rpc::json(&mut asked, &content, charset).await,
            Protocol::Xml => rpc::xml(&mut asked, &content, charset).await,
        }
    };
    match tokio::time::timeout(app.settings().request_time, call).await {
        Ok(reply) => send(reply, asked.session_change),
        Err(_) => send(Reply::timed_out(protocol), None),
    }
}

fn send(reply: Reply, change: Option<SessionChange>) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(reply.content_type),
    );
    for (name, value) in reply.headers {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let Some(change) = change {
        response.extensions_mut().insert(Changed(change));
    }
    response
}
