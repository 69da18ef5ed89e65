//! Samples of the page of a person.

use super::Picture;
use super::world::{before, person};
use crate::page::{PersonalFacts, ProfileItem, ProfilePage, ProfileResult, Section};
use crate::{Chrome, Result, Statuses, Views};

pub(super) fn pictures(
    views: &Views,
    member: &Chrome,
    statuses: &Statuses,
) -> Result<Vec<Picture>> {
    let item = |id, name: &str, remark: &str| ProfileItem {
        id,
        name: name.to_owned(),
        remark: remark.to_owned(),
    };
    let result = |id, summary: &str, status, minutes: Option<i64>| ProfileResult {
        id,
        run: 9,
        summary: summary.to_owned(),
        status: statuses.get(status).cloned(),
        done: minutes.map(before),
    };
    let own = ProfilePage {
        person: person(0),
        is_own: true,
        is_active: true,
        is_member: true,
        groups: vec!["Administrator".to_owned(), "Tester".to_owned()],
        personal: Some(PersonalFacts {
            email: "ann.soerensen@harbour-goods.example".to_owned(),
            last_login: Some(before(20)),
            joined: before(600_000),
        }),
        runs: Some(Section {
            items: vec![item(9, "Release 4.2, payment", "Web shop 4.2-rc3")],
        }),
        assigned: Some(Section {
            items: vec![
                result(700, "Pay with a saved card", 1, None),
                result(701, "Refund a partly delivered order", 3, None),
            ],
        }),
        results: Some(Section {
            items: vec![
                result(702, "Search finds products by article number", 4, Some(12)),
                result(
                    703,
                    "Guest checkout asks for an e-mail address only once, also when the first \
                     payment was refused",
                    5,
                    Some(45),
                ),
            ],
        }),
        plans: Some(Section {
            items: vec![item(3, "Checkout", "Web shop")],
        }),
        cases: Some(Section {
            items: vec![item(100, "Two discounts cannot be combined", "Web shop")],
        }),
    };
    let nothing = || Some(Section { items: vec![] });
    let left = ProfilePage {
        person: person(3),
        is_own: false,
        is_active: false,
        is_member: false,
        groups: vec![],
        personal: None,
        runs: nothing(),
        assigned: None,
        results: None,
        plans: Some(Section { items: vec![] }),
        cases: Some(Section { items: vec![] }),
    };
    Ok(vec![
        ("profile", views.render(member, &own)?),
        ("profile-left", views.render(member, &left)?),
    ])
}
