//! Samples of runs and executions.

use super::world::{attachments, before, case, person, progress, status_of};
use crate::page::{
    Change, Comment, ExecutionPanel, ExecutionRights, ExecutionRow, HistoryEntry, Link, Named,
    Neighbours, Property, RunPage,
};
use crate::{SafeHtml, Statuses};

pub(super) fn rows(statuses: &Statuses, total: usize, focus: Option<usize>) -> Vec<ExecutionRow> {
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

pub(super) fn run(
    statuses: &Statuses,
    total: usize,
    focus: Option<usize>,
    filter: &[i32],
) -> RunPage {
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
        attachments: Some(attachments("/runs/9/")),
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

pub(super) fn panel(statuses: &Statuses, index: usize) -> ExecutionPanel {
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
