//! The site record: under which domain links lead to a tenant.

use serde::Serialize;

use super::form::{Errors, Field};
use super::{Page, Title};

/// `/admin/sites/site/1/`
#[derive(Debug, Clone, Serialize)]
pub struct SitePage {
    /// Domain and name.
    pub fields: [Field; 2],
    /// Whether the visitor may change it.
    pub may_change: bool,
    /// What is to be said above the form.
    pub notice: SiteNotice,
}

/// What is to be said above the form of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SiteNotice {
    /// Nothing.
    None,
    /// Nobody has decided about the domain yet.
    Unset,
    /// It was just saved.
    Saved,
    /// It was not saved, because something is wrong.
    Wrong,
}

impl SitePage {
    /// With the domain (host name or address, with a port if necessary), the name for people, and
    /// what is wrong with them.
    pub fn new(domain: &str, name: &str, may_change: bool, errors: &Errors) -> Self {
        let fields = [
            Field::text("domain", "site-domain", domain.to_owned()).hint("site-domain-hint"),
            Field::text("name", "site-name", name.to_owned()).hint("site-name-hint"),
        ];
        Self {
            fields: fields.map(|field| field.judged(errors).read_only(!may_change)),
            may_change,
            notice: if errors.is_empty() {
                SiteNotice::None
            } else {
                SiteNotice::Wrong
            },
        }
    }

    /// Says something above the form.
    #[must_use]
    pub fn noting(self, notice: SiteNotice) -> Self {
        Self { notice, ..self }
    }
}

impl Page for SitePage {
    const TEMPLATE: &'static str = "site/show";
    const BODY: &'static str = "page-admin-site";

    fn title(&self) -> Title<'_> {
        Title::plain("site-title")
    }
}

/// `/admin/sites/site/`
#[derive(Debug, Clone, Serialize)]
pub struct SiteListPage {
    /// Host name or address, with a port if necessary.
    pub domain: String,
    /// Name for people.
    pub name: String,
}

impl Page for SiteListPage {
    const TEMPLATE: &'static str = "site/list";
    const BODY: &'static str = "page-admin-sites";

    fn title(&self) -> Title<'_> {
        Title::plain("sites-title")
    }
}
