//! Refuses who asks too often, before anything else is done for a request.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use crate::App;
use crate::connection::Connection;
use crate::error::{Error, Failure};
use crate::rates::{Class, Entry, Refused};
use crate::session::LoggedIn;

/// Checks the address, then the class of the route; afterwards counts errors.
pub(crate) async fn enforce(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(connection) = request.extensions().get::<Connection>() else {
        return next.run(request).await;
    };
    let address = connection.peer.ip();
    let rates = app.rates();
    match rates.entry(address) {
        Entry::Denied => {
            let mut response = StatusCode::FORBIDDEN.into_response();
            response.extensions_mut().insert(Refused);
            return response;
        }
        Entry::Exempt => return next.run(request).await,
        Entry::Counted => {}
    }
    // the route decides; what has none is classed by its path
    let route = request.extensions().get::<MatchedPath>();
    let path = route.map_or(request.uri().path(), MatchedPath::as_str);
    if let Some(class) = Class::of(path)
        && let Err(refused) = rates.check(address, class)
    {
        return refused.into_response();
    }
    let response = next.run(request).await;
    if is_error(&response) {
        let is_anonymous = response.extensions().get::<LoggedIn>().is_none();
        rates.count_error(address, is_anonymous);
    }
    response
}

fn is_error(response: &Response) -> bool {
    let status = response.status();
    // being sent to the log-in page is nobody's mistake
    let is_log_in = response
        .extensions()
        .get::<Failure>()
        .is_some_and(|failure| matches!(*failure.0, Error::LogIn));
    (status.is_client_error() || status.is_server_error())
        && status != StatusCode::TOO_MANY_REQUESTS
        && !is_log_in
}
