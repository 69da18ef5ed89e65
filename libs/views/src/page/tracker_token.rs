//! Personal API tokens for issue trackers: the list, the form, and the question before a deletion.

use serde::Serialize;

use super::form::{Errors, Field};
use super::{Page, Title};

/// `/admin/trackers_integration/apitoken/`
#[derive(Debug, Clone, Serialize)]
pub struct TrackerTokenListPage {
    /// User name of the visitor, who owns them all.
    pub owner: String,
    /// One's own in this tenant, by base URL.
    pub tokens: Vec<TrackerTokenRow>,
    /// Whether the visitor may add some.
    pub may_add: bool,
    /// Whether the visitor may change them.
    pub may_change: bool,
    /// Whether the visitor may delete them.
    pub may_delete: bool,
}

/// A line of the list.
#[derive(Debug, Clone, Serialize)]
pub struct TrackerTokenRow {
    /// Its number.
    pub id: i32,
    /// Base URL of the tracker.
    pub base_url: String,
    /// User name at the tracker; may be empty.
    pub api_username: String,
}

impl Page for TrackerTokenListPage {
    const TEMPLATE: &'static str = "tracker_token/list";
    const BODY: &'static str = "page-tracker-tokens";

    fn title(&self) -> Title<'_> {
        Title::plain("tracker-tokens-title")
    }
}

/// `/admin/trackers_integration/apitoken/add/` and `…/<id>/change/`
#[derive(Debug, Clone, Serialize)]
pub struct TrackerTokenPage {
    /// Number of the one that is changed.
    pub id: Option<i32>,
    /// Base URL, user name, password; none where no tracker can be chosen.
    pub fields: Vec<Field>,
    /// Whether something is wrong, so that nothing was saved.
    pub is_wrong: bool,
    /// Whether the visitor may delete it.
    pub may_delete: bool,
}

impl TrackerTokenPage {
    /// A new one for one of these trackers, with what was typed and what is wrong with it.
    pub fn add(base_urls: Vec<String>, base_url: &str, username: &str, errors: &Errors) -> Self {
        let mut page = Self::of(base_urls, base_url, username, errors);
        page.fields
            .push(password("tracker-token-password-hint", errors));
        page
    }

    /// The one with this number.
    pub fn change(
        id: i32,
        base_urls: Vec<String>,
        base_url: &str,
        username: &str,
        errors: &Errors,
    ) -> Self {
        let mut page = Self::of(base_urls, base_url, username, errors);
        page.fields
            .push(password("tracker-token-password-kept", errors));
        page.id = Some(id);
        page
    }

    /// Leads to the question before a deletion, too.
    #[must_use]
    pub fn deletable(self, may_delete: bool) -> Self {
        Self { may_delete, ..self }
    }

    fn of(base_urls: Vec<String>, base_url: &str, username: &str, errors: &Errors) -> Self {
        let fields = [
            Field::choice(
                "base_url",
                "tracker-token-url",
                base_url.to_owned(),
                base_urls,
            )
            .hint("tracker-token-url-hint"),
            Field::text(
                "api_username",
                "tracker-token-username",
                username.to_owned(),
            )
            .hint("tracker-token-username-hint"),
        ];
        Self {
            id: None,
            fields: fields.map(|field| field.judged(errors)).into(),
            is_wrong: !errors.is_empty(),
            may_delete: false,
        }
    }

    /// A new one where there is no tracker to choose.
    pub fn without_tracker() -> Self {
        Self {
            id: None,
            fields: vec![],
            is_wrong: false,
            may_delete: false,
        }
    }
}

fn password(hint: &'static str, errors: &Errors) -> Field {
    Field::password("api_password", "tracker-token-password")
        .hint(hint)
        .judged(errors)
}

impl Page for TrackerTokenPage {
    const TEMPLATE: &'static str = "tracker_token/form";
    const BODY: &'static str = "page-tracker-token";

    fn title(&self) -> Title<'_> {
        match self.id {
            Some(id) => Title {
                id: Some(id),
                ..Title::plain("tracker-token-title")
            },
            None => Title::plain("tracker-token-add-title"),
        }
    }
}

/// `/admin/trackers_integration/apitoken/<id>/delete/`
#[derive(Debug, Clone, Serialize)]
pub struct TrackerTokenDeletePage {
    /// Its number.
    pub id: i32,
    /// Base URL of the tracker.
    pub base_url: String,
}

impl Page for TrackerTokenDeletePage {
    const TEMPLATE: &'static str = "tracker_token/delete";
    const BODY: &'static str = "page-tracker-token-delete";

    fn title(&self) -> Title<'_> {
        Title::plain("tracker-token-delete-title")
    }
}
