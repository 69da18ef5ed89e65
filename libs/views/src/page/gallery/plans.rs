//! Samples of plans.

use super::world::{attachments, before, case, person, progress};
use crate::page::{Named, PlanPage, PlanRights, PlanRun, TreeNode};
use crate::{SafeHtml, Statuses};

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

pub(super) fn plan(statuses: &Statuses) -> PlanPage {
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
        attachments: Some(attachments("/plan/3/")),
        can: PlanRights { view_runs: true },
    }
}

pub(super) fn empty_plan() -> PlanPage {
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
        attachments: None,
        can: PlanRights::default(),
    }
}
