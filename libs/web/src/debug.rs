//! What error pages tell when an operator has switched that on: what the log says about the request,
//! the request itself, the statements it made, and the settings, everything without secrets.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::HeaderMap;
use http::request::Parts;
use ipnet::IpNet;
use views::page::Details;

use crate::App;
use crate::connection::Connection;
use crate::visitor::Visitor;

/// Stands where a secret was.
const HIDDEN: &str = "***";
/// Words in the names of headers, fields and parameters whose values nobody else should see.
const SECRET: [&str; 9] = [
    "auth", "cookie", "csrf", "key", "pass", "secret", "session", "token", "captcha",
];
/// Most statements and events that are kept of one request.
const MOST: usize = 500;

/// Whom error pages tell what happened inside, and with which settings.
#[derive(Debug, Clone)]
pub struct Debugging {
    /// Whether everybody who sees an error page is told; otherwise only superusers and `allow`.
    pub everybody: bool,
    /// Clients that are told without being logged in.
    pub allow: Vec<IpNet>,
    /// Names and values of all settings, secrets hidden.
    pub settings: Vec<(String, String)>,
}

impl Debugging {
    /// Whether somebody is told.
    fn tells(&self, client: Option<IpAddr>, visitor: Option<&Visitor>) -> bool {
        let is_allowed = |client: IpAddr| self.allow.iter().any(|net| net.contains(&client));
        let user = visitor.and_then(|visitor| visitor.request.caller.user());
        self.everybody
            || client.is_some_and(is_allowed)
            || user.is_some_and(|user| user.is_superuser)
    }
}

/// Whether a visitor is told what happened inside.
pub(crate) fn is_told(visitor: &Visitor) -> bool {
    let debugging = visitor.app.settings().debugging.as_ref();
    debugging.is_some_and(|debugging| debugging.tells(visitor.request.client, Some(visitor)))
}

/// What happened while a request was worked on.
#[derive(Debug, Default)]
struct Seen {
    events: Vec<String>,
    statements: Vec<String>,
    form: Vec<(String, String)>,
}

tokio::task_local! {
    static SEEN: Arc<Mutex<Seen>>;
}

fn see(look: impl FnOnce(&mut Seen)) {
    // outside of a request nobody asks
    let _ = SEEN.try_with(|seen| look(&mut seen.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// Keeps a line of the log for the error page of the request that is being worked on.
pub fn event(line: String) {
    see(|seen| {
        if seen.events.len() < MOST {
            seen.events.push(line);
        }
    });
}

/// Keeps a statement of the database, without its values.
pub fn statement(sql: String) {
    see(|seen| {
        if seen.statements.len() < MOST {
            seen.statements.push(sql);
        }
    });
}

/// Keeps the fields of a form.
pub(crate) fn form<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) {
    see(|seen| {
        seen.form = fields
            .map(|(name, value)| (name.to_owned(), shown(name, value)))
            .collect();
    });
}

/// Works on a request and keeps what happens meanwhile.
pub(crate) async fn watched<T>(app: &App, work: impl Future<Output = T>) -> T {
    if app.settings().debugging.is_some() {
        SEEN.scope(Arc::default(), work).await
    } else {
        work.await
    }
}

/// What is known about a request before it is worked on.
pub(crate) struct Asked {
    client: Option<IpAddr>,
    lines: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

impl Asked {
    /// Nothing when nobody is told anything.
    pub(crate) fn of(app: &App, parts: &Parts, route: Option<&str>) -> Option<Self> {
        app.settings().debugging.as_ref()?;
        let client = parts.extensions.get::<Connection>();
        let query = parts.uri.query().unwrap_or_default();
        let parameters = url::form_urlencoded::parse(query.as_bytes());
        let mut lines = vec![
            ("method".to_owned(), parts.method.to_string()),
            ("path".to_owned(), parts.uri.path().to_owned()),
            ("route".to_owned(), route.unwrap_or("none").to_owned()),
            ("version".to_owned(), format!("{:?}", parts.version)),
        ];
        lines.extend(parameters.map(|(name, value)| (format!("?{name}"), shown(&name, &value))));
        Some(Self {
            client: client.map(|connection| connection.peer.ip().to_canonical()),
            lines,
            headers: masked(&parts.headers),
        })
    }

    /// What the error page tells this visitor.
    pub(crate) fn details(self, app: &App, visitor: Option<&Visitor>) -> Option<Details> {
        let debugging = app.settings().debugging.as_ref()?;
        if !debugging.tells(self.client, visitor) {
            return None;
        }
        let mut request = self.lines;
        if let Some(visitor) = visitor {
            let asked = &visitor.request;
            request.push(("tenant".to_owned(), asked.tenant.schema.clone()));
            let user = asked.caller.user();
            let user = user.map_or("nobody", |user| user.username.as_str());
            request.push(("account".to_owned(), user.to_owned()));
        }
        let mut details = Details::default();
        see(|seen| {
            request.append(&mut seen.form);
            details.events = std::mem::take(&mut seen.events);
            details.statements = std::mem::take(&mut seen.statements);
        });
        details.request = request;
        details.headers = self.headers;
        details.settings.clone_from(&debugging.settings);
        Some(details.written())
    }
}

fn masked(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), shown(name.as_str(), &text(value))))
        .collect()
}

/// A value, unless its name says that it is a secret.
fn shown(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    if SECRET.iter().any(|word| name.contains(word)) {
        HIDDEN.to_owned()
    } else {
        value.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_048_secrets_are_known_by_their_names() {
        for name in [
            "Authorization",
            "cookie",
            "X-CSRFToken",
            "csrfmiddlewaretoken",
            "new_password1",
            "api_key",
            "sessionid",
            "captcha_1",
        ] {
            assert_eq!(shown(name, "planted"), HIDDEN, "{name}");
        }
        assert_eq!(shown("accept", "text/html"), "text/html");
    }
}
