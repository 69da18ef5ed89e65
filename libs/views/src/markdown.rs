//! HTML that may be shown as it is.

use std::borrow::Cow;

use serde::Serialize;

/// HTML that went through the sanitiser; templates print it unescaped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Markup that this crate made and escaped itself.
    pub(crate) fn trusted(html: String) -> Self {
        Self(html)
    }

    /// Renders what a person wrote; harmful markup is shown as text or dropped.
    pub fn from_markdown(text: &str) -> Self {
        Self(::markdown::render(text))
    }

    /// Shows plain text as it is typed.
    pub fn from_text(text: &str) -> Self {
        Self(handlebars::html_escape(text))
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<SafeHtml> for Cow<'static, str> {
    fn from(html: SafeHtml) -> Self {
        Self::Owned(html.0)
    }
}
