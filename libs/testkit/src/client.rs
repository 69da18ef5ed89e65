//! A visitor: a browser or a program, with cookies.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{PASSWORD, xml};

/// An error answer of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number.
    pub code: i64,
    /// Its text.
    pub message: String,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", self.text()))
    }

    /// A header as text, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Itself, if it has this status.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "often the last word of a test"
    )]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

/// One visitor of one host.
#[derive(Clone)]
pub struct Client {
    router: Router,
    host: String,
    /// Cookies by name.
    pub cookies: BTreeMap<String, String>,
    secure: bool,
    address: IpAddr,
}

impl Client {
    pub(crate) fn new(router: Router, host: String) -> Self {
        Self {
            router,
            host,
            cookies: BTreeMap::new(),
            secure: true,
            address: IpAddr::from([192, 0, 2, 1]),
        }
    }

    /// The same visitor at another address.
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        Self {
            address: address.parse().expect("an address"),
            ..self.clone()
        }
    }

    /// The same visitor on a connection without TLS.
    #[must_use]
    pub fn without_tls(mut self) -> Self {
        self.secure = false;
        self
    }

    /// The same cookies, sent to another host.
    #[must_use]
    pub fn on_host(&self, host: &str) -> Self {
        Self {
            host: host.to_owned(),
            ..self.clone()
        }
    }

    /// Logs in through the API with the password that all accounts of the template have.
    #[must_use]
    pub async fn log_in(mut self, username: &str) -> Self {
        let key = self.call("Auth.login", json!([username, PASSWORD])).await;
        let key = key.unwrap_or_else(|fault| panic!("{username} cannot log in: {fault:?}"));
        assert_eq!(
            self.cookies.get("sessionid").map(String::as_str),
            key.as_str(),
            "the answer and the cookie of a log-in"
        );
        self
    }

    /// Logs in through the page.
    pub async fn log_in_by_form(&mut self, username: &str, password: &str) -> Answer {
        self.post(
            "/accounts/login/",
            &[("username", username), ("password", password)],
        )
        .await
    }

    /// Opens a page.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }

    /// Sends a form the way a browser does: opens the page that holds it for its token, then
    /// sends the fields.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let page = self.get("/accounts/login/").await.text();
        self.post_from(&page, path, fields).await
    }

    /// Sends a form with the token and the captcha of this page.
    pub async fn post_from(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = csrf_token(page).unwrap_or_default();
        let mut pairs = vec![("csrfmiddlewaretoken", token.as_str())];
        pairs.extend(fields);
        let body: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", form_encoded(name), form_encoded(value)))
            .collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, self.origin())
            .header(header::REFERER, format!("{}{path}", self.origin()))
            .body(Body::from(body.join("&")))
            .expect("a request");
        self.send(request).await
    }

    /// Sends a form with files (field, name, content) the way a browser does.
    pub async fn post_files(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Answer {
        let page = self.get("/accounts/login/").await.text();
        let token = csrf_token(&page).unwrap_or_default();
        let mut pairs = vec![("csrfmiddlewaretoken", token.as_str())];
        pairs.extend(fields);
        let mut body = Vec::new();
        let begin = "--frontier\r\nContent-Disposition: form-data; name=";
        for (name, value) in pairs {
            body.extend(format!("{begin}\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (field, name, content) in files {
            body.extend(format!("{begin}\"{field}\"; filename=\"{name}\"\r\n\r\n").bytes());
            body.extend(content.iter().chain(b"\r\n"));
        }
        body.extend(b"--frontier--\r\n");
        let request = Request::post(path)
            .header(
                header::CONTENT_TYPE,
                "multipart/form-data; boundary=frontier",
            )
            .header(header::ORIGIN, self.origin())
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    /// Sends JSON the way the scripts of our pages do: with the token of a page in a header.
    pub async fn post_script(&mut self, path: &str, body: &str) -> Answer {
        let page = self.get("/accounts/login/").await.text();
        let token = csrf_token(&page).unwrap_or_default();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-csrftoken", token)
            .header(header::ORIGIN, self.origin())
            .body(Body::from(body.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    /// Sends a form without a token.
    pub async fn post_without_token(&mut self, path: &str, body: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    /// Calls a method over JSON-RPC.
    pub async fn call(&mut self, method: &str, params: Value) -> Result<Value, Fault> {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = self.post_json(&body.to_string()).await.expect_status(200);
        let mut value = answer.json();
        match value.get("error") {
            Some(error) => Err(Fault {
                code: error["code"].as_i64().unwrap_or_default(),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
            }),
            None => Ok(value["result"].take()),
        }
    }

    /// Sends a body to the JSON-RPC endpoint.
    pub async fn post_json(&mut self, body: &str) -> Answer {
        let request = Request::post("/json-rpc/")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_owned()))
            .expect("a request");
        self.send(request).await
    }

    /// Calls a method over XML-RPC. Dates arrive as `dateTime:20260131T13:30:00`.
    pub async fn call_xml(&mut self, method: &str, params: &[Value]) -> Result<Value, Fault> {
        let request = Request::post("/xml-rpc/")
            .header(header::CONTENT_TYPE, "text/xml")
            .body(Body::from(xml::call(method, params)))
            .expect("a request");
        let answer = self.send(request).await.expect_status(200);
        xml::answer(&answer.text())
    }

    /// Sends a request, with the cookies, and keeps those of the answer.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        if !headers.contains_key(header::HOST) {
            headers.insert(header::HOST, self.host.parse().expect("a host"));
        }
        if !self.cookies.is_empty() && !headers.contains_key(header::COOKIE) {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            headers.insert(header::COOKIE, pairs.join("; ").parse().expect("cookies"));
        }
        let peer = SocketAddr::from((self.address, 40_000));
        request.extensions_mut().insert(web::Connection {
            peer,
            secure: self.secure,
        });
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("a router never fails");
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .expect("the body ends well")
            .to_bytes()
            .to_vec();
        self.keep_cookies(&parts.headers);
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("cookies are ASCII");
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if value.is_empty() || attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.host)
    }
}

/// The token of the first form of a page.
fn csrf_token(page: &str) -> Option<String> {
    let (_, rest) = page
        .split_once("name=\"csrfmiddlewaretoken\" value=\"")
        .or_else(|| page.split_once("name=\"csrf-token\" content=\""))?;
    rest.split('"').next().map(str::to_owned)
}

fn form_encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
