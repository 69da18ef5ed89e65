//! The imagined shop whose tests the samples show.

use chrono::{DateTime, Duration, Utc};

use crate::page::{AttachedFile, Attachments, CaseRow, Person};
use crate::{Brand, Chrome, Level, Message, NavigationItem, Progress, Statuses, UserMenu};

/// Summaries of cases of an imagined shop.
const SUMMARIES: [&str; 14] = [
    "Pay with a saved card",
    "Pay with a voucher that covers the whole amount",
    "Refund a partly delivered order",
    "Change the delivery address after payment",
    "Cart survives a new log-in on another device",
    "Search finds products by article number",
    "Guest checkout asks for an e-mail address only once, also when the first payment was refused",
    "Two discounts cannot be combined",
    "Stock is reserved for fifteen minutes",
    "Invoice shows the tax of the destination country",
    "Screen reader announces price changes",
    "Order history can be exported",
    "Language switch keeps the filter",
    "Expired session returns to the cart",
];

pub(super) const PEOPLE: [(&str, &str); 4] = [
    ("ann", "Ann Sørensen"),
    ("joao", "João Pires"),
    ("mei", "Mei Tanaka"),
    ("qa-bot", ""),
];

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_788_252_000, 0).unwrap_or_default()
}

pub(super) fn before(minutes: i64) -> DateTime<Utc> {
    now() - Duration::minutes(minutes)
}

pub(super) fn person(index: usize) -> Person {
    let (username, name) = PEOPLE[index % PEOPLE.len()];
    Person::new(index as i32 + 1, username, name)
}

pub(super) fn member() -> Chrome {
    Chrome {
        brand: Brand {
            tenant: Some("Harbour Goods".to_owned()),
            ..Brand::default()
        },
        user: Some(UserMenu {
            tracker_tokens: true,
            ..UserMenu::new(1, "ann", "Ann Sørensen")
        }),
        navigation: vec![NavigationItem::dashboard(false)],
        csrf: "sample-token".to_owned(),
        version: Some("0.1.0".to_owned()),
        ..Chrome::visitor("en", now())
    }
}

pub(super) fn attachments(back: &str) -> Attachments {
    let file = |id: i32, name: &str, can_delete| AttachedFile {
        id,
        name: name.to_owned(),
        url: format!("/uploads/attachments/testplans_testplan/3/{name}"),
        owner: person(id as usize),
        created: before(i64::from(id) * 300),
        can_delete,
    };
    Attachments {
        files: vec![
            file(1, "screenshot.png", true),
            file(
                2,
                "a_log_of_the_sandbox_with_a_long_name_2026-01-31.txt",
                false,
            ),
        ],
        add: Some("/attachments/add-for/testplans/testplan/3/".to_owned()),
        back: back.to_owned(),
    }
}

pub(super) fn messages() -> Vec<Message> {
    [
        (Level::Success, "The plan was saved.", None),
        (
            Level::Info,
            "The server will be restarted at 18:00 UTC.",
            None,
        ),
        (
            Level::Warning,
            "The address of this site is still the default one.",
            Some((
                "Change it".to_owned(),
                "/admin/sites/site/1/change/".to_owned(),
            )),
        ),
        (
            Level::Danger,
            "The file is larger than 5 MiB and was not stored.",
            None,
        ),
    ]
    .map(|(level, text, link)| Message {
        level,
        text: text.to_owned(),
        link,
    })
    .into()
}

pub(super) fn progress(statuses: &Statuses, total: usize, chosen: &[i32]) -> Progress {
    let counts: Vec<(i32, i64)> = (0..total).map(|index| (status_of(index), 1)).collect();
    Progress::new(statuses, &counts, chosen)
}

pub(super) fn status_of(index: usize) -> i32 {
    [4, 4, 5, 4, 8, 1, 4, 6, 1, 2, 4, 1, 7, 1, 3, 1][index % 16]
}

pub(super) fn case(index: usize) -> CaseRow {
    let confirmed = index % 7 != 4;
    CaseRow {
        id: 100 + index as i32,
        summary: SUMMARIES[index % SUMMARIES.len()].to_owned(),
        status: if confirmed {
            "CONFIRMED"
        } else {
            "NEED_UPDATE"
        }
        .to_owned(),
        confirmed,
        automated: index.is_multiple_of(3),
        priority: format!("P{}", index % 4 + 1),
        category: ["Payment", "Cart", "--default--"][index % 3].to_owned(),
        author: "ann".to_owned(),
        tester: (index % 4 != 3).then(|| PEOPLE[index % 4].0.to_owned()),
    }
}
