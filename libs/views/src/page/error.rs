//! The page shown instead of the one that was asked for.

use serde::Serialize;

use super::{Page, Title};

/// Any answer that is an error.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// HTTP status: 400, 402, 403, 404, 405, 413, 429, 500 or 503 have words of their own.
    pub status: u16,
    /// Keys of title and cause.
    pub keys: Keys,
    /// The id to quote when asking for help.
    pub request_id: String,
    /// What is missing, when it is about a permission.
    pub refusal: Option<Refusal>,
    /// Seconds after which another try makes sense.
    pub retry_after: Option<u64>,
    /// The page that led here.
    pub back: Option<String>,
    /// What happened inside, while an operator looks for a fault.
    pub details: Option<Details>,
}

/// What happened inside; secrets are hidden.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Details {
    /// What the log says about the request, with the chain of causes.
    pub events: Vec<String>,
    /// What was asked, line by line: name and value.
    pub request: Vec<(String, String)>,
    /// Its header fields.
    pub headers: Vec<(String, String)>,
    /// Statements of the database, without values.
    pub statements: Vec<String>,
    /// All settings.
    pub settings: Vec<(String, String)>,
    /// All of that as plain text, for reports.
    pub text: String,
}

impl Details {
    /// Itself, also as plain text.
    #[must_use]
    pub fn written(mut self) -> Self {
        self.text = self.as_text();
        self
    }

    fn as_text(&self) -> String {
        let pairs = |pairs: &[(String, String)]| {
            let lines = pairs.iter().map(|(name, value)| format!("{name}: {value}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        [
            self.events.join("\n"),
            pairs(&self.request),
            pairs(&self.headers),
            self.statements.join("\n"),
            pairs(&self.settings),
        ]
        .join("\n\n")
    }
}

/// Which words an error page uses.
#[derive(Debug, Clone, Serialize)]
pub struct Keys {
    title: String,
    text: String,
}

impl Keys {
    fn of(name: &str) -> Self {
        Self {
            title: format!("error-{name}-title"),
            text: format!("error-{name}-text"),
        }
    }
}

/// Why somebody who is logged in may not see a page.
#[derive(Debug, Clone, Serialize)]
pub struct Refusal {
    /// The permission, such as `testruns.view_testrun`.
    pub permission: String,
    /// Names of the groups the user is in.
    pub groups: Vec<String>,
    /// Path and query of the refused page.
    pub next: String,
}

impl ErrorPage {
    /// The page for an HTTP status.
    pub fn new(status: u16, request_id: impl Into<String>) -> Self {
        let known = matches!(status, 400 | 402 | 403 | 404 | 405 | 413 | 429 | 500 | 503);
        let words = match (known, status) {
            (true, _) => status,
            (false, 400..=499) => 400,
            (false, _) => 500,
        };
        Self {
            status,
            keys: Keys::of(&words.to_string()),
            request_id: request_id.into(),
            refusal: None,
            retry_after: None,
            back: None,
            details: None,
        }
    }

    /// The page for a missing permission.
    pub fn forbidden(request_id: impl Into<String>, refusal: Refusal) -> Self {
        Self {
            refusal: Some(refusal),
            ..Self::new(403, request_id)
        }
    }

    /// The 403 page for a form without a valid token.
    pub fn stale_form(request_id: impl Into<String>) -> Self {
        Self {
            keys: Keys::of("csrf"),
            ..Self::new(403, request_id)
        }
    }

    /// The 404 page for a host name that belongs to no tenant.
    pub fn unknown_host(request_id: impl Into<String>) -> Self {
        Self {
            keys: Keys::of("host"),
            ..Self::new(404, request_id)
        }
    }

    /// The 503 page for the time in which an operator works on the data.
    pub fn maintenance(request_id: impl Into<String>) -> Self {
        Self {
            keys: Keys::of("maintenance"),
            ..Self::new(503, request_id)
        }
    }

    /// The 403 page of a tenant that is not paid for.
    pub fn unpaid(request_id: impl Into<String>) -> Self {
        Self {
            keys: Keys::of("402"),
            ..Self::new(403, request_id)
        }
    }

    /// The 403 page for an account that may not enter this tenant.
    pub fn not_a_member(request_id: impl Into<String>) -> Self {
        Self {
            keys: Keys::of("member"),
            ..Self::new(403, request_id)
        }
    }
}

impl Page for ErrorPage {
    const TEMPLATE: &'static str = "error/show";
    const BODY: &'static str = "page-error";

    fn title(&self) -> Title<'_> {
        Title {
            key: "error-title",
            id: Some(i32::from(self.status)),
            name: "",
        }
    }
}
