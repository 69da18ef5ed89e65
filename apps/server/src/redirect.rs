//! Plain HTTP when HTTPS is enforced: every request is sent to the same place on HTTPS, unless it
//! came over HTTPS to a trusted proxy.

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use tower::ServiceExt as _;
use web::Connection;

/// The ports that decide where to send a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    /// Port that this listener has.
    pub(crate) http: u16,
    /// Port that the HTTPS listener has.
    pub(crate) https: u16,
    /// Port that clients see, when the operator said so.
    pub(crate) public: Option<u16>,
}

impl Ports {
    /// The port of HTTPS for a client that came to `port`: a client that sees our own port for
    /// HTTP sees our own port for HTTPS too.
    fn target(self, port: Option<u16>) -> u16 {
        match (self.public, port) {
            (Some(public), _) => public,
            (None, Some(port)) if port == self.http => self.https,
            (None, _) => 443,
        }
    }
}

/// Routes that send everything to HTTPS, except what tells the state of the program.
pub(crate) fn router(health: Router, application: Router, ports: Ports) -> Router {
    let plain = Router::new().fallback(answer);
    health.merge(plain.with_state((ports, application)))
}

async fn answer(State((ports, application)): State<(Ports, Router)>, request: Request) -> Response {
    let connection = request.extensions().get::<Connection>();
    if connection.is_some_and(|connection| connection.secure) {
        return application.oneshot(request).await.into_response();
    }
    redirect(ports, &request)
}

fn redirect(ports: Ports, request: &Request) -> Response {
    let host = request
        .uri()
        .authority()
        .map(ToString::to_string)
        .or_else(|| {
            let header = request.headers().get(header::HOST)?;
            header.to_str().ok().map(str::to_owned)
        });
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    let address = host.as_deref().and_then(|host| address(host, path, ports));
    let mut response = match address.and_then(|address| HeaderValue::try_from(address).ok()) {
        Some(address) => {
            let body = "<!doctype html>\n<html lang=\"en\"><head><title>301 Moved Permanently\
                        </title></head><body><h1>301 Moved Permanently</h1></body></html>\n";
            let headers = [
                (header::LOCATION, address),
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/html; charset=utf-8"),
                ),
            ];
            (StatusCode::MOVED_PERMANENTLY, headers, body).into_response()
        }
        None => (StatusCode::BAD_REQUEST, "the request names no valid host\n").into_response(),
    };
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn address(host: &str, path: &str, ports: Ports) -> Option<String> {
    let authority: http::uri::Authority = host.to_ascii_lowercase().parse().ok()?;
    if authority.as_str().contains('@') || authority.host().is_empty() || !path.starts_with('/') {
        return None;
    }
    let name = authority.host();
    Some(match ports.target(authority.port_u16()) {
        443 => format!("https://{name}{path}"),
        port => format!("https://{name}:{port}{path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Ports, address};

    #[test]
    fn clients_are_sent_to_the_port_they_see() {
        let ports = |public| Ports {
            http: 8080,
            https: 8443,
            public,
        };
        let to = |host: &str, public| address(host, "/plan/1/?x=y", ports(public));
        let is = |address: &str| Some(format!("https://{address}/plan/1/?x=y"));
        assert_eq!(to("kiwi.example", None), is("kiwi.example"));
        assert_eq!(to("KIWI.example:80", None), is("kiwi.example"));
        assert_eq!(to("localhost:8080", None), is("localhost:8443"));
        assert_eq!(to("localhost:8080", Some(443)), is("localhost"));
        assert_eq!(to("localhost:8081", Some(8444)), is("localhost:8444"));
        assert_eq!(to("[::1]:8080", None), is("[::1]:8443"));
        assert_eq!(to("a b", None), None);
        assert_eq!(to("user@evil.example", None), None);
        assert_eq!(to("", None), None);
    }
}
