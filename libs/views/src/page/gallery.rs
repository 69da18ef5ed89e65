//! Example data for every page: what the tests render and what the preview shows.

use chrono::{DateTime, Duration, Utc};

use super::{
    CaseRow, Change, Comment, DashboardPage, DatabasePage, ErrorPage, ExecutionPanel,
    ExecutionRights, ExecutionRow, HistoryEntry, Link, LoginPage, Named, Neighbours, PanelFragment,
    Person, PlanPage, PlanRights, PlanRun, PlanSummary, ProgressFragment, Property, Refusal,
    RowsFragment, RunPage, RunSummary, TreeNode,
};
use crate::{
    Brand, Chrome, Level, Message, NavigationItem, Progress, Result, SafeHtml, Statuses,
    StoredStatus, UserMenu, Views,
};

/// A page of the gallery: its name and its HTML.
pub type Picture = (&'static str, String);

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

const PEOPLE: [(&str, &str); 4] = [
    ("ann", "Ann Sørensen"),
    ("joao", "João Pires"),
    ("mei", "Mei Tanaka"),
    ("qa-bot", ""),
];

/// The statuses of a fresh installation.
pub fn shipped_statuses() -> Vec<StoredStatus> {
    [
        (1, "IDLE", 0, "fa fa-question-circle-o", "#72767b"),
        (2, "RUNNING", 0, "fa fa-play-circle-o", "#72767b"),
        (3, "PAUSED", 0, "fa fa-pause-circle-o", "#72767b"),
        (4, "PASSED", 20, "fa fa-check-circle-o", "#92d400"),
        (5, "FAILED", -30, "fa fa-times-circle-o", "#cc0000"),
        (6, "BLOCKED", -10, "fa fa-stop-circle-o", "#cc0000"),
        (7, "ERROR", -20, "fa fa-minus-circle", "#cc0000"),
        (8, "WAIVED", 10, "fa fa-commenting-o", "#92d400"),
    ]
    .map(|(id, name, weight, icon, color)| StoredStatus {
        id,
        name: name.to_owned(),
        weight,
        icon: icon.to_owned(),
        color: color.to_owned(),
    })
    .into()
}

/// Renders every page and fragment with every sample.
pub fn pictures(views: &Views) -> Result<Vec<Picture>> {
    let statuses = views.statuses(shipped_statuses(), "en");
    let visitor = Chrome {
        registration: false,
        ..Chrome::visitor("en", now())
    };
    let member = member();
    let busy = Chrome {
        messages: messages(),
        ..member.clone()
    };
    let bare = Chrome {
        bare: true,
        ..member.clone()
    };
    let refused = LoginPage {
        username: "ann".to_owned(),
        next: "/runs/9/".to_owned(),
        errors: vec![LoginPage::WRONG],
        ..LoginPage::default()
    };
    let throttled = LoginPage {
        errors: vec![LoginPage::THROTTLED],
        retry_after: 30,
        ..LoginPage::default()
    };
    let mut pictures = vec![
        ("login", views.render(&visitor, &LoginPage::default())?),
        ("login-refused", views.render(&visitor, &refused)?),
        ("login-throttled", views.render(&visitor, &throttled)?),
        ("dashboard", views.render(&member, &dashboard(&statuses))?),
        ("dashboard-empty", views.render(&busy, &empty_dashboard())?),
        ("plan", views.render(&member, &plan(&statuses))?),
        ("plan-empty", views.render(&member, &empty_plan())?),
        (
            "run",
            views.render(&member, &run(&statuses, 60, None, &[]))?,
        ),
        (
            "run-focus",
            views.render(&member, &run(&statuses, 60, Some(7), &[]))?,
        ),
        (
            "run-filtered",
            views.render(&member, &run(&statuses, 60, None, &[5, 6]))?,
        ),
        (
            "run-empty",
            views.render(&bare, &run(&statuses, 0, None, &[]))?,
        ),
        (
            "run-500",
            views.render(&member, &run(&statuses, 500, None, &[]))?,
        ),
        (
            "database",
            views.render(&visitor, &DatabasePage { offer: true })?,
        ),
        (
            "database-command",
            views.render(&visitor, &DatabasePage { offer: false })?,
        ),
    ];
    for (name, page) in errors() {
        let chrome = if page.status >= 500 {
            &visitor
        } else {
            &member
        };
        pictures.push((name, views.render(chrome, &page)?));
    }
    let panel = PanelFragment {
        panel: panel(&statuses, 9),
    };
    let rows = RowsFragment {
        executions: rows(&statuses, 2, None),
    };
    let progress = ProgressFragment {
        id: 9,
        progress: progress(&statuses, 60, &[]),
    };
    pictures.extend([
        ("fragment-panel", views.fragment(&member, &panel)?),
        ("fragment-rows", views.fragment(&member, &rows)?),
        ("fragment-progress", views.fragment(&member, &progress)?),
    ]);
    Ok(pictures)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_788_252_000, 0).unwrap_or_default()
}

fn before(minutes: i64) -> DateTime<Utc> {
    now() - Duration::minutes(minutes)
}

fn person(index: usize) -> Person {
    let (username, name) = PEOPLE[index % PEOPLE.len()];
    Person::new(index as i32 + 1, username, name)
}

fn member() -> Chrome {
    Chrome {
        brand: Brand {
            tenant: Some("Harbour Goods".to_owned()),
            ..Brand::default()
        },
        user: Some(UserMenu::new(1, "ann", "Ann Sørensen")),
        navigation: vec![NavigationItem::dashboard(false)],
        csrf: "sample-token".to_owned(),
        version: Some("0.1.0".to_owned()),
        ..Chrome::visitor("en", now())
    }
}

fn messages() -> Vec<Message> {
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

fn progress(statuses: &Statuses, total: usize, chosen: &[i32]) -> Progress {
    let counts: Vec<(i32, i64)> = (0..total).map(|index| (status_of(index), 1)).collect();
    Progress::new(statuses, &counts, chosen)
}

fn status_of(index: usize) -> i32 {
    [4, 4, 5, 4, 8, 1, 4, 6, 1, 2, 4, 1, 7, 1, 3, 1][index % 16]
}

fn dashboard(statuses: &Statuses) -> DashboardPage {
    let runs = [
        (
            "Release 4.2, payment",
            "Checkout",
            "4.2-rc3",
            Some(3_000),
            None,
            21,
            160,
        ),
        (
            "Nightly regression of the shop with an unusually long title that has to be cut",
            "Regression",
            "4.3-dev.118",
            Some(600),
            Some(-2_000),
            0,
            500,
        ),
        (
            "Accessibility round, autumn",
            "Accessibility",
            "4.2-rc3",
            None,
            Some(9_000),
            4,
            12,
        ),
    ];
    let plans = [
        ("Checkout", "Function", 60, 4),
        ("Accessibility", "Acceptance", 12, 1),
        ("Smoke", "Smoke", 1, 31),
    ];
    DashboardPage {
        run_total: 3,
        runs: (9..)
            .zip(runs)
            .map(
                |(id, (summary, plan, build, started, planned, mine, total))| RunSummary {
                    id,
                    summary: summary.to_owned(),
                    plan: Named::new(id, plan),
                    product: "Web shop 4.2".to_owned(),
                    build: build.to_owned(),
                    started: started.map(before),
                    planned_stop: planned.map(|minutes: i64| before(-minutes)),
                    late: planned.is_some_and(|minutes| minutes < 0),
                    mine,
                    progress: progress(statuses, total, &[]),
                },
            )
            .collect(),
        plan_total: 4,
        plans_disabled: 1,
        plans: (3..)
            .zip(plans)
            .map(|(id, (name, kind, cases, runs))| PlanSummary {
                id,
                name: name.to_owned(),
                product: "Web shop".to_owned(),
                version: "4.2".to_owned(),
                kind: kind.to_owned(),
                cases,
                runs,
            })
            .collect(),
    }
}

fn empty_dashboard() -> DashboardPage {
    DashboardPage {
        runs: Vec::new(),
        run_total: 0,
        plans: Vec::new(),
        plan_total: 0,
        plans_disabled: 0,
    }
}

fn case(index: usize) -> CaseRow {
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

fn node(id: i32, name: &str, children: Vec<TreeNode>) -> TreeNode {
    TreeNode {
        id,
        name: name.to_owned(),
        active: id != 8,
        current: id == 3,
        open: false,
        cases: i64::from(id) * 7,
        children,
    }
}

fn plan(statuses: &Statuses) -> PlanPage {
    let mut tree = vec![node(
        1,
        "Web shop",
        vec![
            node(
                2,
                "Release 4.2",
                vec![
                    node(3, "Checkout", vec![node(4, "Vouchers", Vec::new())]),
                    node(8, "Old basket", Vec::new()),
                ],
            ),
            node(5, "Release 4.1", vec![node(6, "Smoke", Vec::new())]),
        ],
    )];
    TreeNode::open_path(&mut tree);
    PlanPage {
        id: 3,
        name: "Checkout".to_owned(),
        active: true,
        text: SafeHtml::from_markdown(
            "## Scope\nEverything between *Buy now* and the confirmation mail.\n\n\
             - cards, vouchers, invoices\n- **no** subscriptions\n\n\
             | device | browser |\n|---|---|\n| laptop | Firefox |\n| phone | Chromium |\n\n\
             ```\nshop --env staging --seed 42\n```\n\n\
             ## Entry\nThe build is deployed on staging and the payment sandbox answers.",
        ),
        author: Some(person(0)),
        created: before(40_000),
        product: Named::new(1, "Web shop"),
        version: Named::new(2, "4.2"),
        kind: Named::new(3, "Function"),
        link: Some("https://wiki.example.org/checkout".to_owned()),
        parent: Some(Named::new(2, "Release 4.2")),
        tree,
        cases: (0..60).map(case).collect(),
        runs: vec![PlanRun {
            id: 9,
            summary: "Release 4.2, payment".to_owned(),
            build: "4.2-rc3".to_owned(),
            progress: progress(statuses, 60, &[]),
        }],
        tags: ["payment", "release"].map(str::to_owned).into(),
        can: PlanRights { view_runs: true },
    }
}

fn empty_plan() -> PlanPage {
    PlanPage {
        id: 12,
        name: "<b>Not bold</b> & \"quoted\"".to_owned(),
        active: false,
        text: SafeHtml::default(),
        author: None,
        created: before(10),
        product: Named::new(1, "Web shop"),
        version: Named::new(2, "unspecified"),
        kind: Named::new(3, "Unit"),
        link: None,
        parent: None,
        tree: Vec::new(),
        cases: Vec::new(),
        runs: Vec::new(),
        tags: Vec::new(),
        can: PlanRights::default(),
    }
}

fn rows(statuses: &Statuses, total: usize, focus: Option<usize>) -> Vec<ExecutionRow> {
    (0..total)
        .filter_map(|index| {
            let status = statuses.get(status_of(index))?;
            let case = case(index);
            Some(ExecutionRow {
                id: 700 + index as i32,
                case_id: case.id,
                summary: case.summary,
                status: status.clone(),
                priority: case.priority,
                category: case.category,
                assignee: case.tester,
                tested_by: (status_of(index) != 1).then(|| "mei".to_owned()),
                focused: focus == Some(index),
            })
        })
        .collect()
}

fn run(statuses: &Statuses, total: usize, focus: Option<usize>, filter: &[i32]) -> RunPage {
    let mut executions = rows(statuses, total, focus);
    executions.retain(|row| filter.is_empty() || filter.contains(&row.status.id));
    RunPage {
        id: 9,
        summary: "Release 4.2, payment".to_owned(),
        notes: SafeHtml::from_markdown("Use the **sandbox** cards only."),
        plan: Named::new(3, "Checkout"),
        product: Named::new(1, "Web shop"),
        version: Named::new(2, "4.2"),
        build: Named::new(5, "4.2-rc3"),
        manager: Some(person(0)),
        default_tester: Some(person(2)),
        planned_start: None,
        started: Some(before(3_000)),
        planned_stop: Some(before(-4_000)),
        finished: None,
        properties: vec![Property {
            name: "browser".to_owned(),
            value: "Firefox 140".to_owned(),
        }],
        tags: vec!["release".to_owned()],
        progress: progress(statuses, total, filter),
        statuses: statuses.clone(),
        filter: filter.to_vec(),
        executions,
        panel: focus.map(|index| panel(statuses, index)),
        can: ExecutionRights {
            change: true,
            comment: true,
        },
    }
}

fn panel(statuses: &Statuses, index: usize) -> ExecutionPanel {
    let row = rows(statuses, index + 1, None).swap_remove(index);
    ExecutionPanel {
        id: row.id,
        run: Named::new(9, "Release 4.2, payment"),
        case_id: row.case_id,
        summary: row.summary,
        text: SafeHtml::from_markdown(
            "**Given** a cart with two articles and a saved card\n\n\
             1. Open the cart and choose *Buy now*.\n2. Choose the saved card, enter the code `123`.\n\
             3. Confirm.\n\n**Then** the order is confirmed within five seconds and a mail arrives.",
        ),
        notes: SafeHtml::from_markdown("The sandbox refuses amounts that end in *.13*."),
        text_version: Some(41),
        outdated: index.is_multiple_of(2),
        status: row.status,
        statuses: statuses.clone(),
        priority: row.priority,
        category: row.category,
        automated: false,
        build: "4.2-rc3".to_owned(),
        assignee: Some(person(0)),
        tested_by: Some(person(2)),
        started: Some(before(100)),
        finished: Some(before(60)),
        properties: vec![Property {
            name: "locale".to_owned(),
            value: "pt-BR".to_owned(),
        }],
        comments: vec![Comment {
            id: 1,
            author: "Mei Tanaka".to_owned(),
            initials: "MT".to_owned(),
            submitted: before(60),
            text: SafeHtml::from_markdown("Code field stays **disabled** after going back."),
        }],
        links: vec![
            Link {
                id: 1,
                name: "SHOP-812 Code field disabled".to_owned(),
                url: "https://bugs.example.org/812".to_owned(),
                defect: true,
            },
            Link {
                id: 2,
                name: "https://ci.example.org/jobs/118".to_owned(),
                url: "https://ci.example.org/jobs/118".to_owned(),
                defect: false,
            },
        ],
        history: Some(vec![HistoryEntry {
            at: before(60),
            by: "mei".to_owned(),
            changes: vec![Change {
                field: "status".to_owned(),
                old: "IDLE".to_owned(),
                new: "BLOCKED".to_owned(),
            }],
        }]),
        neighbours: Some(Neighbours {
            position: index + 1,
            total: 60,
            previous: (index > 0).then_some(699 + index as i32),
            next: Some(701 + index as i32),
        }),
        back: "/runs/9/".to_owned(),
        filter: Vec::new(),
        can: ExecutionRights {
            change: true,
            comment: true,
        },
    }
}

fn errors() -> Vec<(&'static str, ErrorPage)> {
    let id = "01K4ZD2V7N8Q";
    vec![
        ("error-400", ErrorPage::new(400, id)),
        ("error-402", ErrorPage::new(402, id)),
        (
            "error-403",
            ErrorPage::forbidden(
                id,
                Refusal {
                    permission: "testruns.view_testrun".to_owned(),
                    groups: vec!["Guests".to_owned()],
                    next: "/runs/9/?status_id=4".to_owned(),
                },
            ),
        ),
        ("error-csrf", ErrorPage::stale_form(id)),
        ("error-member", ErrorPage::not_a_member(id)),
        ("error-404", ErrorPage::new(404, id)),
        ("error-host", ErrorPage::unknown_host(id)),
        ("error-405", ErrorPage::new(405, id)),
        ("error-413", ErrorPage::new(413, id)),
        ("error-418", ErrorPage::new(418, id)),
        (
            "error-429",
            ErrorPage {
                retry_after: Some(5),
                ..ErrorPage::new(429, id)
            },
        ),
        ("error-500", ErrorPage::new(500, id)),
        (
            "error-503",
            ErrorPage {
                retry_after: Some(10),
                ..ErrorPage::new(503, id)
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gallery() -> Vec<Picture> {
        let views = Views::new().expect("embedded files are valid");
        pictures(&views).expect("every sample can be rendered")
    }

    #[test]
    fn every_page_renders_with_every_sample() {
        for (name, html) in gallery() {
            assert!(!html.trim().is_empty(), "{name} is empty");
            assert!(!html.contains("[object]"), "{name} prints an object");
            assert!(!html.contains("{{"), "{name} has an unfilled place");
        }
    }

    #[test]
    fn pages_obey_the_content_security_policy() {
        for (name, html) in gallery() {
            for forbidden in [
                "style=\"",
                "<style",
                " onclick=",
                " onload=",
                "javascript:",
                "http://",
            ] {
                assert!(!html.contains(forbidden), "{name} contains {forbidden}");
            }
            for script in html.split("<script").skip(1) {
                let tag = script.split('>').next().unwrap_or_default();
                assert!(
                    tag.contains("src=\"/static/") || tag.contains("application/json"),
                    "{name} has an inline script"
                );
            }
        }
    }

    #[test]
    fn text_from_people_is_escaped() {
        let (_, html) = gallery()
            .into_iter()
            .find(|(name, _)| *name == "plan-empty")
            .expect("in the gallery");
        assert!(html.contains("&lt;b&gt;Not bold&lt;/b&gt; &amp; &quot;quoted&quot;"));
        assert!(!html.contains("<b>Not bold"));
    }

    #[test]
    fn names_that_outside_scripts_use_are_there() {
        let pages = gallery();
        let html = |wanted: &str| {
            pages
                .iter()
                .find(|(name, _)| *name == wanted)
                .map(|(_, html)| html.as_str())
                .unwrap_or_default()
        };
        for piece in [
            "<body id=\"page-testruns-get\"",
            "id=\"test_run_pk\" data-pk=\"9\" data-plan-pk=\"3\"",
            "id=\"test-execution-700\"",
            "test-execution-700 test-execution-case-100",
            "id=\"navbar\" data-defaultpagesize=\"100\"",
            "id=\"clock\" data-time-zone=\"UTC\"",
            "id=\"user-menu\"",
            "id=\"logout_link\"",
            "id=\"logout_form\"",
            "id=\"count-for-status-4\"",
            "name=\"csrfmiddlewaretoken\" value=\"sample-token\"",
        ] {
            assert!(html("run").contains(piece), "the run page lacks {piece}");
        }
        assert!(html("plan").contains("id=\"test_plan_pk\" data-testplan-pk=\"3\""));
        assert!(html("plan").contains("<body id=\"page-testplans-get\""));
        assert!(html("login").contains("id=\"inputUsername\""));
        assert!(html("login").contains("id=\"inputPassword\""));
        assert!(html("login").contains("<title>Kiwi - "));
    }
}
