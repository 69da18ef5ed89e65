//! Samples of the pages of those who run a server.

use super::Picture;
use crate::page::{AdministratorPage, DatabasePage, Offer, SiteListPage, SiteNotice, SitePage};
use crate::{Chrome, Result, Views};

pub(super) fn pictures(views: &Views, visitor: &Chrome, member: &Chrome) -> Result<Vec<Picture>> {
    let offer = |token, is_wrong| DatabasePage {
        offer: Some(Offer {
            token,
            is_wrong,
            steps: 5,
        }),
    };
    let errors = [
        error("token", "This is not the token."),
        error("password", "This password is too common."),
    ];
    let wrong = [error(
        "domain",
        "Enter a host name or an address, with port if necessary.",
    )];
    let fresh = SitePage::new("127.0.0.1:8000", "localhost", true, &[]);
    let fresh = fresh.noting(SiteNotice::Unset);
    let saved = SitePage::new("kiwi.example.org", "Harbour Goods", true, &[]);
    let saved = saved.noting(SiteNotice::Saved);
    let refused = SitePage::new("https://kiwi.example.org/", "Harbour Goods", true, &wrong);
    let shown = SitePage::new("kiwi.example.org", "Harbour Goods", false, &[]);
    let list = SiteListPage {
        domain: "kiwi.example.org".to_owned(),
        name: "Harbour Goods".to_owned(),
    };
    let administrator = AdministratorPage::new("", "", &[]);
    let corrected = AdministratorPage::new("ann", "ann@example.org", &errors);
    Ok(vec![
        ("database", views.render(visitor, &offer(false, false))?),
        ("database-token", views.render(visitor, &offer(true, true))?),
        (
            "database-command",
            views.render(visitor, &DatabasePage::default())?,
        ),
        ("administrator", views.render(visitor, &administrator)?),
        ("administrator-wrong", views.render(visitor, &corrected)?),
        ("sites", views.render(member, &list)?),
        ("site", views.render(member, &fresh)?),
        ("site-saved", views.render(member, &saved)?),
        ("site-wrong", views.render(member, &refused)?),
        ("site-shown", views.render(member, &shown)?),
    ])
}

fn error(field: &str, message: &str) -> (String, Vec<String>) {
    (field.to_owned(), vec![message.to_owned()])
}
