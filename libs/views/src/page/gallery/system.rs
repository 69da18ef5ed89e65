//! Samples of the state of an installation.

use chrono::Duration;

use super::Picture;
use super::world::{before, now};
use crate::page::{Fact, Finding, RecoveryPage, Subject, SystemPage, TaskRow, TaskState};
use crate::{Chrome, Result, UserMenu, Views};

pub(super) fn pictures(views: &Views, member: &Chrome) -> Result<Vec<Picture>> {
    let operator = Chrome {
        user: Some(UserMenu {
            runs_system: true,
            ..UserMenu::new(1, "ann", "Ann Sørensen")
        }),
        ..member.clone()
    };
    let sound = SystemPage {
        looked_at: now(),
        findings: vec![],
        subjects: subjects(),
        tasks: vec![task("sessions", "delete expired sessions", TaskState::DONE)],
    };
    let troubled = SystemPage {
        findings: findings(),
        tasks: vec![
            task("sessions", "delete expired sessions", TaskState::DONE),
            TaskRow {
                detail: "/srv/backups: No space left on device (os error 28)".to_owned(),
                ..task(
                    "backup",
                    "take a backup and remove old ones",
                    TaskState::FAILED,
                )
            },
            task("attempts", "forget old failed log-ins", TaskState::RUNNING),
            TaskRow {
                last: None,
                seconds: None,
                next: None,
                detail: String::new(),
                ..task(
                    "files",
                    "remove uploaded files that no record knows for a day",
                    TaskState::NEW,
                )
            },
        ],
        ..sound.clone()
    };
    let way_in = RecoveryPage {
        key: "5b1c".to_owned(),
    };
    let wrong = RecoveryPage { key: String::new() };
    let visitor = Chrome::visitor("en", now());
    Ok(vec![
        ("recovery", views.render(&visitor, &way_in)?),
        ("recovery-wrong", views.render(&visitor, &wrong)?),
        ("system", views.render(&operator, &sound)?),
        ("system-troubled", views.render(&operator, &troubled)?),
    ])
}

fn findings() -> Vec<Finding> {
    vec![
        Finding::new(
            true,
            "migrations",
            "tenant harbour is failed: relation \"bug\" does not exist",
            "run `kiwi tenant migrate harbour`",
        ),
        Finding::new(
            false,
            "mail",
            "2 mails were given up",
            "`kiwi mail list --state dead` says why; `kiwi mail retry --state dead` tries again",
        ),
        Finding::new(
            false,
            "disk",
            "the disk of /var/lib/kiwi-with-a-rather-long-name/uploads is 94 % full, 1.2 GiB are left",
            "make room, or move uploads to a larger disk",
        ),
    ]
}

fn subjects() -> Vec<Subject> {
    let subject = |key, facts| Subject { key, facts };
    vec![
        subject(
            "system-program",
            vec![
                Fact::text("system-version", "0.1.0"),
                Fact::moment("system-started", before(4_000), ""),
                Fact::text("system-domain", "kiwi.example.org"),
            ],
        ),
        subject(
            "system-database",
            vec![
                Fact::text("system-database-version", "18.1"),
                Fact::text("system-database-size", "1.4 GiB"),
                Fact::text("system-migrations", "all applied, newest 12"),
            ],
        ),
        subject(
            "system-mail",
            vec![
                Fact::text("system-mail-waiting", "3"),
                Fact::text("system-mail-dead", "2"),
                Fact::moment("system-mail-test", before(90_000), "sent"),
            ],
        ),
        subject(
            "system-certificate",
            vec![
                Fact::text("system-certificate-subject", "CN=*.kiwi.example.org"),
                Fact::moment(
                    "system-certificate-until",
                    now() + Duration::days(61),
                    "61 days left",
                ),
            ],
        ),
        subject(
            "system-storage",
            vec![
                Fact::text("system-storage-place", "/Kiwi/uploads"),
                Fact::text("system-disk", "61 % full, 39 GiB left"),
            ],
        ),
        subject(
            "system-backups",
            vec![
                Fact::moment(
                    "system-backup",
                    before(600),
                    "/srv/backups/kiwi-2026-08-31T22-40-00Z: 4 tenants, 1204331 rows, 912 files, \
                     1.4 GiB, took 2m 11s",
                ),
                Fact::moment(
                    "system-verification",
                    before(2_000),
                    "the backup of 2026-08-30T22:40:00+00:00 can be restored: 4 tenants, 1201118 \
                     rows, 907 files, 1.4 GiB, took 6m 40s",
                ),
                Fact::text("system-backup-plan", "daily 02:30 UTC, /srv/backups"),
                Fact::text("system-verification-plan", "at Sun 04:30 UTC, /srv/backups"),
            ],
        ),
    ]
}

fn task(name: &str, about: &str, state: TaskState) -> TaskRow {
    TaskRow {
        name: name.to_owned(),
        about: about.to_owned(),
        rhythm: "every 1 h".to_owned(),
        state,
        last: Some(before(20)),
        seconds: Some(3),
        next: Some(before(-40)),
        detail: "12 deleted".to_owned(),
    }
}
