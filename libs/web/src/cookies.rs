//! Cookies: reading what clients send, however they send it, and writing ours.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

/// Name of the session cookie.
pub(crate) const SESSION: &str = "sessionid";
/// Name of the cookie that goes with forms.
pub(crate) const CSRF: &str = "csrftoken";
/// Name of the cookie with a notice for the next page.
pub(crate) const FLASH: &str = "messages";
/// Name of the cookie with the key of a link that sets a password.
pub(crate) const RESET: &str = "password_reset";
/// The pages that see it.
const RESET_PATH: &str = "/accounts/passwordreset/";
/// Name of the cookie that ties log-ins by providers to the browser that began them.
pub(crate) const SIGN_IN: &str = "sign_in";
/// Life of the form cookie.
pub(crate) const CSRF_AGE: Duration = Duration::from_hours(24);

/// Finds a cookie; the last one wins, because some clients only ever append. Values in double
/// quotes are accepted.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(found, _)| *found == name)
        .map(|(_, value)| value.trim())
        .next_back()
        .map(|value| {
            value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'))
                .unwrap_or(value)
        })
}

/// Where cookies of a request belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Whether the request came over HTTPS.
    pub(crate) secure: bool,
    /// Domain that shares the session; absent when it is for this host alone.
    pub(crate) domain: Option<String>,
}

impl Scope {
    /// The scope for a host: all tenants share a session, other hosts keep their own.
    pub(crate) fn of(host: &str, tenants_domain: Option<&str>, secure: bool) -> Self {
        let host = tenancy_host(host);
        let domain = tenants_domain.filter(|domain| {
            host.strip_suffix(*domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        Self {
            secure,
            domain: domain.map(str::to_owned),
        }
    }

    /// The cookie that carries a session.
    pub(crate) fn session(&self, key: &str, age: Duration) -> HeaderValue {
        let domain = self
            .domain
            .as_ref()
            .map(|domain| format!("; Domain=.{domain}"));
        self.cookie(SESSION, key, age, &domain.unwrap_or_default())
    }

    /// The cookie that ends a session.
    pub(crate) fn no_session(&self) -> HeaderValue {
        let domain = self
            .domain
            .as_ref()
            .map(|domain| format!("; Domain=.{domain}"));
        self.text(format!(
            "{SESSION}=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; \
             SameSite=Lax{}",
            domain.unwrap_or_default()
        ))
    }

    /// The cookie that goes with forms; never shared between hosts.
    pub(crate) fn csrf(&self, value: &str) -> HeaderValue {
        self.cookie(CSRF, value, CSRF_AGE, "")
    }

    /// The cookie with a notice; for this host alone.
    pub(crate) fn flash(&self, value: &str) -> HeaderValue {
        self.cookie(FLASH, value, Duration::from_mins(5), "")
    }

    /// The cookie that says that a notice was shown.
    pub(crate) fn no_flash(&self) -> HeaderValue {
        self.cookie(FLASH, "", Duration::ZERO, "")
    }

    /// The cookie that carries the key of a link past its first page, so that no address holds it.
    pub(crate) fn reset_key(&self, key: &str) -> HeaderValue {
        self.reset(key, Duration::from_hours(1))
    }

    /// The cookie that says that the key was used.
    pub(crate) fn no_reset_key(&self) -> HeaderValue {
        self.reset("", Duration::ZERO)
    }

    /// The cookie that ties log-ins by providers to this browser; for this host alone.
    pub(crate) fn sign_in(&self, key: &str, age: Duration) -> HeaderValue {
        self.cookie(SIGN_IN, key, age, "")
    }

    fn reset(&self, key: &str, age: Duration) -> HeaderValue {
        self.text(format!(
            "{RESET}={key}; HttpOnly; Max-Age={}; Path={RESET_PATH}; SameSite=Lax",
            age.as_secs()
        ))
    }

    fn cookie(&self, name: &str, value: &str, age: Duration, domain: &str) -> HeaderValue {
        self.text(format!(
            "{name}={value}; HttpOnly; Max-Age={}; Path=/; SameSite=Lax{domain}",
            age.as_secs()
        ))
    }

    fn text(&self, mut text: String) -> HeaderValue {
        if self.secure {
            text.push_str("; Secure");
        }
        // names, keys and domains are plain ASCII
        HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The host without port, in lower case.
fn tenancy_host(host: &str) -> String {
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    name.map_or(host, |(name, _)| name)
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(
                COOKIE,
                HeaderValue::from_str(cookie).expect("a header value"),
            );
        }
        headers
    }

    #[test]
    fn the_last_cookie_wins() {
        let find = |cookies: &[&str]| find(&headers(cookies), SESSION).map(str::to_owned);
        assert_eq!(
            find(&["a=1; sessionid=one; b=2; sessionid=two"]).as_deref(),
            Some("two")
        );
        assert_eq!(
            find(&["sessionid=one", "x=y; sessionid=\"three\""]).as_deref(),
            Some("three")
        );
        assert_eq!(
            find(&["sessionid=good; sessionid=\"\""]).as_deref(),
            Some("")
        );
        assert_eq!(find(&["xsessionid=good"]), None);
        assert_eq!(find(&["sessionid"]), None);
        assert_eq!(find(&[]), None);
    }

    #[test]
    fn sessions_are_shared_below_the_tenants_domain() {
        let domain = |host: &str| Scope::of(host, Some("kiwi.example"), true).domain;
        assert_eq!(domain("kiwi.example").as_deref(), Some("kiwi.example"));
        assert_eq!(
            domain("acme.KIWI.example:8443").as_deref(),
            Some("kiwi.example")
        );
        assert_eq!(domain("notkiwi.example"), None);
        assert_eq!(domain("other.example"), None);
        assert_eq!(Scope::of("kiwi.example", None, true).domain, None);
    }

    #[test]
    fn cookies_have_their_attributes() {
        let key = "0123456789abcdef0123456789abcdef";
        let scope = Scope::of("a.kiwi.example", Some("kiwi.example"), true);
        assert_eq!(
            scope.session(key, Duration::from_hours(24)),
            "sessionid=0123456789abcdef0123456789abcdef; HttpOnly; Max-Age=86400; Path=/; \
             SameSite=Lax; Domain=.kiwi.example; Secure"
        );
        let plain = Scope::of("localhost:8080", None, false);
        assert_eq!(
            plain.no_session(),
            "sessionid=\"\"; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/; \
             SameSite=Lax"
        );
        assert_eq!(
            scope.csrf("abc"),
            "csrftoken=abc; HttpOnly; Max-Age=86400; Path=/; SameSite=Lax; Secure"
        );
    }
}
