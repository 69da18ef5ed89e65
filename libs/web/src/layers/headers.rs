//! Headers of every answer.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use crate::App;
use crate::connection::Connection;

/// The policy for what people have uploaded: it runs nothing, whatever it is.
pub(crate) const SANDBOXED: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: https:; font-src 'self'; connect-src 'self'; object-src 'none'; \
     base-uri 'none'; frame-ancestors 'none'; form-action 'self'; sandbox";

/// The policy of the original: it names what its pages load from elsewhere.
const UPSTREAM: &str = "script-src 'self' cdn.crowdin.com *.ethicalads.io plausible.io";

/// What an operator can change about the headers of every answer.
#[derive(Debug, Clone, Default)]
pub struct HeaderSettings {
    /// Further sources of scripts, separated by blanks.
    pub script_sources: String,
    /// Further sources of pictures.
    pub image_sources: String,
    /// Further addresses that scripts may talk to.
    pub connect_sources: String,
    /// Browsers tell what the policy would stop, and stop nothing.
    pub report_only: bool,
    /// Where browsers tell it.
    pub report_uri: Option<String>,
    /// The policy of the original instead of ours, for scripts of one's own that need it.
    pub like_upstream: bool,
    /// The value of `Strict-Transport-Security`, for answers over HTTPS.
    pub transport_security: Option<String>,
}

/// Headers that depend on settings.
#[derive(Debug)]
pub(crate) struct Headers {
    policy_name: HeaderName,
    policy: HeaderValue,
    transport_security: Option<HeaderValue>,
}

impl Headers {
    /// Sources that no header can hold are left out; the settings refuse them.
    pub(crate) fn new(settings: &HeaderSettings) -> Self {
        let value = |text: &str| HeaderValue::from_str(text).ok();
        let transport_security = settings.transport_security.as_deref();
        let policy_name = if settings.report_only {
            header::CONTENT_SECURITY_POLICY_REPORT_ONLY
        } else {
            header::CONTENT_SECURITY_POLICY
        };
        Self {
            policy_name,
            policy: value(&policy(settings))
                .or_else(|| value(&policy(&HeaderSettings::default())))
                .expect("our own sources are ASCII"),
            transport_security: transport_security.and_then(value),
        }
    }
}

/// What pages may load: only our own files, what the operator names, and pictures that texts point
/// to.
fn policy(settings: &HeaderSettings) -> String {
    let more = |sources: &str| match sources.trim() {
        "" => String::new(),
        sources => format!(" {sources}"),
    };
    if settings.like_upstream {
        return format!("{UPSTREAM}{};", more(&settings.script_sources));
    }
    let report = match &settings.report_uri {
        Some(uri) => format!("; report-uri {uri}"),
        None => String::new(),
    };
    format!(
        "default-src 'self'; script-src 'self'{}; style-src 'self'; img-src 'self' data: https:{}; \
         font-src 'self'; connect-src 'self'{}; object-src 'none'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self'{report}",
        more(&settings.script_sources),
        more(&settings.image_sources),
        more(&settings.connect_sources),
    )
}

/// What pages may use of the device.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), \
                           payment=(), usb=()";

/// Headers with the same value everywhere.
static SAME: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];

/// Adds the headers; whatever a handler decided stays.
pub(crate) async fn add(State(app): State<App>, request: Request, next: Next) -> Response {
    let connection = request.extensions().get::<Connection>();
    let is_secure = connection.is_some_and(|connection| connection.secure);
    let is_file = request.uri().path().starts_with("/static/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let ours = app.headers();
    // what people uploaded has a policy of its own, which always counts
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(&ours.policy_name, ours.policy.clone());
    }
    if let Some(value) = ours.transport_security.as_ref().filter(|_| is_secure) {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert_with(|| value.clone());
    }
    for (name, value) in &SAME {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if !is_file {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
        headers
            .entry(header::CONTENT_LANGUAGE)
            .or_insert(HeaderValue::from_static("en"));
        headers.append(
            header::VARY,
            HeaderValue::from_static("Cookie, Accept-Language"),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opa_032_further_sources_follow_after_a_blank() {
        let usual = policy(&HeaderSettings::default());
        assert!(usual.contains("; script-src 'self'; "), "{usual}");
        let more = HeaderSettings {
            script_sources: "cdn.example.bg ".to_owned(),
            connect_sources: "https://a.example https://b.example".to_owned(),
            ..HeaderSettings::default()
        };
        let expected = usual
            .replace("script-src 'self'", "script-src 'self' cdn.example.bg")
            .replace(
                "connect-src 'self'",
                "connect-src 'self' https://a.example https://b.example",
            );
        assert_eq!(policy(&more), expected);
        assert_eq!(SANDBOXED, format!("{usual}; sandbox"));
    }

    #[test]
    fn opa_032_the_policy_of_the_original_is_the_same_byte_for_byte() {
        let upstream = |script_sources: &str| {
            policy(&HeaderSettings {
                script_sources: script_sources.to_owned(),
                like_upstream: true,
                ..HeaderSettings::default()
            })
        };
        let plain = "script-src 'self' cdn.crowdin.com *.ethicalads.io plausible.io";
        assert_eq!(upstream(""), format!("{plain};"));
        assert_eq!(
            upstream("cdn.example.bg"),
            format!("{plain} cdn.example.bg;")
        );
    }

    #[test]
    fn ops_072_reports_go_where_the_operator_says() {
        let settings = HeaderSettings {
            report_uri: Some("https://reports.example/csp".to_owned()),
            ..HeaderSettings::default()
        };
        let end = "; form-action 'self'; report-uri https://reports.example/csp";
        assert!(policy(&settings).ends_with(end));
    }
}
