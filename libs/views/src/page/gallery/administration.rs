//! Samples of the pages of those who run a server.

use super::Picture;
use crate::page::{
    AdministratorPage, DatabasePage, Offer, SiteListPage, SiteNotice, SitePage,
    TrackerTokenDeletePage, TrackerTokenListPage, TrackerTokenPage, TrackerTokenRow,
};
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
    let mut pictures = vec![
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
    ];
    pictures.extend(tracker_tokens(views, member)?);
    Ok(pictures)
}

fn tracker_tokens(views: &Views, member: &Chrome) -> Result<Vec<Picture>> {
    const JIRA: &str = "https://harbour-goods.atlassian.example";
    const LONG: &str = "https://gitlab.tools.harbour-goods.example/groups/shop-and-logistics/a-repository-with-a-long-name";
    let urls = || vec![JIRA.to_owned(), LONG.to_owned()];
    let row = |id, url: &str, name: &str| TrackerTokenRow {
        id,
        base_url: url.to_owned(),
        api_username: name.to_owned(),
    };
    let list = TrackerTokenListPage {
        owner: "ann".to_owned(),
        tokens: vec![row(3, JIRA, "ann@example.org"), row(12, LONG, "")],
        may_add: true,
        may_change: true,
        may_delete: true,
    };
    let empty = TrackerTokenListPage {
        tokens: vec![],
        ..list.clone()
    };
    let shown = TrackerTokenListPage {
        may_add: false,
        may_change: false,
        may_delete: false,
        ..list.clone()
    };
    let moved = [error(
        "api_password",
        "Enter the password for this tracker; the stored one was meant for \
         https://harbour-goods.atlassian.example.",
    )];
    let add = TrackerTokenPage::add(urls(), JIRA, "", &[]);
    let change = TrackerTokenPage::change(3, urls(), JIRA, "ann@example.org", &[]);
    let wrong = TrackerTokenPage::change(3, urls(), LONG, "ann@example.org", &moved);
    let delete = TrackerTokenDeletePage {
        id: 3,
        base_url: LONG.to_owned(),
    };
    let nowhere = TrackerTokenPage::without_tracker();
    Ok(vec![
        ("tracker-tokens", views.render(member, &list)?),
        ("tracker-tokens-empty", views.render(member, &empty)?),
        ("tracker-tokens-shown", views.render(member, &shown)?),
        ("tracker-token-add", views.render(member, &add)?),
        ("tracker-token-nowhere", views.render(member, &nowhere)?),
        (
            "tracker-token",
            views.render(member, &change.deletable(true))?,
        ),
        (
            "tracker-token-wrong",
            views.render(member, &wrong.deletable(true))?,
        ),
        ("tracker-token-delete", views.render(member, &delete)?),
    ])
}

fn error(field: &str, message: &str) -> (String, Vec<String>) {
    (field.to_owned(), vec![message.to_owned()])
}
